"""What doors that stand before Flask have in common (docs/decisions/0016 and 0031)."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.http import parse_cookie
from werkzeug.middleware.proxy_fix import ProxyFix

from lms.core.errors import Unavailable
from lms.core.quick import Quick

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

KEPT = 4  # connections of a process


def stand_before(app: Flask, door: "Callable[[WSGIApplication], WSGIApplication]") -> None:
    """Put a door before the app, but behind whatever believes a proxy's headers: a door that
    counts by address must see the client's."""
    outer: Any = app.wsgi_app
    if isinstance(outer, ProxyFix):
        outer.app = door(outer.app)
    else:
        app.wsgi_app = door(outer)  # type: ignore[method-assign, assignment]


def cookies_in(header: str) -> Mapping[str, str]:
    """The cookies of a request, the first of a name as Flask has it; this site quotes none."""
    if '"' in header:
        return parse_cookie(header)
    pairs = [part.partition("=") for part in header.split(";")]
    return {name.strip(): value.strip() for name, _sign, value in reversed(pairs)}


class Reader:
    """Runs one reading statement on connections of its own, a few for the process.

    They stay open outside any transaction, so that a read costs the statement and nothing else,
    and sees what was committed last. More threads than connections wait for one.
    """

    def __init__(self, engine: Engine, statement: Quick) -> None:
        self._engine, self._statement = engine, statement
        self._errors: type[Exception] = engine.dialect.loaded_dbapi.Error
        # Connections, and None for one that is not open just now.
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(KEPT):
            self._idle.put(None)
        self._process = os.getpid()
        event.listen(engine, "engine_disposed", lambda _engine: self.forget())

    def first(self, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """The first row as the driver gives it. Raises Unavailable when it cannot be read."""
        connection = self._idle.get()
        try:
            if connection is None:
                connection = self._open()
            cursor = connection.cursor()
            self._statement.run(cursor, values)
            row: Sequence[Any] | None = cursor.fetchone()
            cursor.close()
        except (SQLAlchemyError, self._errors) as error:
            if connection is not None:
                connection.close()
            self._idle.put(None)
            self.forget()  # the others have most likely lost the database too
            raise Unavailable from error
        self._idle.put(connection)
        return row

    def forget(self) -> None:
        """Close what is open; a connection that another process opened is only let go of."""
        ours = self._process == os.getpid()
        for _ in range(self._idle.qsize()):
            with suppress(Empty):
                connection = self._idle.get_nowait()
                self._idle.put(None)
                if ours and connection is not None:
                    connection.close()

    def _open(self) -> Any:
        fairy = self._engine.raw_connection()
        fairy.detach()
        connection: Any = fairy.dbapi_connection
        connection.rollback()
        if self._engine.dialect.name == "postgresql":
            connection.autocommit = True
        return connection
