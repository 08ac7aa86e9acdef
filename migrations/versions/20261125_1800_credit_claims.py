"""courses: claims for hours earned elsewhere, their decisions, and study leave"""

import sqlalchemy as sa
from alembic import op

from lms.core.db import UtcDateTime
from lms.core.guards import guard

revision = "credit_claims"
down_revision = "issuing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credit_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("organiser", sa.String(length=120), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=12), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("evidence", sa.String(length=300), nullable=False),
        sa.Column("evidence_place", sa.String(length=60), nullable=False),
        sa.Column("evidence_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("units > 0 AND tenths > 0", name="ck_credit_claim_amount"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_credit_claim_person_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_credit_claim_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_credit_claim"),
    )
    op.create_index("ix_credit_claim_person", "credit_claim", ["person_id", "held_on"])
    op.create_index("ix_credit_claim_region", "credit_claim", ["region"])
    op.create_index("ix_credit_claim_organisation_id", "credit_claim", ["organisation_id"])
    op.create_table(
        "credit_claim_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "step IN ('approved', 'refused', 'withdrawn', 'taken_back')",
            name="ck_credit_claim_step_step",
        ),
        sa.CheckConstraint(
            "stage = CASE step WHEN 'taken_back' THEN 2 ELSE 1 END",
            name="ck_credit_claim_step_stage",
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["credit_claim.id"], name="fk_credit_claim_step_claim_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_credit_claim_step"),
    )
    op.create_index(
        "uq_credit_claim_step_stage", "credit_claim_step", ["claim_id", "stage"], unique=True
    )
    op.create_table(
        "study_leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("tenths <> 0", name="ck_study_leave_tenths"),
        sa.CheckConstraint("(tenths < 0) = (reverses_id IS NOT NULL)", name="ck_study_leave_sign"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_study_leave_person_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_study_leave_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["study_leave.id"], name="fk_study_leave_reverses_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_study_leave"),
        sa.UniqueConstraint("reverses_id", name="uq_study_leave_reverses_id"),
    )
    op.create_index("ix_study_leave_person", "study_leave", ["person_id", "year"])
    guard("credit_claim", "credit_claim_step", "study_leave")


def downgrade() -> None:
    for name in ("study_leave", "credit_claim_step", "credit_claim"):
        op.drop_table(name)
