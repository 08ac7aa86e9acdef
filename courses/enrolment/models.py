"""Tables of learning: who takes which version, what was seen of it, and that it was finished."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Json, Model

EVIDENCE_KINDS = ("opened", "position", "check", "finished")


class Enrolment(AppendOnly, Model):
    """A person takes a course once per cycle (``once`` or a year), on the version pinned then."""

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("person_id", "course_id", "cycle"),
        Index("ix_enrolment_course", "course_id", "cycle", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    cycle: Mapped[str] = mapped_column(String(8))
    started_at: Mapped[datetime]


class Evidence(AppendOnly, Model):
    """Something a learner did in a lesson; an operation id counts once within an enrolment."""

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "op_id"),
        CheckConstraint(f"kind IN {EVIDENCE_KINDS}", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"))
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[Json]
    at: Mapped[datetime]
    op_id: Mapped[str] = mapped_column(String(40))


class Completion(AppendOnly, Model):
    """An enrolment was finished: written once, with the hours earned and the rule applied."""

    __tablename__ = "completion"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), unique=True)
    at: Mapped[datetime]
    tenths: Mapped[int]
    rule: Mapped[str] = mapped_column(String(80))
