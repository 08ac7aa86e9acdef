"""Scans kept on a phone without a signal, and what people decided about doubtful check-ins."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Model

DECISIONS = ("accepted", "struck")


class HallKey(AppendOnly, Model):
    """The public key with which one person's phone signs its scans; the private one never leaves
    the phone. ``public_key`` is a point of P-256, 65 bytes; ``device`` the mark of the phone."""

    __tablename__ = "hall_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    device: Mapped[str] = mapped_column(String(64))
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


class KeptScan(AppendOnly, Model):
    """A scan that a phone signed without a signal and delivered later, once per ``scan``.

    It counts at ``code_at``, the time the code itself proves; ``phone_at`` is what the phone's
    clock said and ``recorded_at`` when it arrived: shown for review, never used for counting."""

    __tablename__ = "kept_scan"
    __table_args__ = (
        CheckConstraint("kind IN ('in', 'out')", name="kind"),
        Index("ix_kept_scan_session", "session_id"),
        Index("ix_kept_scan_fact", "fact_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scan: Mapped[str] = mapped_column(String(32), unique=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("hall_key.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("central_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(4))
    code: Mapped[str] = mapped_column(String(40))
    code_at: Mapped[datetime]
    phone_at: Mapped[datetime]
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    fact_id: Mapped[int] = mapped_column(ForeignKey("attendance_fact.id"))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


class CheckInReview(AppendOnly, Model):
    """What somebody decided about a doubtful check-in and why; ``signs`` are those that she saw,
    so that a sign which appears later opens the question again. ``void_id`` took the check-in
    back."""

    __tablename__ = "check_in_review"
    __table_args__ = (
        UniqueConstraint("fact_id", "number"),
        CheckConstraint(f"decision IN {DECISIONS}", name="decision"),
        CheckConstraint("(decision = 'struck') = (void_id IS NOT NULL)", name="void"),
        Index("ix_check_in_review_session", "session_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("central_session.id"))
    fact_id: Mapped[int] = mapped_column(ForeignKey("attendance_fact.id"))
    number: Mapped[int]
    decision: Mapped[str] = mapped_column(String(10))
    signs: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200))
    void_id: Mapped[int | None] = mapped_column(ForeignKey("attendance_fact.id"))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]
