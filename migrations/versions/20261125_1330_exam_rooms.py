"""exam events: sites, rooms, seats, admission, practice, publication time; sittings: pause, leaves"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import guard, reword_check

revision = "exam_rooms"
down_revision = "exams"
branch_labels = None
depends_on = None

EVENT = (
    "results_at TIMESTAMP WITH TIME ZONE CONSTRAINT ck_exam_event_results_at"
    " CHECK (release <> 'at_time' OR results_at IS NOT NULL)",
    "admission VARCHAR(12) DEFAULT 'open' NOT NULL CONSTRAINT ck_exam_event_admission"
    " CHECK (admission IN ('open', 'code', 'invigilator'))",
    "switch_mode VARCHAR(8) DEFAULT 'off' NOT NULL CONSTRAINT ck_exam_event_switch_mode"
    " CHECK (switch_mode IN ('off', 'warn', 'hand_in'))",
    "switch_limit INTEGER DEFAULT 5 NOT NULL CONSTRAINT ck_exam_event_switch_limit"
    " CHECK (switch_limit BETWEEN 0 AND 99)",
    "practice BOOLEAN DEFAULT FALSE NOT NULL",
)
ENTRY = (
    "room_id INTEGER CONSTRAINT fk_exam_entry_room_id REFERENCES exam_room (id)",
    "seat INTEGER",
    "admitted_at TIMESTAMP WITH TIME ZONE",
)
ATTEMPT = (
    "paused_at TIMESTAMP WITH TIME ZONE CONSTRAINT ck_attempt_paused"
    " CHECK (paused_at IS NULL OR state = 'open')",
    "left_count INTEGER DEFAULT 0 NOT NULL",
    "released_hash VARCHAR(64) DEFAULT '' NOT NULL",
)


def upgrade() -> None:
    _tables()
    _add("exam_event", EVENT)
    _add("exam_entry", ENTRY)
    _add("attempt", ATTEMPT)
    _add("sitting_event", ("op VARCHAR(36)",))
    op.create_index("ix_exam_entry_room", "exam_entry", ["room_id", "seat"])
    op.create_index("uq_sitting_event_op", "sitting_event", ["attempt_id", "op"], unique=True)
    reword_check(
        "exam_event", "ck_exam_event_release", "release IN ('at_once', 'at_time', 'by_examiner')"
    )
    reword_check(
        "exam_event", "ck_exam_event_feedback", "feedback IN ('nothing', 'marks', 'explained')"
    )
    reword_check(
        "attempt",
        "ck_attempt_state",
        "state IN ('open', 'handed_in', 'timed_out', 'concluded', 'expelled')",
    )


def _add(table: str, columns: tuple[str, ...]) -> None:
    """Written out, because SQLite takes constraints only together with the new column."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for column in columns:
        text = column.replace("TIMESTAMP WITH TIME ZONE", "DATETIME") if sqlite else column
        op.execute(f"ALTER TABLE {table} ADD COLUMN {text}")


def _tables() -> None:
    op.create_table(
        "exam_site",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("directions", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_exam_site_organisation_id"
        ),
        sa.UniqueConstraint("organisation_id", "name", name="uq_exam_site_organisation_id"),
    )
    op.create_table(
        "exam_room",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.CheckConstraint("seats BETWEEN 1 AND 500", name="ck_exam_room_seats"),
        sa.ForeignKeyConstraint(["event_id"], ["exam_event.id"], name="fk_exam_room_event_id"),
        sa.ForeignKeyConstraint(["site_id"], ["exam_site.id"], name="fk_exam_room_site_id"),
        sa.UniqueConstraint("event_id", "name", name="uq_exam_room_event_id"),
    )
    op.create_table(
        "room_invigilator",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("assigned_by", sa.Integer(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["exam_room.id"], name="fk_room_invigilator_room_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_room_invigilator_person_id"),
        sa.UniqueConstraint("room_id", "person_id", name="uq_room_invigilator_room_id"),
    )
    op.create_index("ix_room_invigilator_person", "room_invigilator", ["person_id"])
    op.create_table(
        "exam_code_try",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["exam_entry.id"], name="fk_exam_code_try_entry_id"),
    )
    op.create_index("ix_exam_code_try_entry", "exam_code_try", ["entry_id", "at"])
    op.create_table(
        "sitting_presence",
        sa.Column("attempt_id", sa.Integer(), primary_key=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unsent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name="fk_sitting_presence_attempt_id"
        ),
    )
    op.create_table(
        "expulsion",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name="fk_expulsion_attempt_id"),
        sa.ForeignKeyConstraint(["reverses_id"], ["expulsion.id"], name="fk_expulsion_reverses_id"),
        sa.UniqueConstraint("reverses_id", name="uq_expulsion_reverses_id"),
    )
    op.create_index("ix_expulsion_attempt", "expulsion", ["attempt_id"])
    guard("exam_code_try", "expulsion")


def downgrade() -> None:
    raise NotImplementedError("facts recorded since would be lost")
