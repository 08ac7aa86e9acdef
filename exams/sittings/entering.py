"""Entering by the express lane: many devices take the pen together.

It takes the first device of a sitting, and the same one again; all else (another device, a paused
clock, a device that was taken away) gets None and goes the ordinary way, which judges anew and
names the reason.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, Select, bindparam, select, update

from exams.entries.models import Entry, ExamEvent
from exams.sittings.express import sitting_of
from exams.sittings.models import AnswerStep, Attempt, SittingEvent
from exams.sittings.pairs import PairQuery, sessions_asking
from exams.sittings.queries import Held
from exams.sittings.starting import device_hash, ensure_open
from lms.core import clock
from lms.core.errors import DomainError
from lms.core.quick import Quick, QuickInsert, cursor_of
from lms.people import api as people


@dataclass(frozen=True, slots=True)
class Entrance:
    """A device that asks for the pen, as it came."""

    session_hash: str
    attempt_id: int
    device: str


@dataclass(frozen=True, slots=True)
class Entered:
    """The sitting as it was read, the epoch to write under, and the instant it was judged by."""

    sitting: Any
    epoch: int
    now: datetime


def _find(dialect: Dialect) -> Select[Any]:
    """The sittings of these sessions, locked, with what the room tells of them."""
    told = (Attempt.released_hash, Attempt.left_count, ExamEvent.switch_mode)
    return (
        sitting_of(*sessions_asking(dialect))
        .join(ExamEvent, ExamEvent.id == Entry.event_id)
        .add_columns(*told, ExamEvent.switch_limit)
        .with_for_update(of=Attempt, skip_locked=True)
    )


class _Statements:
    """The lane's statements for one kind of database."""

    def __init__(self, dialect: Dialect) -> None:
        self.find = PairQuery(_find(dialect), dialect)
        taken = update(Attempt).where(Attempt.id == bindparam("attempt"))
        self.take = Quick(
            taken.values(device_hash=bindparam("device"), epoch=bindparam("number")), dialect
        )
        self.notes = QuickInsert(SittingEvent.__table__, dialect)
        self.held = Quick(
            select(AnswerStep.position, AnswerStep.answer, AnswerStep.seq, AnswerStep.epoch)
            .where(AnswerStep.attempt_id == bindparam("attempt"))
            .order_by(AnswerStep.seq),
            dialect,
        )


_statements: Callable[[Dialect], _Statements] = lru_cache(4)(_Statements)


def write(connection: Connection, items: Sequence[Entrance]) -> Sequence[Entered | None]:
    """Give the pen where nobody else has it; one outcome for each, None for the ordinary way."""
    now, cursor = clock.now(), cursor_of(connection)
    statements = _statements(connection.dialect)
    found = statements.find.rows(cursor, {(i.session_hash, i.attempt_id) for i in items}, now)
    sittings = {(row.token_hash, row.id): row for row in found}
    fresh: dict[int, tuple[Entrance, Any]] = {}
    outcomes: list[Entered | None] = []
    for item in items:
        row = sittings.get((item.session_hash, item.attempt_id))
        epoch = None if row is None or row.id in fresh else _epoch(row, item.device, now)
        outcomes.append(None if epoch is None else Entered(row, epoch, now))
        if row is not None and epoch is not None and row.epoch != epoch:
            fresh[row.id] = item, row
    for item, row in fresh.values():
        given = {"attempt": row.id, "device": device_hash(item.device), "number": 1}
        statements.take.run(cursor, given)
    statements.notes.run(cursor, [_note(row, now) for _item, row in fresh.values()])
    people.note_seen(connection, {row.session_id: row.seen_at for row in found}, now)
    return outcomes


def _epoch(row: Any, device: str, now: datetime) -> int | None:
    """The epoch a device writes under: its own again, or the first; None for the ordinary way."""
    try:
        ensure_open(row, now)
    except DomainError:
        return None
    if row.paused_at is not None:
        return None
    if row.device_hash:
        return int(row.epoch) if row.device_hash == device_hash(device) else None
    return None if row.epoch or row.released_hash else 1


def _note(row: Any, now: datetime) -> dict[str, Any]:
    return {
        "attempt_id": row.id, "kind": "entered", "at": now, "by": row.person_id, "details": {},
        "op": None,
    }  # fmt: skip


def answers_of(engine: Engine, entered: Entered) -> tuple[dict[int, Held], int]:
    """Position → the newest answer held, and the highest number received; a sitting that was
    entered just now for the first time has none."""
    if entered.sitting.epoch != entered.epoch:
        return {}, 0
    with engine.connect() as connection:
        statements = _statements(engine.dialect)
        rows = statements.held.rows(cursor_of(connection), {"attempt": entered.sitting.id})
    held = {row.position: Held(row.answer, row.seq, row.epoch) for row in rows}
    return held, rows[-1].seq if rows else 0
