"""Reads of results. The candidate's reads know released rows only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from exams.entries.models import ExamEvent
from exams.results.models import LevelAward, Result, ResultRelease
from exams.results.rules import Standing
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.db import session

_Later = aliased(Result)


def standing() -> ColumnElement[bool]:
    """True of results that no other supersedes."""
    return ~exists().where(_Later.supersedes_id == Result.id)


def sat_at() -> ColumnElement[datetime]:
    """When the exam of a joined sitting ended: what a pass counts from, however often it is
    corrected later."""
    return func.coalesce(Attempt.handed_in_at, Attempt.started_at)


def standings_of(person_id: int, rung: int) -> list[Standing]:
    """The passed, released parts of a person for a rung, but those of an expelled sitting."""
    query = (
        select(Result.id, Result.part, Result.tenths, sat_at().label("sat_at"))
        .join(ResultRelease, ResultRelease.result_id == Result.id)
        .join(ExamEvent, ExamEvent.id == Result.event_id)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(
            Result.person_id == person_id,
            Result.rung == rung,
            Result.passed.is_(True),
            ExamEvent.practice.is_(False),
            Attempt.state != "expelled",
            standing(),
        )
    )
    return [
        Standing(row.id, row.part, row.tenths, clock.local_date(row.sat_at))
        for row in session().execute(query)
    ]


@dataclass(frozen=True, slots=True)
class ResultCard:
    """A released result as its candidate sees it."""

    id: int
    event_id: int
    attempt_id: int
    title: str
    rung: int
    part: str
    tenths: int
    passed: bool
    by_module: dict[str, list[int]]
    feedback: str
    released_at: datetime
    certificate_id: int | None
    practice: bool

    @property
    def marks(self) -> str:
        """``86.5``."""
        return marks_text(self.tenths)


def marks_text(tenths: int) -> str:
    """``86.5``, ``90``."""
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest}" if rest else str(whole)


def _cards() -> Any:
    return (
        select(
            Result.id,
            Result.event_id,
            Result.attempt_id,
            ExamEvent.title,
            Result.rung,
            Result.part,
            Result.tenths,
            Result.passed,
            Result.by_module,
            ExamEvent.feedback,
            ResultRelease.released_at,
            LevelAward.certificate_id,
            ExamEvent.practice,
        )
        .join(ExamEvent, ExamEvent.id == Result.event_id)
        .join(ResultRelease, ResultRelease.result_id == Result.id)
        .outerjoin(LevelAward, LevelAward.result_id == Result.id)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(Attempt.state != "expelled", standing())
    )


def results_of(person_id: int) -> list[ResultCard]:
    """A person's released results, newest first; one statement."""
    query = _cards().where(Result.person_id == person_id).order_by(Result.id.desc())
    return [ResultCard(*row) for row in session().execute(query)]


def own_result(result_id: int, person_id: int) -> ResultCard | None:
    """One released result of this person, or None."""
    row = (
        session()
        .execute(_cards().where(Result.id == result_id, Result.person_id == person_id))
        .first()
    )
    return ResultCard(*row) if row else None


@dataclass(frozen=True, slots=True)
class StaffResult:
    """A result as staff see it, released or not."""

    id: int
    attempt_id: int
    person_id: int
    tenths: int
    passed: bool
    decided_at: datetime
    released_at: datetime | None
    certificate_id: int | None
    by_module: dict[str, list[int]]

    @property
    def marks(self) -> str:
        """``86.5``."""
        return marks_text(self.tenths)


def results_of_attempts(attempt_ids: Sequence[int]) -> dict[int, StaffResult]:
    """Attempt id → the result that counts; one statement."""
    query = (
        select(
            Result.id,
            Result.attempt_id,
            Result.person_id,
            Result.tenths,
            Result.passed,
            Result.decided_at,
            ResultRelease.released_at,
            LevelAward.certificate_id,
            Result.by_module,
        )
        .outerjoin(ResultRelease, ResultRelease.result_id == Result.id)
        .outerjoin(LevelAward, LevelAward.result_id == Result.id)
        .where(Result.attempt_id.in_(attempt_ids), standing())
    )
    return {row.attempt_id: StaffResult(*row) for row in session().execute(query)}
