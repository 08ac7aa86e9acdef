"""What a course folder says, as plain values: ``reading`` makes it, ``operations`` write it."""

from dataclasses import dataclass
from hashlib import sha256

from lms.core.signing import canonical


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a course folder: which file, which field, what, and how to cure it."""

    file: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """One self-check question; ``answer`` is a letter."""

    stem: str
    options: tuple[str, ...]
    answer: str
    why: str


@dataclass(frozen=True, slots=True)
class LessonPlan:
    """One lesson as its Markdown file says it."""

    code: str
    title: str
    title_en: str
    minutes: int
    goals: tuple[str, ...]
    body: str
    checks: tuple[CheckPlan, ...]


@dataclass(frozen=True, slots=True)
class PicturePlan:
    """One picture, already checked and re-written; ``path`` begins with ``pictures/``."""

    path: str
    media_type: str
    width: int
    height: int
    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class CoursePlan:
    """A whole course, ready to be written as a version."""

    code: str
    kind: str
    title: str
    title_en: str
    summary: str
    audience: tuple[str, ...]
    tenths: int
    category: str
    year: int | None
    source: str
    lessons: tuple[LessonPlan, ...]
    pictures: tuple[PicturePlan, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over everything a learner can see; the same content gives the same digest."""
        content: dict[str, object] = {
            name: getattr(self, name)
            for name in (
                "code", "kind", "title", "title_en", "summary", "tenths", "category", "year",
                "source",
            )
        }  # fmt: skip
        content["audience"] = list(self.audience)
        content["lessons"] = [_lesson_facts(lesson) for lesson in self.lessons]
        content["pictures"] = {picture.path: picture.digest for picture in self.pictures}
        return sha256(canonical(content)).hexdigest()


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome of reading a folder: a plan, or the faults that stand in its way."""

    plan: CoursePlan | None
    faults: tuple[Fault, ...]


def _lesson_facts(lesson: LessonPlan) -> dict[str, object]:
    return {
        "code": lesson.code,
        "title": lesson.title,
        "title_en": lesson.title_en,
        "minutes": lesson.minutes,
        "goals": list(lesson.goals),
        "body": lesson.body,
        "checks": [[c.stem, list(c.options), c.answer, c.why] for c in lesson.checks],
    }
