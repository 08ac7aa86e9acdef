"""Reads of score reviews, of publication and of chains of results."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from exams.entries.models import Entry, ExamEvent
from exams.results import rules
from exams.results.models import (
    LevelAward,
    Result,
    ResultRelease,
    ScoreCheck,
    ScoreDecision,
    ScoreReview,
)
from exams.results.queries import marks_text
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.db import session
from lms.core.rules import rule_on
from lms.people.api import person_cards


@dataclass(frozen=True, slots=True)
class ReviewState:
    """What a candidate may do, or is told, about the review of one result."""

    last_day: date
    may_ask: bool
    asked_at: datetime | None
    outcome: str
    note: str
    unconfirmed: bool


def review_state(result_id: int, released_at: datetime, now: datetime) -> ReviewState:
    """The review of one released result as its candidate sees it; two statements."""
    row = (
        session()
        .execute(
            select(ScoreReview.asked_at, ScoreDecision.outcome, ScoreDecision.note)
            .outerjoin(ScoreDecision, ScoreDecision.review_id == ScoreReview.id)
            .where(ScoreReview.result_id == result_id)
        )
        .first()
    )
    rule = rule_on("exams.review", clock.local_date(now))
    released_on, days = clock.local_date(released_at), int(rule.value["days"])
    return ReviewState(
        rules.review_closes(released_on, days),
        row is None and rules.may_ask(released_on, days, clock.local_date(now)),
        row.asked_at if row else None,
        (row.outcome or "") if row else "",
        (row.note or "") if row else "",
        not rule.confirmed,
    )


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review on the examiner's list."""

    id: int
    name: str
    marks: str
    asked_at: datetime
    state: str


def reviews_of(event_id: int) -> list[ReviewRow]:
    """Every review of an event, those that wait first; three statements."""
    rows = session().execute(
        select(
            ScoreReview.id, ScoreReview.person_id, Result.tenths, ScoreReview.asked_at,
            ScoreDecision.outcome, func.count(ScoreCheck.id).label("checks"),
        )
        .join(Result, Result.id == ScoreReview.result_id)
        .outerjoin(ScoreDecision, ScoreDecision.review_id == ScoreReview.id)
        .outerjoin(ScoreCheck, ScoreCheck.review_id == ScoreReview.id)
        .where(Result.event_id == event_id)
        .group_by(
            ScoreReview.id, ScoreReview.person_id, Result.tenths, ScoreReview.asked_at,
            ScoreDecision.outcome,
        )
        .order_by(ScoreDecision.outcome.is_not(None), ScoreReview.id)
    ).all()  # fmt: skip
    names = person_cards([row.person_id for row in rows])
    return [
        ReviewRow(
            row.id, names[row.person_id].name, marks_text(row.tenths), row.asked_at,
            row.outcome or ("checked" if row.checks else "asked"),
        )
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """One result of a chain, oldest first; ``certificate_id`` when a level was awarded on it."""

    id: int
    marks: str
    passed: bool
    decided_at: datetime
    certificate_ids: tuple[int, ...]


def chain_of(attempt_id: int) -> list[Link]:
    """All results of a sitting; two statements."""
    rows = list(
        session().scalars(select(Result).where(Result.attempt_id == attempt_id).order_by(Result.id))
    )
    awards = (
        session().scalars(select(LevelAward).where(LevelAward.person_id == rows[0].person_id)).all()
        if rows
        else []
    )
    return [
        Link(
            row.id, marks_text(row.tenths), row.passed, row.decided_at,
            tuple(a.certificate_id for a in awards if row.id in a.result_ids.values()),
        )
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Publication:
    """Where an event stands before and after its results are shown; marks in tenths."""

    totals: list[int]
    passed: int
    waiting: int
    released: int
    unmarked: int
    sitting: int
    expelled: int
    absent: int

    @property
    def mean(self) -> float:
        """The mean mark."""
        return sum(self.totals) / len(self.totals) / 10 if self.totals else 0.0


def publication_of(event: ExamEvent) -> Publication:
    """Counts and marks of an event; three statements."""
    newest = select(func.max(Attempt.id)).group_by(Attempt.entry_id)
    counted = session().execute(
        select(Attempt.state, func.count(Attempt.id))
        .join(Entry, Entry.id == Attempt.entry_id)
        .where(Entry.event_id == event.id, Attempt.id.in_(newest))
        .group_by(Attempt.state)
    )
    states: dict[str, int] = dict(counted.tuples().all())
    absent = session().scalar(
        select(func.count(Entry.id))
        .outerjoin(Attempt, Attempt.entry_id == Entry.id)
        .where(Entry.event_id == event.id, Entry.withdrawn_at.is_(None), Attempt.id.is_(None))
    )
    later = select(Result.supersedes_id).where(Result.supersedes_id.is_not(None))
    rows = (
        session()
        .execute(
            select(Result.tenths, Result.passed, ResultRelease.released_at)
            .join(Attempt, Attempt.id == Result.attempt_id)
            .outerjoin(ResultRelease, ResultRelease.result_id == Result.id)
            .where(
                Result.event_id == event.id, Result.id.not_in(later), Attempt.state != "expelled"
            )
        )
        .all()
    )
    return Publication(
        [row.tenths for row in rows],
        sum(row.passed for row in rows),
        sum(row.released_at is None for row in rows),
        sum(row.released_at is not None for row in rows),
        states.get("handed_in", 0) + states.get("timed_out", 0),
        states.get("open", 0),
        states.get("expelled", 0),
        absent or 0,
    )
