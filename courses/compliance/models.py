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
    """One person's verdict as last computed; can always be rebuilt from the facts.

    ``rung`` is the highest a certificate proves, ``done_on`` the day of the last session of
    somebody who is done.
    """

    __tablename__ = "duty_flag"
    __table_args__ = (
        UniqueConstraint("person_id", "year", "requirement"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index(
            "ix_duty_flag_region",
            "year", "requirement", "region", "organisation_id", "state", "owes", "post", "rung",
            "done_on",
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
    rung: Mapped[int | None]
    done_on: Mapped[date | None]
    tested_on: Mapped[date]
    done_tenths: Mapped[int]
    missing_tenths: Mapped[int]
    rule: Mapped[str] = mapped_column(String(100))
    facts: Mapped[Json]
    computed_at: Mapped[datetime]


class Counted:
    """How many flags stand where; always equal to the flags themselves when it was counted."""

    year: Mapped[int] = mapped_column(primary_key=True)
    requirement: Mapped[str] = mapped_column(String(20), primary_key=True)
    region: Mapped[str] = mapped_column(String(6), primary_key=True)
    owing: Mapped[int]
    done: Mapped[int]
    scheduled: Mapped[int]
    at_risk: Mapped[int]
    missed: Mapped[int]
    exempt: Mapped[int]
    counted_at: Mapped[datetime]


class DutyCount(Counted, Model):
    """The flags of a county by post and rung (0: no certificate): as many rows in a province of
    300,000 people as in one of 3,000."""

    __tablename__ = "duty_count"

    post: Mapped[str] = mapped_column(String(30), primary_key=True)
    rung: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class DutyHomeCount(Counted, Model):
    """The flags charged to a home; ``left_over`` owe and have not done it."""

    __tablename__ = "duty_home_count"
    __table_args__ = (
        Index("ix_duty_home_count_worst", "year", "requirement", "left_over", "organisation_id"),
        Index("ix_duty_home_count_home", "organisation_id", "year"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    left_over: Mapped[int]


class DutyDayCount(Model):
    """How many people of a county did their last session on a day, among those who are done."""

    __tablename__ = "duty_day_count"

    year: Mapped[int] = mapped_column(primary_key=True)
    requirement: Mapped[str] = mapped_column(String(20), primary_key=True)
    region: Mapped[str] = mapped_column(String(6), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    people: Mapped[int]
