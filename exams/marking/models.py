"""Table of marks: given by a rule or by a person, never rewritten; a later one counts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Model


class Mark(AppendOnly, Model):
    """Tenths of a mark for one slot of an attempt, or for one module of a skills test (``item``,
    then ``slot_id`` is NULL). ``key`` makes the same marking happen once."""

    __tablename__ = "mark"
    __table_args__ = (
        CheckConstraint("tenths >= 0", name="tenths"),
        Index("ix_mark_attempt", "attempt_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id"))
    item: Mapped[str] = mapped_column(String(40))
    tenths: Mapped[int]
    stamp: Mapped[str] = mapped_column(String(90))
    marked_by: Mapped[int]
    marked_at: Mapped[datetime]
    key: Mapped[str] = mapped_column(String(80), unique=True)
