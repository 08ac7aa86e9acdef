"""Tables of imported number pools."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Model


class NumberPool(Model):
    """Numbers handed out to one issuer for one kind and rung; while it is open they are used
    before those of the rule. It is closed once and for all."""

    __tablename__ = "number_pool"
    __table_args__ = (
        CheckConstraint("(kind = 'skill') = (rung IS NOT NULL)", name="rung"),
        CheckConstraint("warn_at >= 0", name="warn_at"),
        Index("ix_number_pool_issuer", "issuer_id", "kind", "rung"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(12))
    rung: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(120))
    warn_at: Mapped[int]
    created_by: Mapped[int]
    created_at: Mapped[datetime]
    closed_by: Mapped[int | None]
    closed_at: Mapped[datetime | None]
    closed_reason: Mapped[str] = mapped_column(String(200), default="")


class NumberRange(Model):
    """Numbers that differ in their last digits only, in order; a single number is a range of one.
    ``used`` of them, from ``first``, were claimed; it only grows. No two ranges share a number."""

    __tablename__ = "number_range"
    __table_args__ = (
        CheckConstraint("first >= 0 AND last >= first", name="order"),
        CheckConstraint("used BETWEEN 0 AND last - first + 1", name="used"),
        CheckConstraint("width BETWEEN 1 AND 9", name="width"),
        Index("ix_number_range_head", "head", "width", "first"),
        Index("ix_number_range_pool", "pool_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("number_pool.id"))
    position: Mapped[int]
    head: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    first: Mapped[int]
    last: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)


class VoidedNumber(AppendOnly, Model):
    """A number that no certificate will ever bear, and why."""

    __tablename__ = "voided_number"

    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    reason: Mapped[str] = mapped_column(String(200))
    voided_by: Mapped[int]
    voided_at: Mapped[datetime]
