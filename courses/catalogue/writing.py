"""From a course plan back to the files an author edits; reading them gives the same plan."""

from typing import Any

import yaml

from courses.catalogue.plans import CoursePlan, LessonPlan
from courses.catalogue.reading import MANIFEST


def to_files(plan: CoursePlan) -> dict[str, bytes]:
    """The files of a course folder, path → bytes."""
    stems = [f"{number:02}-{lesson.code}" for number, lesson in enumerate(plan.lessons, start=1)]
    manifest: dict[str, Any] = {
        "code": plan.code,
        "kind": plan.kind,
        "title": plan.title,
        "title_en": plan.title_en,
        "summary": plan.summary,
        "audience": list(plan.audience),
        "hours": plan.tenths / 10 if plan.tenths % 10 else plan.tenths // 10,
        "category": plan.category,
    }
    if plan.year is not None:
        manifest["year"] = plan.year
    manifest |= {"source": plan.source, "lessons": stems}
    files = {MANIFEST: _yaml(manifest).encode()}
    for stem, lesson in zip(stems, plan.lessons, strict=True):
        files[f"{stem}.md"] = _lesson(lesson)
    return files | {picture.path: picture.content for picture in plan.pictures}


def _lesson(lesson: LessonPlan) -> bytes:
    front = {
        "code": lesson.code,
        "title": lesson.title,
        "title_en": lesson.title_en,
        "minutes": lesson.minutes,
        "goals": list(lesson.goals),
        "check": [
            {"stem": c.stem, "options": list(c.options), "answer": c.answer, "why": c.why}
            for c in lesson.checks
        ],
    }
    return f"---\n{_yaml(front)}---\n\n{lesson.body}".encode()


def _yaml(values: dict[str, Any]) -> str:
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=10_000)
