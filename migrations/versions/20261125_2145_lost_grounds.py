"""certificates: suspended by themselves when what they rest on counts no more"""

import sqlalchemy as sa
from alembic import op

from lms.core.db import UtcDateTime
from lms.core.guards import guard

revision = "lost_grounds"
down_revision = "checklist_uploads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_lost_ground",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("ref", sa.String(length=80), nullable=False),
        sa.Column("url", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "cause IN ('voided', 'corrected')", name="ck_certificate_lost_ground_cause"
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name="fk_certificate_lost_ground_certificate_id"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["certificate_event.id"], name="fk_certificate_lost_ground_event_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_certificate_lost_ground"),
        sa.UniqueConstraint("event_id", name="uq_certificate_lost_ground_event_id"),
    )
    op.create_index(
        "ix_certificate_lost_ground_certificate_id", "certificate_lost_ground", ["certificate_id"]
    )
    op.create_index("ix_certificate_lost_ground_ref", "certificate_lost_ground", ["ref"])
    op.create_table(
        "certificate_regained_ground",
        sa.Column("lost_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lost_id"],
            ["certificate_lost_ground.id"],
            name="fk_certificate_regained_ground_lost_id",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["certificate_event.id"], name="fk_certificate_regained_ground_event_id"
        ),
        sa.PrimaryKeyConstraint("lost_id", name="pk_certificate_regained_ground"),
        sa.UniqueConstraint("event_id", name="uq_certificate_regained_ground_event_id"),
    )
    guard("certificate_lost_ground", "certificate_regained_ground")


def downgrade() -> None:
    op.drop_table("certificate_regained_ground")
    op.drop_table("certificate_lost_ground")
