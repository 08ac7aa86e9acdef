"""Reads of the catalogue."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select

from courses.catalogue.models import Course, CourseAsset, CourseVersion, Lesson, LessonCheck
from courses.catalogue.plans import CheckPlan, CoursePlan, LessonPlan, PicturePlan
from courses.catalogue.policy import visible_to
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class LessonLine:
    """A lesson as lists show it; ``checks`` is how many questions it asks."""

    id: int
    version_id: int
    position: int
    code: str
    title: str
    title_en: str
    minutes: int
    checks: int


@dataclass(frozen=True, slots=True)
class VersionCard:
    """A version of a course with the lines of its lessons."""

    course_id: int
    version_id: int
    code: str
    kind: str
    owner_id: int | None
    no: int
    title: str
    title_en: str
    summary: str
    audience: tuple[str, ...]
    tenths: int
    category: str
    year: int | None
    lessons: tuple[LessonLine, ...]

    @property
    def cycle(self) -> str:
        """What an enrolment of this version counts for: its year, or once for life."""
        return str(self.year) if self.kind == "refresher" else "once"

    @property
    def minutes(self) -> int:
        """Minutes of all lessons."""
        return sum(lesson.minutes for lesson in self.lessons)


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version as the authors' list shows it."""

    version_id: int
    code: str
    kind: str
    owner_id: int | None
    no: int
    title: str
    year: int | None
    tenths: int
    lessons: int
    state: str
    drafted_at: datetime
    published_at: datetime | None


def current_versions() -> list[VersionCard]:
    """The newest published version of every course; two statements."""
    newest = (
        select(CourseVersion.course_id, func.max(CourseVersion.no).label("no"))
        .where(CourseVersion.published_at.is_not(None))
        .group_by(CourseVersion.course_id)
        .subquery()
    )
    query = (
        select(CourseVersion, Course)
        .join(Course, Course.id == CourseVersion.course_id)
        .join(
            newest,
            and_(newest.c.course_id == CourseVersion.course_id, newest.c.no == CourseVersion.no),
        )
        .order_by(Course.id)
    )
    return _cards(query)


def version_cards(version_ids: Collection[int]) -> dict[int, VersionCard]:
    """Cards by version id; two statements, none for no ids."""
    if not version_ids:
        return {}
    query = (
        select(CourseVersion, Course)
        .join(Course, Course.id == CourseVersion.course_id)
        .where(CourseVersion.id.in_(version_ids))
    )
    return {card.version_id: card for card in _cards(query)}


def _cards(query: Select[tuple[CourseVersion, Course]]) -> list[VersionCard]:
    rows = [row._tuple() for row in session().execute(query)]
    lines = lesson_lines([version.id for version, _course in rows])
    return [
        VersionCard(
            course.id, version.id, course.code, course.kind, course.owner_id, version.no,
            version.title, version.title_en, version.summary, tuple(version.audience),
            version.tenths, version.category, version.year,
            tuple(line for line in lines if line.version_id == version.id),
        )
        for version, course in rows
    ]  # fmt: skip


def lesson_lines(version_ids: Collection[int]) -> list[LessonLine]:
    """Lessons of some versions without their text, in order."""
    checks = (
        select(func.count())
        .where(LessonCheck.lesson_id == Lesson.id)
        .correlate(Lesson)
        .scalar_subquery()
    )
    query = (
        select(
            Lesson.id, Lesson.version_id, Lesson.position, Lesson.code, Lesson.title,
            Lesson.title_en, Lesson.minutes, checks,
        )
        .where(Lesson.version_id.in_(version_ids))
        .order_by(Lesson.version_id, Lesson.position)
    )  # fmt: skip
    return [LessonLine(*row) for row in session().execute(query)]


def lesson_with_checks(lesson_id: int) -> tuple[Lesson, list[LessonCheck]]:
    """A lesson's text and questions; two statements."""
    lesson = session().get(Lesson, lesson_id)
    if lesson is None:
        raise NotFound
    checks = select(LessonCheck).where(LessonCheck.lesson_id == lesson_id)
    return lesson, list(session().scalars(checks.order_by(LessonCheck.position)))


