"""What the express lane for handing in asks of the database, compiled once for each kind."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Dialect,
    Executable,
    Integer,
    Select,
    any_,
    bindparam,
    func,
    select,
    update,
)

from exams.entries.models import Entry, ExamEvent
from exams.marking.corrections.models import KeyCorrection, KeyDecision
from exams.marking.models import Mark
from exams.papers.models import Slot
from exams.results.models import Result, ResultRelease
from exams.sittings.answering import COLUMNS
from exams.sittings.express import sitting_of
from exams.sittings.models import AnswerStep, Attempt, SittingEvent
from exams.sittings.pairs import one_session
from lms.core.notify import Notice
from lms.core.quick import Quick, QuickInsert
from lms.core.rules import versions_until

RULES = ("exams.sitting", "exams.parts")


class Statements:
    """The lane's statements for one kind of database."""

    def __init__(self, dialect: Dialect) -> None:
        def quick(statement: Executable) -> Quick:
            return Quick(statement, dialect)

        self.sitting = quick(_sitting())
        self.answers = quick(
            select(AnswerStep.seq, AnswerStep.position, AnswerStep.answer).where(
                AnswerStep.attempt_id == bindparam("attempt")
            )
        )
        columns = (Slot.id, Slot.position, Slot.question_version_id, Slot.tenths, Slot.order)
        self.slots = quick(
            select(*columns, Slot.part)
            .where(Slot.paper_id == bindparam("paper"))
            .order_by(Slot.position)
        )
        self.rules = quick(versions_until(RULES))
        self.close = quick(_close())
        self.notes = QuickInsert(SittingEvent.__table__, dialect)
        self.marks = QuickInsert(Mark.__table__, dialect)
        self.results = QuickInsert(Result.__table__, dialect)
        names = ("result_id", "released_by", "released_at")
        self.releases = QuickInsert(ResultRelease.__table__, dialect, names)
        self.notices = QuickInsert(Notice.__table__, dialect)
        self._at_once = dialect.name == "postgresql"
        wanted = Attempt.id == bindparam("attempt")
        if self._at_once:
            wanted = Attempt.id == any_(bindparam("attempts", type_=ARRAY(Integer)))
        self._lock = quick(
            select(Attempt.id).where(wanted).order_by(Attempt.id).with_for_update(skip_locked=True)
        )
        self._check = quick(_state(wanted))

    def locked(self, cursor: Any, attempts: Sequence[int]) -> dict[int, Any]:
        """The sittings as they are now, locked. On PostgreSQL they are read after they have been
        locked, by a statement that sees what others committed until then."""
        if not self._at_once:
            rows = [row for n in attempts for row in self._check.rows(cursor, {"attempt": n})]
            return {row.id: row for row in rows}
        free = {row.id for row in self._lock.rows(cursor, {"attempts": list(attempts)})}
        rows = self._check.rows(cursor, {"attempts": sorted(free)}) if free else []
        return {row.id: row for row in rows}


def _corrected(event_id: Any) -> Any:
    """How many of an event's keys were corrected."""
    return (
        select(func.count())
        .select_from(KeyCorrection)
        .join(KeyDecision, KeyDecision.correction_id == KeyCorrection.id)
        .where(KeyCorrection.event_id == event_id, KeyDecision.approved)
        .correlate(Entry, ExamEvent)
        .scalar_subquery()
    )


def _sitting() -> Select[Any]:
    """The sitting a session may hand in, with its event."""
    signed = one_session()
    event = (
        ExamEvent.id.label("event_id"),
        ExamEvent.title,
        ExamEvent.rung,
        ExamEvent.part,
        ExamEvent.release,
        ExamEvent.issues_certificate,
        ExamEvent.multiple_rule,
    )
    return (
        sitting_of(select(signed).select_from(signed), signed, bindparam("attempt"))
        .join(ExamEvent, ExamEvent.id == Entry.event_id)
        .add_columns(*event)
    )


def _close() -> Executable:
    return (
        update(Attempt)
        .where(Attempt.id == bindparam("attempt"))
        .values(
            state="concluded",
            handed_in_at=bindparam("now"),
            receipt=bindparam("code"),
            answers_digest=bindparam("digest"),
            answered=bindparam("count"),
        )
    )


def _state(wanted: Any) -> Select[Any]:
    steps = (
        select(func.count())
        .select_from(AnswerStep)
        .where(AnswerStep.attempt_id == Attempt.id)
        .correlate(Attempt)
        .scalar_subquery()
    )
    return (
        select(*COLUMNS, steps.label("steps"), _corrected(Entry.event_id).label("corrected"))
        .select_from(Attempt)
        .join(Entry, Entry.id == Attempt.entry_id)
        .where(wanted)
    )


statements_for: Callable[[Dialect], Statements] = lru_cache(4)(Statements)
