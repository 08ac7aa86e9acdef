"""Appeals against verdicts, and their answers."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Model

STEPS = ("accepted", "rejected", "withdrawn")


class DutyAppeal(AppendOnly, Model):
    """What a person says against her verdict of a year, with the verdict as it stood.

    The organisation is the employer charged with the flag; its county answers.
    """

    __tablename__ = "duty_appeal"
    __table_args__ = (Index("ix_duty_appeal_person", "person_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    region: Mapped[str] = mapped_column(String(6), index=True)
    year: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    rule: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(String(600))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


class DutyAppealStep(AppendOnly, Model):
    """The answer; an appeal ends once. Accepting changes no verdict: the facts it asks for do."""

    __tablename__ = "duty_appeal_step"
    __table_args__ = (CheckConstraint(f"step IN {STEPS}", name="step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    appeal_id: Mapped[int] = mapped_column(ForeignKey("duty_appeal.id"), unique=True)
    step: Mapped[str] = mapped_column(String(10))
    answer: Mapped[str] = mapped_column(String(600))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]
