"""Tables of corrected keys: a proposal, a second person's decision, and what followed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Json, Model


class KeyCorrection(AppendOnly, Model):
    """In one event a question (a case's part) shall be marked by another key, be worth full marks
    to all, or not count. The bank's version stays as it is; the newest approved one counts."""

    __tablename__ = "key_correction"
    __table_args__ = (
        CheckConstraint("way IN ('key', 'full', 'void')", name="way"),
        Index("ix_key_correction_event", "event_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("exam_event.id"))
    question_version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))
    part: Mapped[int] = mapped_column(default=-1)
    way: Mapped[str] = mapped_column(String(4))
    key: Mapped[Json]
    reason: Mapped[str] = mapped_column(String(400))
    proposed_by: Mapped[int]
    proposed_at: Mapped[datetime]


class KeyDecision(AppendOnly, Model):
    """A second person's word on a correction, taken once."""

    __tablename__ = "key_decision"

    correction_id: Mapped[int] = mapped_column(ForeignKey("key_correction.id"), primary_key=True)
    approved: Mapped[bool]
    note: Mapped[str] = mapped_column(String(400), default="")
    decided_by: Mapped[int]
    decided_at: Mapped[datetime]


class Remarking(AppendOnly, Model):
    """A sitting was marked again by an approved correction, once; results before and after."""

    __tablename__ = "remarking"

    correction_id: Mapped[int] = mapped_column(ForeignKey("key_correction.id"), primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    old_result_id: Mapped[int | None] = mapped_column(ForeignKey("exam_result.id"))
    new_result_id: Mapped[int | None] = mapped_column(ForeignKey("exam_result.id"))
    marked_at: Mapped[datetime]
