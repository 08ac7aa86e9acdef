"""Tables of courses: a version is written whole, and frozen from the day it is published."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core.db import AppendOnly, Model

KINDS = ("onboarding", "refresher", "special")


class Course(Model):
    """A course known by its code; without an owner it belongs to the province."""

    __tablename__ = "course"
    __table_args__ = (CheckConstraint(f"kind IN {KINDS}", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    created_at: Mapped[datetime]


class CourseVersion(Model):
    """One wording of a course; the database refuses any change once ``published_at`` is set."""

    __tablename__ = "course_version"
    __table_args__ = (
        UniqueConstraint("course_id", "no"),
        CheckConstraint("tenths > 0", name="tenths"),
        CheckConstraint("published_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    no: Mapped[int]
    title: Mapped[str] = mapped_column(String(80))
    title_en: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(400))
    audience: Mapped[list[str]] = mapped_column(JSON)
    tenths: Mapped[int]
    category: Mapped[str] = mapped_column(String(20))
    year: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(400))
    digest: Mapped[str] = mapped_column(String(64))
    drafted_at: Mapped[datetime]
    drafted_by: Mapped[int]
    published_at: Mapped[datetime | None]
    published_by: Mapped[int | None]
    withdrawn_at: Mapped[datetime | None]

    course: Mapped[Course] = relationship()
    lessons: Mapped[list["Lesson"]] = relationship(order_by="Lesson.position")

    @property
    def state(self) -> str:
        """``draft``, ``published`` or ``withdrawn``."""
        if self.published_at:
            return "published"
        return "withdrawn" if self.withdrawn_at else "draft"


class Lesson(AppendOnly, Model):
    """One lesson of one version; its HTML was made from the Markdown and cleaned on the way in."""

    __tablename__ = "lesson"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(80))
    title_en: Mapped[str] = mapped_column(String(120))
    minutes: Mapped[int]
    goals: Mapped[list[str]] = mapped_column(JSON)
    body_md: Mapped[str]
    html: Mapped[str]

    checks: Mapped[list["LessonCheck"]] = relationship(order_by="LessonCheck.position")


class LessonCheck(AppendOnly, Model):
    """A self-check question; ``answer`` is the letter of one of its options."""

    __tablename__ = "lesson_check"
    __table_args__ = (UniqueConstraint("lesson_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"))
    position: Mapped[int]
    stem: Mapped[str] = mapped_column(String(400))
    options: Mapped[list[str]] = mapped_column(JSON)
    answer: Mapped[str] = mapped_column(String(1))
    why: Mapped[str] = mapped_column(String(600))


class CourseAsset(AppendOnly, Model):
    """A picture of one version, checked and re-written before it was stored."""

    __tablename__ = "course_asset"
    __table_args__ = (UniqueConstraint("version_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    path: Mapped[str] = mapped_column(String(80))
    media_type: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64), index=True)
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
