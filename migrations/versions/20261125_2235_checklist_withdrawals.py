"""exams: approved checklists are taken out of use by two"""

import sqlalchemy as sa
from alembic import op

from lms.core.db import UtcDateTime
from lms.core.guards import guard

revision = "checklist_withdrawals"
down_revision = "post_room"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checklist_withdrawal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["checklist_upload.id"], name="fk_checklist_withdrawal_upload_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_checklist_withdrawal"),
    )
    op.create_index("ix_checklist_withdrawal_upload_id", "checklist_withdrawal", ["upload_id"])
    op.create_table(
        "checklist_withdrawal_decision",
        sa.Column("withdrawal_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["withdrawal_id"],
            ["checklist_withdrawal.id"],
            name="fk_checklist_withdrawal_decision_withdrawal_id",
        ),
        sa.PrimaryKeyConstraint("withdrawal_id", name="pk_checklist_withdrawal_decision"),
    )
    op.create_table(
        "station_template_retired",
        sa.Column("template_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("retired_by", sa.Integer(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["station_template.id"],
            name="fk_station_template_retired_template_id",
        ),
        sa.PrimaryKeyConstraint("template_id", name="pk_station_template_retired"),
    )
    guard("checklist_withdrawal", "checklist_withdrawal_decision", "station_template_retired")


def downgrade() -> None:
    op.drop_table("station_template_retired")
    op.drop_table("checklist_withdrawal_decision")
    op.drop_table("checklist_withdrawal")
