"""Side effects leave after commit: a letter is written with the facts, delivered later, once.

``put`` is idempotent by key. ``deliver_due`` claims by compare-and-set, so any number of
workers may run it; a letter whose worker died is claimed again when its claim runs out.
"""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Json, Model, session
from lms.core.uow import unit_of_work

log = logging.getLogger(__name__)
CLAIM = timedelta(minutes=2)
MOST_TRIES = 8
AT_ONCE = 500  # letters in one statement

Handler = Callable[[Json], None]


class Letter(Model):
    """Something to be done outside the database; ``key`` makes it happen at most once."""

    __tablename__ = "outbox_letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    payload: Mapped[Json]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    claim: Mapped[str] = mapped_column(String(32), default="")
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(index=True)
    failed_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(300), default="")


def put(kind: str, key: str, payload: Json, due_at: datetime | None = None) -> bool:
    """Write a letter in the present unit of work; False if its key was there already."""
    sess = session()
    if sess.scalar(select(Letter.id).where(Letter.key == key)) is not None:
        return False
    now = clock.now()
    sess.add(Letter(kind=kind, key=key, payload=payload, created_at=now, due_at=due_at or now))
    sess.flush()
    return True


def put_many(kind: str, lines: Sequence[tuple[str, Json]], due_at: datetime) -> int:
    """Write many letters, each (key, payload), in the present unit of work; how many were new."""
    sess = session()
    make: Any = postgresql.insert if sess.get_bind().dialect.name == "postgresql" else sqlite.insert
    now, new = clock.now(), 0
    for start in range(0, len(lines), AT_ONCE):
        rows = [
            {"kind": kind, "key": key, "payload": payload, "created_at": now, "due_at": due_at,
             "claim": "", "tries": 0, "error": ""}
            for key, payload in lines[start : start + AT_ONCE]
        ]  # fmt: skip
        query = make(Letter).values(rows).on_conflict_do_nothing(index_elements=["key"])
        new += len(sess.execute(query.returning(Letter.id)).all())
    return new


def deliver_due(handlers: Mapping[str, Handler], limit: int = 50) -> int:
    """Deliver up to ``limit`` letters that are due; returns how many were delivered."""
    now = clock.now()
    due = (
        select(Letter.id, Letter.claim)
        .where(Letter.done_at.is_(None), Letter.failed_at.is_(None), Letter.due_at <= now)
        .order_by(Letter.due_at)
        .limit(limit)
    )
    return sum(_deliver(row.id, row.claim, handlers) for row in session().execute(due).all())


def _deliver(letter_id: int, seen: str, handlers: Mapping[str, Handler]) -> bool:
    mine = secrets.token_hex(16)
    with unit_of_work():
        claimed = session().execute(
            update(Letter)
            .where(Letter.id == letter_id, Letter.claim == seen, Letter.done_at.is_(None))
            .values(claim=mine, tries=Letter.tries + 1, due_at=clock.now() + CLAIM)
        )
        if claimed.rowcount == 0:  # type: ignore[attr-defined]
            return False
    letter = session().get_one(Letter, letter_id, populate_existing=True)
    try:
        with unit_of_work():
            handlers[letter.kind](letter.payload)
            letter.done_at = clock.now()
    except Exception as error:
        log.exception("outbox letter %s (%s) failed", letter_id, letter.kind)
        _postpone(letter_id, mine, error)
        return False
    return True


def _postpone(letter_id: int, claim: str, error: Exception) -> None:
    with unit_of_work():
        letter = session().get_one(Letter, letter_id, populate_existing=True)
        if letter.claim != claim:
            return
        letter.error = type(error).__name__
        letter.due_at = clock.now() + timedelta(seconds=15 * 2**letter.tries)
        if letter.tries >= MOST_TRIES:
            letter.failed_at = clock.now()
