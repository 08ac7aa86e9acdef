"""papers: blueprints of organisations, forms and fixed papers, what papers are made from"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import guard

revision = "papers"
down_revision = "analysis_and_reviews"
branch_labels = None
depends_on = None

EVENT = (
    "paper_mode VARCHAR(8) DEFAULT 'own' NOT NULL CONSTRAINT ck_exam_event_paper_mode"
    " CHECK (paper_mode IN ('own', 'forms', 'fixed'))",
    "forms INTEGER DEFAULT 2 NOT NULL CONSTRAINT ck_exam_event_forms CHECK (forms BETWEEN 1 AND 8)",
    "blueprint_id INTEGER CONSTRAINT fk_exam_event_blueprint_id REFERENCES blueprint (id)",
    "exposure_percent INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_exam_event_exposure"
    " CHECK (exposure_percent BETWEEN 0 AND 100)",
    "tolerance_tenths INTEGER DEFAULT 20 NOT NULL CONSTRAINT ck_exam_event_tolerance"
    " CHECK (tolerance_tenths BETWEEN 0 AND 1000)",
    "multiple_rule VARCHAR(16) DEFAULT '' NOT NULL CONSTRAINT ck_exam_event_multiple_rule"
    " CHECK (multiple_rule IN ('', 'all_or_nothing', 'partial'))",
    "papers_task VARCHAR(32) DEFAULT '' NOT NULL",
)
PAPER = (
    "entry_id INTEGER CONSTRAINT fk_paper_entry_id REFERENCES exam_entry (id)",
    "number INTEGER",
    "form INTEGER",
    "expected INTEGER",
    "size INTEGER DEFAULT 0 NOT NULL",
)


def upgrade() -> None:
    _tables()
    for column in EVENT:
        op.execute(f"ALTER TABLE exam_event ADD COLUMN {column}")
    for column in PAPER:
        op.execute(f"ALTER TABLE paper ADD COLUMN {column}")
    _take_over()
    op.execute("ALTER TABLE exam_event DROP COLUMN per_candidate")
    op.create_index("uq_paper_entry", "paper", ["entry_id", "number"], unique=True)
    op.create_index("uq_paper_form", "paper", ["event_id", "form"], unique=True)


def _take_over() -> None:
    """Papers of before belong to their sittings; a paper that all got was the only form."""
    op.execute("UPDATE exam_event SET paper_mode = 'forms', forms = 1 WHERE NOT per_candidate")
    _unguard("paper")
    op.execute("UPDATE paper SET size = (SELECT count(*) FROM slot WHERE paper_id = paper.id)")
    op.execute(
        "UPDATE paper SET form = 1 WHERE event_id IN"
        " (SELECT id FROM exam_event WHERE NOT per_candidate)"
    )
    for column, source in (("entry_id", "entry_id"), ("number", "number")):
        op.execute(
            f"UPDATE paper SET {column} ="
            f" (SELECT min({source}) FROM attempt WHERE paper_id = paper.id) WHERE form IS NULL"
        )
    guard("paper")


def _unguard(table: str) -> None:
    """Drop the triggers of an append-only table for as long as its new columns are filled in."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{verb}")
    else:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")


def _tables() -> None:
    op.create_table(
        "blueprint",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("based_on", sa.String(length=90), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_blueprint_organisation_id"
        ),
        sa.UniqueConstraint("code", "version", name="uq_blueprint_code"),
    )
    op.create_index("ix_blueprint_organisation_id", "blueprint", ["organisation_id"])
    op.create_table(
        "fixed_paper",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("picks", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["exam_event.id"], name="fk_fixed_paper_event_id"),
        sa.UniqueConstraint("event_id", "version", name="uq_fixed_paper_event_id"),
    )
    op.create_table(
        "paper_basis",
        sa.Column("event_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("tolerance", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(length=90), nullable=False),
        sa.Column("measured", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["exam_event.id"], name="fk_paper_basis_event_id"),
    )
    guard("blueprint", "fixed_paper", "paper_basis")


def downgrade() -> None:
    raise NotImplementedError("facts recorded since would be lost")
