"""courses: keys of phones, scans kept without a signal, decisions about doubtful check-ins"""

import sqlalchemy as sa
from alembic import op

from lms.core.db import UtcDateTime
from lms.core.guards import guard

revision = "kept_scans"
down_revision = "lost_grounds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hall_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_hall_key_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hall_key"),
        sa.UniqueConstraint("ref", name="uq_hall_key_ref"),
    )
    op.create_index("ix_hall_key_person_id", "hall_key", ["person_id"])
    op.create_table(
        "kept_scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scan", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("code_at", UtcDateTime(), nullable=False),
        sa.Column("phone_at", UtcDateTime(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("fact_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('in', 'out')", name="ck_kept_scan_kind"),
        sa.ForeignKeyConstraint(["key_id"], ["hall_key.id"], name="fk_kept_scan_key_id"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["central_session.id"], name="fk_kept_scan_session_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_kept_scan_person_id"),
        sa.ForeignKeyConstraint(["fact_id"], ["attendance_fact.id"], name="fk_kept_scan_fact_id"),
        sa.PrimaryKeyConstraint("id", name="pk_kept_scan"),
        sa.UniqueConstraint("scan", name="uq_kept_scan_scan"),
    )
    op.create_index("ix_kept_scan_session", "kept_scan", ["session_id"])
    op.create_index("ix_kept_scan_fact", "kept_scan", ["fact_id"])
    op.create_table(
        "check_in_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("fact_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("signs", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("void_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "decision IN ('accepted', 'struck')", name="ck_check_in_review_decision"
        ),
        sa.CheckConstraint(
            "(decision = 'struck') = (void_id IS NOT NULL)", name="ck_check_in_review_void"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["central_session.id"], name="fk_check_in_review_session_id"
        ),
        sa.ForeignKeyConstraint(
            ["fact_id"], ["attendance_fact.id"], name="fk_check_in_review_fact_id"
        ),
        sa.ForeignKeyConstraint(
            ["void_id"], ["attendance_fact.id"], name="fk_check_in_review_void_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_check_in_review"),
        sa.UniqueConstraint("fact_id", "number", name="uq_check_in_review_fact_id"),
    )
    op.create_index("ix_check_in_review_session", "check_in_review", ["session_id"])
    guard("hall_key", "kept_scan", "check_in_review")


def downgrade() -> None:
    for name in ("check_in_review", "kept_scan", "hall_key"):
        op.drop_table(name)
