"""portal: views that people save, and their sendings"""

import sqlalchemy as sa
from alembic import op

from lms.core.db import UtcDateTime

revision = "saved_views"
down_revision = "duty_counts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("dropped_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("organisation_id IS NULL OR region IS NULL", name="ck_saved_view_unit"),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name="fk_saved_view_owner_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_saved_view_organisation_id"
        ),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name="fk_saved_view_region"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
    )
    op.create_index("ix_saved_view_owner", "saved_view", ["owner_id"])
    op.create_index("ix_saved_view_organisation", "saved_view", ["organisation_id"])
    op.create_index("ix_saved_view_region", "saved_view", ["region"])
    op.create_table(
        "saved_sending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("view_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(length=8), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("rhythm IN ('weekly', 'monthly')", name="ck_saved_sending_rhythm"),
        sa.ForeignKeyConstraint(["view_id"], ["saved_view.id"], name="fk_saved_sending_view_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_saved_sending_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_sending"),
    )
    op.create_index("ix_saved_sending_person_id", "saved_sending", ["person_id"])
    op.create_index(
        "uq_saved_sending_running",
        "saved_sending",
        ["view_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("saved_sending")
    op.drop_table("saved_view")
