"""What a candidate is told of her results in plain words. Released results only, never practice."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from courses.api import current_versions
from exams.analysis.rules import LEAST
from exams.entries.models import ExamEvent
from exams.results import rules
from exams.results.models import Result, ResultRelease
from exams.results.queries import ResultCard, marks_text, sat_at, standing
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.db import session
from lms.core.rules import rule_on

#: Below this share of a module's marks the page says what to practise.
PRACTISE_BELOW = 0.7


@dataclass(frozen=True, slots=True)
class Practise:
    """A module worth practising; ``course`` and ``lesson`` where the catalogue has one."""

    module: str
    tenths_of_ten: int
    course: str
    lesson: str
    title: str


@dataclass(frozen=True, slots=True)
class Told:
    """Beside the marks: until when a passed part counts, how she stands, what to practise."""

    valid_to: date | None
    is_valid: bool
    ahead_of: int | None
    group: int
    practise: list[Practise]
    before: str


def told_of(card: ResultCard, on: date) -> Told:
    """What to say about one result; a fixed number of statements."""
    sat_on, before, practice = _origin(card)
    if practice:
        return Told(None, False, None, 0, _practise(card, on), "")
    valid_to = None
    if card.passed:
        days = int(rule_on("exams.parts", on).value["valid_days"])
        valid_to = rules.valid_to(sat_on, days)
    ahead, group = _standing(card)
    return Told(
        valid_to,
        valid_to is not None and on <= valid_to,
        ahead if group >= LEAST else None,
        group,
        _practise(card, on),
        before,
    )


def tenths_of_ten(got: int, most: int) -> int:
    """How many of ten she got right, rounded to the nearest: 8 for 83 %."""
    return min(10 if got == most else 9, (20 * got + most) // (2 * most)) if most else 0


def _origin(card: ResultCard) -> tuple[date, str, bool]:
    """The day of the exam, the marks of the one it corrects ("" if none), and if it was
    only practice."""
    older = aliased(Result)
    row = (
        session()
        .execute(
            select(sat_at().label("sat_at"), older.tenths, ExamEvent.practice)
            .select_from(Result)
            .join(ExamEvent, ExamEvent.id == Result.event_id)
            .join(Attempt, Attempt.id == Result.attempt_id)
            .outerjoin(older, older.id == Result.supersedes_id)
            .where(Result.id == card.id)
        )
        .one()
    )
    before = "" if row.tenths is None else marks_text(row.tenths)
    return clock.local_date(row.sat_at), before, row.practice


def _standing(card: ResultCard) -> tuple[int, int]:
    """Per cent of the others who have fewer marks, and how many sat it in all."""
    row = (
        session()
        .execute(
            select(func.count(), func.count().filter(Result.tenths < card.tenths))
            .select_from(Result)
            .join(ResultRelease, ResultRelease.result_id == Result.id)
            .join(Attempt, Attempt.id == Result.attempt_id)
            .where(Result.event_id == card.event_id, Attempt.state == "concluded", standing())
        )
        .one()
    )
    others = row[0] - 1
    return (100 * row[1] // others if others > 0 else 0), row[0]


def _practise(card: ResultCard, on: date) -> list[Practise]:
    """The weakest modules, weakest first, with a lesson where there is one."""
    weak = sorted(
        (got / most, module, got, most)
        for module, (got, most) in card.by_module.items()
        if most and got < most * PRACTISE_BELOW
    )
    if not weak:
        return []
    places: dict[str, Any] = rule_on("exams.practise", on).value["lessons"]
    known = {
        (course.code, lesson.code): lesson.title
        for course in current_versions()
        for lesson in course.lessons
    }
    found = []
    for _share, module, got, most in weak[:3]:
        course, _slash, lesson = str(places.get(module, "")).partition("/")
        title = known.get((course, lesson), "")
        held = (course, lesson, title) if title else ("", "", "")
        found.append(Practise(module, tenths_of_ten(got, most), *held))
    return found


@dataclass(frozen=True, slots=True)
class Sat:
    """One result in her history."""

    id: int
    title: str
    marks: str
    shows_marks: bool
    passed: bool
    sat_on: date
    valid_to: date | None
    is_valid: bool


@dataclass(frozen=True, slots=True)
class PartHistory:
    """All results of one part of one level, newest first; ``held`` if a pass is valid."""

    rung: int
    part: str
    held: bool
    rows: list[Sat]


def history_of(person_id: int, on: date) -> list[PartHistory]:
    """Her results by level and part; two statements."""
    days = int(rule_on("exams.parts", on).value["valid_days"])
    query = (
        select(
            Result.id, Result.rung, Result.part, Result.tenths, Result.passed,
            sat_at().label("sat_at"), ExamEvent.title, ExamEvent.feedback,
        )
        .select_from(Result)
        .join(ExamEvent, ExamEvent.id == Result.event_id)
        .join(ResultRelease, ResultRelease.result_id == Result.id)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(Result.person_id == person_id, ExamEvent.practice.is_(False), standing())
        .order_by(Result.rung.desc(), Result.id.desc())
    )  # fmt: skip
    grouped: dict[tuple[int, str], list[Sat]] = {}
    for row in session().execute(query):
        day = clock.local_date(row.sat_at)
        until = rules.valid_to(day, days) if row.passed else None
        grouped.setdefault((row.rung, row.part), []).append(
            Sat(
                row.id, row.title, marks_text(row.tenths), row.feedback != "nothing", row.passed,
                day, until, until is not None and on <= until,
            )
        )  # fmt: skip
    return [
        PartHistory(rung, part, any(row.is_valid for row in rows), rows)
        for (rung, part), rows in grouped.items()
    ]
