"""The ledger of class hours."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Model

CATEGORIES = ("professional", "public")


class CreditEntry(AppendOnly, Model):
    """One movement of hours, in tenths; a source posts once and an entry is reversed once."""

    __tablename__ = "credit_entry"
    __table_args__ = (
        CheckConstraint(f"category IN {CATEGORIES}", name="category"),
        CheckConstraint("tenths <> 0", name="tenths"),
        CheckConstraint("(tenths > 0) = (reverses_id IS NULL)", name="sign"),
        Index("ix_credit_entry_person", "person_id", "year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    category: Mapped[str] = mapped_column(String(12))
    tenths: Mapped[int]
    year: Mapped[int]
    source_key: Mapped[str] = mapped_column(String(120), unique=True)
    source: Mapped[str] = mapped_column(String(200))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("credit_entry.id"), unique=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]
