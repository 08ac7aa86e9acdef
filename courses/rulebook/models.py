"""Proposals to change a rule, what they would change, and what was decided."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Json, Model

STEPS = ("approved", "refused", "withdrawn")


class RuleProposal(AppendOnly, Model):
    """The whole value a rule shall have from a day on, against the version it was written from."""

    __tablename__ = "rule_proposal"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80), index=True)
    base_version: Mapped[int]
    effective_from: Mapped[date]
    value: Mapped[Json]
    source: Mapped[str] = mapped_column(String(400))
    confirmed: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(300))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


class RuleProposalStep(AppendOnly, Model):
    """How a proposal ended; a proposal ends once. ``version`` is the rule's new version."""

    __tablename__ = "rule_proposal_step"
    __table_args__ = (
        CheckConstraint(f"step IN {STEPS}", name="step"),
        CheckConstraint("(step = 'approved') = (version IS NOT NULL)", name="version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("rule_proposal.id"), unique=True)
    step: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(300))
    version: Mapped[int | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


class RulePreview(Model):
    """Who would change under a proposal, as last computed by the task ``ref``."""

    __tablename__ = "rule_preview"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("rule_proposal.id"), primary_key=True)
    ref: Mapped[str] = mapped_column(String(32))
    result: Mapped[Json]
    computed_at: Mapped[datetime | None]
