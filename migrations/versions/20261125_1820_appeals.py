"""courses: appeals against verdicts of the yearly duty, and their answers"""

import sqlalchemy as sa
from alembic import op

from lms.core.db import UtcDateTime
from lms.core.guards import guard

revision = "appeals"
down_revision = "credit_claims"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duty_appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("text", sa.String(length=600), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_duty_appeal_person_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_duty_appeal_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_duty_appeal"),
    )
    op.create_index("ix_duty_appeal_person", "duty_appeal", ["person_id", "year"])
    op.create_index("ix_duty_appeal_organisation_id", "duty_appeal", ["organisation_id"])
    op.create_index("ix_duty_appeal_region", "duty_appeal", ["region"])
    op.create_table(
        "duty_appeal_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.String(length=600), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "step IN ('accepted', 'rejected', 'withdrawn')", name="ck_duty_appeal_step_step"
        ),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["duty_appeal.id"], name="fk_duty_appeal_step_appeal_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_duty_appeal_step"),
        sa.UniqueConstraint("appeal_id", name="uq_duty_appeal_step_appeal_id"),
    )
    guard("duty_appeal", "duty_appeal_step")


def downgrade() -> None:
    op.drop_table("duty_appeal_step")
    op.drop_table("duty_appeal")
