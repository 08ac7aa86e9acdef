"""Tables of exam events and the people entered for them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core.db import Json, Model


class Part(StrEnum):
    """The parts a level is examined in; each is marked out of 100 and stands alone."""

    THEORY = "theory"
    SKILLS = "skills"
    REVIEW = "review"


class Release(StrEnum):
    """When candidates see their marks: as soon as they are concluded, or when an examiner says."""

    AT_ONCE = "at_once"
    BY_EXAMINER = "by_examiner"


class Feedback(StrEnum):
    """What a candidate sees after release: marks only, or questions with explanations too."""

    MARKS = "marks"
    EXPLAINED = "explained"


class ExamEvent(Model):
    """One sitting of one part for one rung; ``status`` goes draft → published → closed, and the
    blueprint's stamp is pinned when it is published."""

    __tablename__ = "exam_event"
    __table_args__ = (
        CheckConstraint(f"part IN {tuple(str(p) for p in Part)}", name="part"),
        CheckConstraint("status IN ('draft', 'published', 'closed')", name="status"),
        CheckConstraint(f"release IN {tuple(str(r) for r in Release)}", name="release"),
        CheckConstraint(f"feedback IN {tuple(str(f) for f in Feedback)}", name="feedback"),
        CheckConstraint("closes_at > opens_at", name="window"),
        CheckConstraint("minutes BETWEEN 1 AND 600", name="minutes"),
        CheckConstraint("attempts BETWEEN 1 AND 5", name="attempts"),
        Index("ix_exam_event_organisation", "organisation_id", "opens_at"),
        Index("ix_exam_event_status", "status", "opens_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    rung: Mapped[int]
    part: Mapped[str] = mapped_column(String(8))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    bank_id: Mapped[int | None] = mapped_column(ForeignKey("bank.id"))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    minutes: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=1)
    make_up_of: Mapped[int | None] = mapped_column(ForeignKey("exam_event.id"))
    blueprint: Mapped[str] = mapped_column(String(90), default="")
    status: Mapped[str] = mapped_column(String(10), default="draft")
    release: Mapped[str] = mapped_column(String(12))
    feedback: Mapped[str] = mapped_column(String(10))
    grace_seconds: Mapped[int]
    per_candidate: Mapped[bool] = mapped_column(default=True)
    shuffle_options: Mapped[bool] = mapped_column(default=True)
    issues_certificate: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[int]
    created_at: Mapped[datetime]
    published_by: Mapped[int | None]
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class Entry(Model):
    """One person entered for one event, with the decision on eligibility as it was taken."""

    __tablename__ = "exam_entry"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        CheckConstraint("extra_minutes BETWEEN 0 AND 240", name="extra"),
        Index("ix_exam_entry_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("exam_event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ticket: Mapped[str] = mapped_column(String(24), unique=True)
    decision: Mapped[Json]
    rule_stamp: Mapped[str] = mapped_column(String(90))
    extra_minutes: Mapped[int] = mapped_column(default=0)
    registered_by: Mapped[int]
    registered_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    event: Mapped[ExamEvent] = relationship()
