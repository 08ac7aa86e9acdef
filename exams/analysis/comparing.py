"""One event beside others of the same bank or blueprint: frozen values, five statements."""

from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from sqlalchemy import func, or_, select

from exams.analysis.policy import held_by
from exams.analysis.reliability import f_quantile
from exams.analysis.rules import LEAST, Interval, wilson
from exams.entries.models import ExamEvent, Part
from exams.papers.models import Paper
from exams.results.embargo import hides_marks
from exams.results.models import Result
from exams.results.queries import standing
from exams.sittings.models import Attempt
from lms.core.access import Actor
from lms.core.db import session

#: Events shown at most, the newest.
MOST = 12


@dataclass(frozen=True, slots=True)
class Sums:
    """What an event's results add up to, in tenths of a mark."""

    n: int
    total: int
    squares: int
    passed: int


@dataclass(frozen=True, slots=True)
class Compared:
    """An event in a comparison, marks in tenths; intervals are None below ``LEAST`` people.
    ``expected`` is what its papers were made to bring."""

    id: int
    title: str
    opens_at: datetime
    same_blueprint: bool
    n: int
    mean: float
    deviation: float | None
    mean_within: Interval | None
    passed: Interval | None
    share: float
    expected: float | None

    @property
    def above(self) -> float | None:
        """By how much its candidates did better than its papers were made for; None when unknown
        or too few."""
        if self.expected is None or self.mean_within is None:
            return None
        return self.mean - self.expected


def compared(found: Sums) -> tuple[float, float | None, Interval | None, Interval | None]:
    """Mean, standard deviation, the interval of the mean, and that of the share who passed."""
    mean = found.total / found.n
    if found.n < 2:
        return mean, None, None, None
    variance = max(0.0, (found.squares - found.n * mean * mean) / (found.n - 1))
    if found.n < LEAST:
        return mean, sqrt(variance), None, None
    # The 97.5 % point of Student's t, whose square is distributed as F.
    off = sqrt(f_quantile(0.95, 1, found.n - 1) * variance / found.n)
    return (
        mean,
        sqrt(variance),
        Interval(mean, mean - off, mean + off),
        wilson(found.passed / found.n, found.n),
    )


def comparison(event: ExamEvent, actor: Actor) -> list[Compared]:
    """Events of the same rung that draw on the same bank or are made by the same blueprint and
    have results, oldest first; only those whose figures this actor may see."""
    code = event.blueprint.partition("@")[0]
    alike = ExamEvent.bank_id == event.bank_id
    if code:
        alike = or_(alike, ExamEvent.blueprint.startswith(f"{code}@", autoescape=True))
    query = select(ExamEvent).where(
        held_by(actor),
        ExamEvent.part == Part.THEORY,
        ExamEvent.practice.is_(False),
        ExamEvent.status != "draft",
        ExamEvent.rung == event.rung,
        alike,
        select(Result.id).where(Result.event_id == ExamEvent.id).exists(),
    )
    newest = session().scalars(query.order_by(ExamEvent.opens_at.desc()).limit(MOST))
    events = [one for one in newest if not hides_marks(one, actor)]
    sums, expected = _sums([one.id for one in events]), _expected([one.id for one in events])
    return [
        Compared(
            one.id, one.title, one.opens_at, one.blueprint.partition("@")[0] == code,
            sums[one.id].n, *compared(sums[one.id]),
            sums[one.id].passed / sums[one.id].n, expected.get(one.id),
        )
        for one in reversed(events)
        if one.id in sums
    ]  # fmt: skip


def _sums(event_ids: list[int]) -> dict[int, Sums]:
    rows = session().execute(
        select(
            Result.event_id,
            func.count(),
            func.sum(Result.tenths),
            func.sum(Result.tenths * Result.tenths),
            func.count().filter(Result.passed.is_(True)),
        )
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(Result.event_id.in_(event_ids), Attempt.state == "concluded", standing())
        .group_by(Result.event_id)
    )
    return {row[0]: Sums(row[1], int(row[2]), int(row[3]), row[4]) for row in rows}


def _expected(event_ids: list[int]) -> dict[int, float]:
    rows = session().execute(
        select(Paper.event_id, func.avg(Paper.expected))
        .where(Paper.event_id.in_(event_ids), Paper.expected.is_not(None))
        .group_by(Paper.event_id)
    )
    return {row[0]: float(row[1]) for row in rows}
