"""exams: checklists that an evaluator brings itself"""

import sqlalchemy as sa
from alembic import op

from lms.core.db import UtcDateTime
from lms.core.guards import guard

revision = "checklist_uploads"
down_revision = "certificate_designs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checklist_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_checklist_upload_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_checklist_upload"),
        sa.UniqueConstraint("ref", name="uq_checklist_upload_ref"),
    )
    op.create_index("ix_checklist_upload_organisation_id", "checklist_upload", ["organisation_id"])
    op.create_table(
        "checklist_decision",
        sa.Column("upload_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["checklist_upload.id"], name="fk_checklist_decision_upload_id"
        ),
        sa.PrimaryKeyConstraint("upload_id", name="pk_checklist_decision"),
    )
    op.create_table(
        "station_template_owner",
        sa.Column("template_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"], ["station_template.id"], name="fk_station_template_owner_template_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_station_template_owner_organisation_id",
        ),
        sa.PrimaryKeyConstraint("template_id", name="pk_station_template_owner"),
    )
    op.create_index(
        "ix_station_template_owner_organisation_id", "station_template_owner", ["organisation_id"]
    )
    guard("checklist_upload", "checklist_decision", "station_template_owner")


def downgrade() -> None:
    op.drop_table("station_template_owner")
    op.drop_table("checklist_decision")
    op.drop_table("checklist_upload")
