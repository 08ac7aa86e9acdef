"""results: made void by two people when somebody is expelled after her result"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import guard

revision = "result_voidings"
down_revision = "sitting_limits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "result_voiding",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_result_voiding_attempt_id")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["exam_result.id"], name=op.f("fk_result_voiding_result_id")
        ),
    )
    op.create_index("ix_result_voiding_attempt", "result_voiding", ["attempt_id"])
    op.create_table(
        "voiding_decision",
        sa.Column("voiding_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("word", sa.String(400), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expulsion_id", sa.Integer()),
        sa.CheckConstraint(
            "approved = (expulsion_id IS NOT NULL)", name=op.f("ck_voiding_decision_expulsion")
        ),
        sa.ForeignKeyConstraint(
            ["voiding_id"], ["result_voiding.id"], name=op.f("fk_voiding_decision_voiding_id")
        ),
        sa.ForeignKeyConstraint(
            ["expulsion_id"], ["expulsion.id"], name=op.f("fk_voiding_decision_expulsion_id")
        ),
    )
    guard("result_voiding", "voiding_decision")


def downgrade() -> None:
    op.drop_table("voiding_decision")
    op.drop_table("result_voiding")
