"""Who is in touch: noted when a phone asks for the time, written down in bundles.

A note is worth little, so it never waits for the database: each process gathers notes and writes
them together, at most once in ``EVERY`` and at most one a sitting; a crash loses a few seconds of
them and nothing else.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from exams.sittings.models import Presence
from lms.core.db import brief_write, db

EVERY = timedelta(seconds=5)
SAME = timedelta(seconds=15)
_TABLE = cast(Table, Presence.__table__)
_MAKE = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

Note = tuple[datetime, int]


class Book:
    """Notes of one process that wait to be written."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[int, Note] = {}
        self._last: dict[int, Note] = {}
        self._written: datetime | None = None

    def add(self, attempt_id: int, unsent: int, now: datetime) -> dict[int, Note]:
        """Note a sign of life; returns what is to be written now, mostly nothing."""
        with self._lock:
            last = self._last.get(attempt_id)
            if last is None or last[1] != unsent or abs(now - last[0]) >= SAME:
                self._waiting[attempt_id] = self._last[attempt_id] = (now, unsent)
            return self._take(now)

    def due(self, now: datetime) -> dict[int, Note]:
        """What is to be written now."""
        with self._lock:
            return self._take(now)

    def _take(self, now: datetime) -> dict[int, Note]:
        if not self._waiting:
            return {}
        if self._written is not None and abs(now - self._written) < EVERY:
            return {}
        self._written = now
        taken, self._waiting = self._waiting, {}
        if len(self._last) > 5_000:
            self._last = dict(taken)
        return taken


def init_presence(app: Flask) -> None:
    """Give the app its book."""
    app.extensions["presence"] = Book()


def book() -> Book:
    """The book of the present app."""
    found: Book = current_app.extensions["presence"]
    return found


def write(notes: Iterable[tuple[int, Note]]) -> None:
    """Write notes down, in a transaction of their own; an older one never replaces a newer one.
    They are dropped when the database cannot be written just now."""
    rows: list[dict[str, Any]] = [
        {"attempt_id": attempt_id, "seen_at": seen_at, "unsent": unsent}
        for attempt_id, (seen_at, unsent) in sorted(notes)
    ]
    insert: Any = _MAKE[db.engine.dialect.name](_TABLE)
    newer = insert.excluded.seen_at >= _TABLE.c.seen_at
    fresh = {"seen_at": insert.excluded.seen_at, "unsent": insert.excluded.unsent}
    made = insert.on_conflict_do_update(index_elements=["attempt_id"], set_=fresh, where=newer)
    with suppress(OperationalError), brief_write() as connection:
        connection.execute(made, rows)
