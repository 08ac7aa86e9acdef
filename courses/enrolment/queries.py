"""Reads of learning: a learner's board, one course, completions, counts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import select

from courses.catalogue.models import Course, CourseVersion
from courses.catalogue.queries import LessonLine, VersionCard, current_versions, version_cards
from courses.enrolment import rules
from courses.enrolment.models import Completion, Enrolment, Evidence
from lms.core import clock
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.rules import rule_on
from lms.people.api import spells_as_known


@dataclass(frozen=True, slots=True)
class CourseCard:
    """A course as one person sees it: the version she is on, how far she is, when it is due.

    ``state`` is ``new``, ``going`` or ``done``; ``due_on`` is None when she does not owe it.
    """

    version: VersionCard
    enrolment_id: int | None
    started_at: datetime | None
    completed_at: datetime | None
    earned: int
    due_on: date | None
    lessons: tuple[tuple[LessonLine, rules.LessonState], ...]

    @property
    def state(self) -> str:
        """``new``, ``going`` or ``done``."""
        if self.completed_at:
            return "done"
        return "going" if self.enrolment_id else "new"

    @property
    def done_count(self) -> int:
        """Lessons done; all of them once the course is completed."""
        if self.completed_at:
            return len(self.lessons)
        return sum(state.done for _line, state in self.lessons)

    @property
    def percent(self) -> int:
        """Whole per cent of lessons done."""
        return self.done_count * 100 // len(self.lessons) if self.lessons else 0

    @property
    def next_lesson(self) -> LessonLine | None:
        """Where to go on; None when the course is done."""
        if self.completed_at:
            return None
        return next((line for line, state in self.lessons if not state.done), None)

    def is_done(self, lesson_id: int) -> bool:
        """True when this lesson needs nothing more."""
        return self.completed_at is not None or any(
            line.id == lesson_id and state.done for line, state in self.lessons
        )


@dataclass(frozen=True, slots=True)
class DueCourse:
    """A course somebody is to go on with, for the portal; ``due_on`` None when not owed."""

    course_code: str
    title: str
    title_en: str
    kind: str
    due_on: date | None
    overdue: bool
    state: str
    percent: int
    lessons_done: int
    lessons: int
    tenths: int
    next_lesson_code: str | None
    next_lesson_title: str | None


@dataclass(frozen=True, slots=True)
class CompletedCourse:
    """A course somebody completed."""

    course_code: str
    title: str
    title_en: str
    kind: str
    cycle: str
    completed_at: datetime
    tenths: int
    category: str


def need_of(line: LessonLine) -> rules.LessonNeed:
    """What the rules need to know of a lesson."""
    return rules.LessonNeed(line.id, line.position, line.minutes, line.checks)


def reading_rule(on: date) -> tuple[str, rules.ReadingRule]:
    """The rule of completion on a day, with its stamp."""
    version = rule_on("courses.completion", on)
    return version.stamp, rules.ReadingRule.of(version.value)


def evidence_of(enrolment_ids: Collection[int]) -> list[Evidence]:
    """All evidence of some enrolments, oldest first."""
    query = select(Evidence).where(Evidence.enrolment_id.in_(enrolment_ids))
    return list(session().scalars(query.order_by(Evidence.enrolment_id, Evidence.id)))


def board(person_id: int, today: date) -> list[CourseCard]:
    """Every course open to a person, what is due first; a fixed number of statements."""
    rows = _enrolments(person_id)
    pinned = version_cards([enrolment.version_id for enrolment, _done in rows])
    taken = {(e.course_id, e.cycle): (e, done) for e, done in rows}
    cards = []
    _stamp, rule = reading_rule(today)
    open_ids = [enrolment.id for enrolment, done in rows if done is None]
    seen = _seen(open_ids)
    obligations = rule_on("courses.obligations", today)
    stays = [
        rules.Stay(fact.post, fact.started_on, fact.ended_on)
        for fact in spells_as_known([person_id])
    ]
    fresh = [
        version
        for version in current_versions()
        if (version.course_id, version.cycle) not in taken
        and version.year in {None, today.year}  # an old year's refresher is no longer offered
    ]
    choices = [(pinned[e.version_id], e, done) for e, done in taken.values()]
    for version, enrolment, done in [*choices, *((v, None, None) for v in fresh)]:
        due = rules.due_on(
            version.kind, version.audience, version.year, stays, today,
            obligations.value, obligations.effective_from,
        )  # fmt: skip
        evidence = seen.get(enrolment.id, []) if enrolment else []
        cards.append(_card(version, enrolment, done, due, evidence, rule))
    return sorted(cards, key=_urgency)


def _urgency(card: CourseCard) -> tuple[bool, date, bool, int]:
    return (
        card.state == "done",
        card.due_on or date.max,
        card.state != "going",
        card.version.course_id,
    )


def _card(
    version: VersionCard,
    enrolment: Enrolment | None,
    done: Completion | None,
    due: date | None,
    seen: Sequence[rules.Seen],
    rule: rules.ReadingRule,
) -> CourseCard:
    states = rules.fold(map(need_of, version.lessons), seen, rule)
    return CourseCard(
        version,
        enrolment.id if enrolment else None,
        enrolment.started_at if enrolment else None,
        done.at if done else None,
        done.tenths if done else 0,
        due,
        tuple((line, states[line.id]) for line in version.lessons),
    )


def _enrolments(person_id: int) -> list[tuple[Enrolment, Completion | None]]:
    query = (
        select(Enrolment, Completion)
        .outerjoin(Completion, Completion.enrolment_id == Enrolment.id)
        .where(Enrolment.person_id == person_id)
        .order_by(Enrolment.id)
    )
    return [row._tuple() for row in session().execute(query)]


def _seen(enrolment_ids: Collection[int]) -> dict[int, list[rules.Seen]]:
    rows = evidence_of(enrolment_ids) if enrolment_ids else []
    return {
        enrolment_id: [rules.Seen(row.lesson_id, row.kind, row.at, row.value) for row in group]
        for enrolment_id, group in groupby(rows, key=lambda row: row.enrolment_id)
    }


def course_card(person_id: int, code: str, today: date) -> CourseCard:
    """One course of the person's board by its code. Raises NotFound.

    Of several cycles the newest; an enrolment before a version not yet begun.
    """
    mine = [card for card in board(person_id, today) if card.version.code == code]
    if not mine:
        raise NotFound
    return max(mine, key=lambda card: (card.version.year or 0, card.enrolment_id or 0))


def due_courses(person_id: int, today: date) -> list[DueCourse]:
    """What a person owes and has not completed, most urgent first."""
    return [
        _due(card, today)
        for card in board(person_id, today)
        if card.due_on is not None and card.state != "done"
    ]


def continue_lesson(person_id: int) -> DueCourse | None:
    """The course whose next lesson comes first: begun before owed, owed before anything else."""
    today = clock.today()
    cards = [card for card in board(person_id, today) if card.state != "done"]
    begun = [card for card in cards if card.state == "going"]
    owed = [card for card in cards if card.due_on is not None]
    first = next(iter([*begun, *owed]), None)
    return _due(first, today) if first else None


def _due(card: CourseCard, today: date) -> DueCourse:
    following = card.next_lesson
    return DueCourse(
        card.version.code,
        card.version.title,
        card.version.title_en,
        card.version.kind,
        card.due_on,
        card.due_on is not None and card.due_on < today,
        card.state,
        card.percent,
        card.done_count,
        len(card.lessons),
        card.version.tenths,
        following.code if following else None,
        following.title if following else None,
    )


def completions_of(person_id: int) -> list[CompletedCourse]:
    """Courses a person completed, newest first; one statement."""
    query = (
        select(
            Course.code, CourseVersion.title, CourseVersion.title_en, Course.kind,
            Enrolment.cycle, Completion.at, Completion.tenths, CourseVersion.category,
        )
        .join(Enrolment, Enrolment.id == Completion.enrolment_id)
        .join(CourseVersion, CourseVersion.id == Enrolment.version_id)
        .join(Course, Course.id == Enrolment.course_id)
        .where(Enrolment.person_id == person_id)
        .order_by(Completion.at.desc(), Completion.id.desc())
    )  # fmt: skip
    return [CompletedCourse(*row) for row in session().execute(query)]
