"""What doors that stand before Flask have in common (docs/decisions/0016 and 0031)."""

import json
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Dialect,
    Engine,
    String,
    any_,
    bindparam,
    event,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.http import parse_cookie

from lms.core.errors import Unavailable
from lms.core.quick import Quick

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def stand_before(app: Flask, door: "Callable[[WSGIApplication], WSGIApplication]") -> None:
    """Put a door before the app, but behind whatever believes a proxy's headers: a door that
    counts by address must see the client's."""
    outer: Any = app.wsgi_app
    if isinstance(outer, ProxyFix):
        outer.app = door(outer.app)
    else:
        app.wsgi_app = door(outer)  # type: ignore[method-assign, assignment]


def cookies_in(header: str) -> Mapping[str, str]:
    """The cookies of a request, read exactly as Flask reads them: what a door remembers for others
    must not depend on a cookie that it sees and the app does not."""
    return parse_cookie(header)


def among(column: ColumnElement[str], dialect: Dialect) -> ColumnElement[bool]:
    """The condition that a column is one of a Reader's ``keys``."""
    if dialect.name == "postgresql":
        return column == any_(bindparam("keys", type_=ARRAY(String)))
    return column.in_(text("SELECT value FROM json_each(:keys)"))


class _Wish:
    """A row that somebody waits for."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.row: Sequence[Any] | None = None
        self.read = False


class Reader:
    """Rows by key, read by one statement for all who ask at the same time.

    There is one connection in a process, open outside any transaction, so that a read costs the
    statement and nothing else and sees what was committed last. Whoever gets it reads for all who
    wait for it; a reading begins after each of them came.
    """

    def __init__(self, engine: Engine, statement: Quick, key: int) -> None:
        self._engine, self._statement, self._key = engine, statement, key
        self._errors: type[Exception] = engine.dialect.loaded_dbapi.Error
        self._pack: Callable[[list[str]], Any] = (
            list if engine.dialect.name == "postgresql" else json.dumps
        )
        self._wishes: deque[_Wish] = deque()
        self._turn = threading.Lock()
        self._connection: Any = None
        self._process = os.getpid()
        event.listen(engine, "engine_disposed", lambda _engine: self.forget())

    def row(self, key: str) -> Sequence[Any] | None:
        """The row with this key as the driver gives it. Raises Unavailable when it cannot be
        read."""
        wish = _Wish(key)
        self._wishes.append(wish)
        with self._turn:
            if not wish.read and self._wishes:
                self._grant([self._wishes.popleft() for _ in range(len(self._wishes))])
        if not wish.read:
            raise Unavailable
        return wish.row

    def _grant(self, wishes: list[_Wish]) -> None:
        """Read for all of them. Raises Unavailable, and so does ``row`` for the others then."""
        try:
            if self._connection is None:
                self._connection = self._open()
            cursor = self._connection.cursor()
            self._statement.run(cursor, {"keys": self._pack(list({one.key for one in wishes}))})
            found = {row[self._key]: row for row in cursor.fetchall()}
            cursor.close()
        except (SQLAlchemyError, self._errors) as error:
            self._let_go()
            raise Unavailable from error
        for wish in wishes:
            wish.row, wish.read = found.get(wish.key), True

    def forget(self) -> None:
        """Close what is open."""
        with self._turn:
            self._let_go()

    def _let_go(self) -> None:
        """A connection that another process opened is not closed."""
        connection, self._connection = self._connection, None
        if connection is not None and self._process == os.getpid():
            connection.close()

    def _open(self) -> Any:
        fairy = self._engine.raw_connection()
        fairy.detach()
        connection: Any = fairy.dbapi_connection
        connection.rollback()
        if self._engine.dialect.name == "postgresql":
            connection.autocommit = True
        return connection