def answers_of(lesson_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """The right letters: lesson id → question → letter."""
    query = select(LessonCheck.lesson_id, LessonCheck.position, LessonCheck.answer).where(
        LessonCheck.lesson_id.in_(lesson_ids)
    )
    found: dict[int, dict[int, str]] = {}
    for lesson_id, position, answer in session().execute(query):
        found.setdefault(lesson_id, {})[position] = answer
    return found


def picture_of(version_id: int, name: str) -> tuple[CourseAsset, CourseVersion, Course] | None:
    """A picture with the version and course it belongs to."""
    query = (
        select(CourseAsset, CourseVersion, Course)
        .join(CourseVersion, CourseVersion.id == CourseAsset.version_id)
        .join(Course, Course.id == CourseVersion.course_id)
        .where(CourseAsset.version_id == version_id, CourseAsset.path == f"pictures/{name}")
    )
    row = session().execute(query).first()
    return row._tuple() if row else None


def find_versions(
    actor: Actor, text: str = "", kind: str = "", state: str = ""
) -> Select[tuple[CourseVersion, Course]]:
    """Versions the actor may see, newest first; ``state`` is draft, published or withdrawn."""
    query = (
        select(CourseVersion, Course)
        .join(Course, Course.id == CourseVersion.course_id)
        .where(visible_to(actor))
    )
    if text:
        found = (CourseVersion.title.icontains(text, autoescape=True), Course.code == text)
        query = query.where(or_(*found))
    if kind:
        query = query.where(Course.kind == kind)
    states = {
        "draft": and_(CourseVersion.published_at.is_(None), CourseVersion.withdrawn_at.is_(None)),
        "published": CourseVersion.published_at.is_not(None),
        "withdrawn": CourseVersion.withdrawn_at.is_not(None),
    }
    return query.where(states[state]) if state in states else query


def version_lines(
    query: Select[tuple[CourseVersion, Course]], page: int, size: int
) -> tuple[int, list[VersionLine]]:
    """How many versions a query finds, and one page of them; two statements."""
    total = session().scalar(select(func.count()).select_from(query.subquery())) or 0
    lessons = (
        select(func.count())
        .where(Lesson.version_id == CourseVersion.id)
        .correlate(CourseVersion)
        .scalar_subquery()
    )
    ordered = query.order_by(Course.kind, Course.code, CourseVersion.no.desc())
    rows = session().execute(ordered.add_columns(lessons).limit(size).offset((page - 1) * size))
    return total, [
        VersionLine(
            version.id, course.code, course.kind, course.owner_id, version.no, version.title,
            version.year, version.tenths, count, version.state, version.drafted_at,
            version.published_at,
        )
        for version, course, count in rows
    ]  # fmt: skip


def version_for(actor: Actor, version_id: int) -> tuple[CourseVersion, Course]:
    """A version the actor may see. Raises NotFound otherwise."""
    query = (
        select(CourseVersion, Course)
        .join(Course, Course.id == CourseVersion.course_id)
        .where(CourseVersion.id == version_id, visible_to(actor))
    )
    row = session().execute(query).first()
    if row is None:
        raise NotFound
    return row._tuple()


def plan_of(version: CourseVersion, course: Course) -> CoursePlan:
    """A stored version as the plan it came from; three statements."""
    lessons = session().scalars(
        select(Lesson).where(Lesson.version_id == version.id).order_by(Lesson.position)
    )
    checks: dict[int, list[CheckPlan]] = {}
    rows = session().scalars(
        select(LessonCheck)
        .join(Lesson, Lesson.id == LessonCheck.lesson_id)
        .where(Lesson.version_id == version.id)
        .order_by(LessonCheck.lesson_id, LessonCheck.position)
    )
    for row in rows:
        plan = CheckPlan(row.stem, tuple(row.options), row.answer, row.why)
        checks.setdefault(row.lesson_id, []).append(plan)
    assets = session().scalars(
        select(CourseAsset).where(CourseAsset.version_id == version.id).order_by(CourseAsset.path)
    )
    return CoursePlan(
        course.code, course.kind, version.title, version.title_en, version.summary,
        tuple(version.audience), version.tenths, version.category, version.year, version.source,
        tuple(
            LessonPlan(
                row.code, row.title, row.title_en, row.minutes, tuple(row.goals), row.body_md,
                tuple(checks.get(row.id, [])),
            )
            for row in lessons
        ),
        tuple(
            PicturePlan(a.path, a.media_type, a.width, a.height, a.content) for a in assets
        ),
    )  # fmt: skip
