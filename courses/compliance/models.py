"""Exemptions as facts, and the flags that the nightly run writes down."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Json, Model

STATES = ("not_due", "scheduled", "done", "exempt", "at_risk", "missed")
STEPS = ("approved", "refused", "revoked")


class Exemption(AppendOnly, Model):
    """A request that a person need not fulfil a requirement in one year, with its evidence."""

    __tablename__ = "duty_exemption"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        CheckConstraint("(starts_on IS NULL) = (ends_on IS NULL)", name="both"),
        Index("ix_duty_exemption_person", "person_id", "year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    requirement: Mapped[str] = mapped_column(String(20))
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    evidence: Mapped[str] = mapped_column(String(600))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


class ExemptionStep(AppendOnly, Model):
    """A decision on a request: approved or refused once, an approval revoked at most once;
    never by the one who asked."""

    __tablename__ = "duty_exemption_step"
    __table_args__ = (
        UniqueConstraint("exemption_id", "stage"),
        CheckConstraint(f"step IN {STEPS}", name="step"),
        CheckConstraint("stage = CASE step WHEN 'revoked' THEN 2 ELSE 1 END", name="stage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exemption_id: Mapped[int] = mapped_column(ForeignKey("duty_exemption.id"))
    stage: Mapped[int]
    step: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(300))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


class DutyFlag(Model):
    """One person's verdict as last computed; can always be rebuilt from the facts."""

    __tablename__ = "duty_flag"
    __table_args__ = (
        UniqueConstraint("person_id", "year", "requirement"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index(
            "ix_duty_flag_region",
            "year", "requirement", "region", "organisation_id", "state", "owes", "post",
        ),
        Index("ix_duty_flag_organisation", "organisation_id", "year", "requirement", "state"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    requirement: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(10))
    owes: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(30))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    region: Mapped[str] = mapped_column(String(6))
    post: Mapped[str] = mapped_column(String(30))
    tested_on: Mapped[date]
    done_tenths: Mapped[int]
    missing_tenths: Mapped[int]
    rule: Mapped[str] = mapped_column(String(100))
    facts: Mapped[Json]
    computed_at: Mapped[datetime]
