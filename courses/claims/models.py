"""Claims for hours earned elsewhere, their decisions, and days of study leave."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Model

STEPS = ("approved", "refused", "withdrawn", "taken_back")


class CreditClaim(AppendOnly, Model):
    """What somebody did elsewhere: so many units of a kind, with what proves it.

    ``tenths`` is what the rule ``rule`` made of it (tenths of a class hour). ``evidence_sealed``
    is a picture of the proof, encrypted; the organisation is her employer on the day of asking.
    """

    __tablename__ = "credit_claim"
    __table_args__ = (
        CheckConstraint("units > 0 AND tenths > 0", name="amount"),
        Index("ix_credit_claim_person", "person_id", "held_on"),
        Index("ix_credit_claim_region", "region"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    region: Mapped[str] = mapped_column(String(6))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(120))
    organiser: Mapped[str] = mapped_column(String(120))
    held_on: Mapped[date]
    units: Mapped[int]
    category: Mapped[str] = mapped_column(String(12))
    tenths: Mapped[int]
    rule: Mapped[str] = mapped_column(String(100))
    evidence: Mapped[str] = mapped_column(String(300))
    evidence_place: Mapped[str] = mapped_column(String(60))
    evidence_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


class CreditClaimStep(AppendOnly, Model):
    """A decision: approved, refused or withdrawn once; an approval taken back at most once."""

    __tablename__ = "credit_claim_step"
    __table_args__ = (
        CheckConstraint(f"step IN {STEPS}", name="step"),
        CheckConstraint("stage = CASE step WHEN 'taken_back' THEN 2 ELSE 1 END", name="stage"),
        Index("uq_credit_claim_step_stage", "claim_id", "stage", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("credit_claim.id"))
    stage: Mapped[int]
    step: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(300))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


class StudyLeave(AppendOnly, Model):
    """Hours of paid study leave an employer gave; an entry below zero takes one back."""

    __tablename__ = "study_leave"
    __table_args__ = (
        CheckConstraint("tenths <> 0", name="tenths"),
        CheckConstraint("(tenths < 0) = (reverses_id IS NOT NULL)", name="sign"),
        Index("ix_study_leave_person", "person_id", "year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    year: Mapped[int]
    tenths: Mapped[int]
    note: Mapped[str] = mapped_column(String(200))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("study_leave.id"), unique=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]
