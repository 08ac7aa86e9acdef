"""courses: proposals to change a rule, their decisions, and what they would change"""

import sqlalchemy as sa
from alembic import op

from lms.core.db import UtcDateTime
from lms.core.guards import guard

revision = "rulebook"
down_revision = "badge_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rule_proposal"),
    )
    op.create_index("ix_rule_proposal_code", "rule_proposal", ["code"])
    op.create_table(
        "rule_proposal_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "step IN ('approved', 'refused', 'withdrawn')", name="ck_rule_proposal_step_step"
        ),
        sa.CheckConstraint(
            "(step = 'approved') = (version IS NOT NULL)", name="ck_rule_proposal_step_version"
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["rule_proposal.id"], name="fk_rule_proposal_step_proposal_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_rule_proposal_step"),
        sa.UniqueConstraint("proposal_id", name="uq_rule_proposal_step_proposal_id"),
    )
    op.create_table(
        "rule_preview",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("computed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["rule_proposal.id"], name="fk_rule_preview_proposal_id"
        ),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_rule_preview"),
    )
    guard("rule_proposal", "rule_proposal_step")


def downgrade() -> None:
    for name in ("rule_preview", "rule_proposal_step", "rule_proposal"):
        op.drop_table(name)
