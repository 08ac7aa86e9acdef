"""questions: occupation, parts of a case, pictures and sounds"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import guard

revision = "question_kinds"
down_revision = "exam_rooms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "question_version",
        sa.Column("occupation", sa.String(30), nullable=False, server_default="caregiver"),
    )
    op.add_column("slot", sa.Column("part", sa.Integer(), nullable=True))
    op.create_table(
        "media_file",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("content_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('picture', 'audio')", name=op.f("ck_media_file_kind")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_media_file")),
    )
    op.create_table(
        "bank_media",
        sa.Column("bank_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.id"], name=op.f("fk_bank_media_bank_id")),
        sa.ForeignKeyConstraint(
            ["digest"], ["media_file.digest"], name=op.f("fk_bank_media_digest")
        ),
        sa.PrimaryKeyConstraint("bank_id", "digest", name=op.f("pk_bank_media")),
    )
    op.create_table(
        "question_media",
        sa.Column("question_version_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["digest"], ["media_file.digest"], name=op.f("fk_question_media_digest")
        ),
        sa.ForeignKeyConstraint(
            ["question_version_id"],
            ["question_version.id"],
            name=op.f("fk_question_media_question_version_id"),
        ),
        sa.PrimaryKeyConstraint("question_version_id", "digest", name=op.f("pk_question_media")),
    )
    op.create_index(op.f("ix_question_media_digest"), "question_media", ["digest"])
    guard("media_file", "bank_media", "question_media")


def downgrade() -> None:
    op.drop_index(op.f("ix_question_media_digest"), "question_media")
    op.drop_table("question_media")
    op.drop_table("bank_media")
    op.drop_table("media_file")
    op.drop_column("slot", "part")
    op.drop_column("question_version", "occupation")
