"""What the express lane for starting asks of the database, compiled once for each kind."""

from collections.abc import Callable, Collection
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Executable, Select, bindparam, func, select, update

from exams.entries.models import CodeTry, Entry, ExamEvent
from exams.papers.models import Paper
from exams.sittings.models import Attempt, SittingEvent
from exams.sittings.pairs import Pair, PairQuery, sessions_asking
from lms.core.db import UtcDateTime
from lms.core.quick import Quick, QuickInsert
from lms.core.rules import versions_until

ROOM, INVIGILATION = "exams.room", "exams.invigilation"

_EVENT = (
    ExamEvent.id.label("event_id"),
    ExamEvent.status,
    ExamEvent.part,
    ExamEvent.opens_at,
    ExamEvent.closes_at,
    ExamEvent.minutes,
    ExamEvent.practice,
    ExamEvent.admission,
    ExamEvent.grace_seconds,
    ExamEvent.paper_mode,
    ExamEvent.make_up_of,
)
_ENTRY = (
    Entry.id.label("entry_id"),
    Entry.extra_minutes,
    Entry.admitted_at,
    Entry.room_id,
    Entry.seat,
)


def _hers(dialect: Dialect) -> tuple[Select[Any], Any]:
    """From the session to the entry, if it is hers and stands; and the session's own columns."""
    found, signed, entry_id = sessions_asking(dialect)
    stands = (Entry.id == entry_id) & Entry.withdrawn_at.is_(None)
    return found.join(Entry, stands & (Entry.person_id == signed.c.person_id)), signed


def _found(dialect: Dialect) -> Select[Any]:
    """All that a start is judged by."""
    query, _signed = _hers(dialect)
    sittings = select(func.count(Attempt.id)).where(Attempt.entry_id == Entry.id)
    running = select(Attempt.id).where(Attempt.entry_id == Entry.id, Attempt.state == "open")
    tries = select(func.count(CodeTry.id)).where(
        CodeTry.entry_id == Entry.id, CodeTry.at > bindparam("since", type_=UtcDateTime)
    )
    own = (Paper.entry_id == Entry.id) & (Paper.number == 1)
    return (
        query.join(ExamEvent, ExamEvent.id == Entry.event_id)
        .outerjoin(Paper, own)
        .add_columns(
            *_ENTRY,
            *_EVENT,
            Paper.id.label("paper_id"),
            Paper.size,
            sittings.correlate(Entry).scalar_subquery().label("sittings"),
            running.correlate(Entry).scalar_subquery().label("open_id"),
            tries.correlate(Entry).scalar_subquery().label("tries"),
        )
    )


class Statements:
    """The lane's statements for one kind of database."""

    def __init__(self, dialect: Dialect) -> None:
        def quick(statement: Executable) -> Quick:
            return Quick(statement, dialect)

        self._at_once = dialect.name == "postgresql"
        self._rules = quick(versions_until((ROOM, INVIGILATION)))
        self._find = PairQuery(_found(dialect), dialect)
        held, signed = _hers(dialect)
        # Whoever starts, withdraws or extends the same entry at this moment goes the ordinary way.
        held = held.with_only_columns(signed.c.token_hash, Entry.id.label("entry_id"))
        held = held.with_for_update(of=Entry, skip_locked=True)
        self._hold = PairQuery(held, dialect)
        self.forms = quick(
            select(Paper.id, Paper.size)
            .where(Paper.event_id == bindparam("event"), Paper.form.is_not(None))
            .order_by(Paper.form)
        )
        before = select(func.count(Entry.id).label("before"))
        self._place = quick(
            before.where(Entry.event_id == bindparam("event"), Entry.id < bindparam("entry"))
        )
        left_out = {"id", "handed_in_at", "receipt", "paused_at"}
        names = [c.name for c in Attempt.__table__.columns if c.name not in left_out]
        self.attempts = QuickInsert(Attempt.__table__, dialect, names)
        self.notes = QuickInsert(SittingEvent.__table__, dialect)
        admit = update(Entry).where(Entry.id == bindparam("entry"))
        self.admit = quick(admit.values(admitted_at=bindparam("now", type_=UtcDateTime)))

    def rules_on(self, cursor: Any, day: date) -> dict[str, Any]:
        """Rule → its value in force."""
        return {row.code: row.value for row in self._rules.rows(cursor, {"day": day})}

    def find(
        self, cursor: Any, pairs: Collection[Pair], now: datetime, since: datetime
    ) -> list[Any]:
        """The entries that these sessions may start, with all that a start is judged by. On
        PostgreSQL they are read after they have been locked, by a statement that sees what others
        committed until then."""
        if self._at_once:
            held = self._hold.rows(cursor, pairs, now)
            pairs = {(row.token_hash, row.entry_id) for row in held}
        return self._find.rows(cursor, pairs, now, since=since) if pairs else []

    def place(self, cursor: Any, row: Any) -> int:
        """How many of an event were entered before her."""
        asked = {"event": row.event_id, "entry": row.entry_id}
        return int(self._place.rows(cursor, asked)[0].before)


statements_for: Callable[[Dialect], Statements] = lru_cache(4)(Statements)
