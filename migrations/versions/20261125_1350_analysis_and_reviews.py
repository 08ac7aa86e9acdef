"""exams: frozen analyses with the figures of each item; score reviews, checked and decided"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import guard

revision = "analysis_and_reviews"
down_revision = "question_kinds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _analysis()
    _reviews()
    guard("analysis_run", "item_statistic", "score_review", "score_check", "score_decision")


def _analysis() -> None:
    op.create_table(
        "analysis_run",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("mark_id", sa.Integer(), nullable=False),
        sa.Column("sittings", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.CheckConstraint("sittings >= 0", name="ck_analysis_run_sittings"),
        sa.ForeignKeyConstraint(["event_id"], ["exam_event.id"], name="fk_analysis_run_event_id"),
    )
    op.create_index("ix_analysis_run_event", "analysis_run", ["event_id"])
    sums = [
        sa.Column(name, sa.BigInteger(), nullable=False)
        for name in ["x", "xx", "t", "tt", "xt", "w"]
    ]
    op.create_table(
        "item_statistic",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("question_version_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        *sums,
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.CheckConstraint("n > 0", name="ck_item_statistic_n"),
        sa.ForeignKeyConstraint(["run_id"], ["analysis_run.id"], name="fk_item_statistic_run_id"),
        sa.ForeignKeyConstraint(
            ["question_version_id"],
            ["question_version.id"],
            name="fk_item_statistic_question_version_id",
        ),
        sa.UniqueConstraint(
            "run_id", "question_version_id", "part", name="uq_item_statistic_run_id"
        ),
    )
    op.create_index("ix_item_statistic_version", "item_statistic", ["question_version_id"])


def _reviews() -> None:
    op.create_table(
        "score_review",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule_stamp", sa.String(length=90), nullable=False),
        sa.ForeignKeyConstraint(
            ["result_id"], ["exam_result.id"], name="fk_score_review_result_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_score_review_person_id"),
        sa.UniqueConstraint("result_id", name="uq_score_review_result_id"),
    )
    op.create_index("ix_score_review_person_id", "score_review", ["person_id"])
    op.create_table(
        "score_check",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("checked_by", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tenths BETWEEN 0 AND 1000", name="ck_score_check_tenths"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["score_review.id"], name="fk_score_check_review_id"
        ),
    )
    op.create_index("ix_score_check_review_id", "score_check", ["review_id"])
    op.create_table(
        "score_decision",
        sa.Column("review_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("check_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("new_result_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('unchanged', 'corrected')", name="ck_score_decision_outcome"
        ),
        sa.CheckConstraint(
            "(outcome = 'corrected') = (new_result_id IS NOT NULL)",
            name="ck_score_decision_new_result",
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["score_review.id"], name="fk_score_decision_review_id"
        ),
        sa.ForeignKeyConstraint(
            ["check_id"], ["score_check.id"], name="fk_score_decision_check_id"
        ),
        sa.ForeignKeyConstraint(
            ["new_result_id"], ["exam_result.id"], name="fk_score_decision_new_result_id"
        ),
    )


def downgrade() -> None:
    raise NotImplementedError("facts recorded since would be lost")
