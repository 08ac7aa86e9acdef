"""exams: answers marked by people, stations with checklists and panels, corrected keys"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import guard

revision = "marking_by_people"
down_revision = "papers"
branch_labels = None
depends_on = None

EVENT = (
    "markers INTEGER DEFAULT 1 NOT NULL CONSTRAINT ck_exam_event_markers"
    " CHECK (markers BETWEEN 1 AND 2)",
    "spread_tenths INTEGER CONSTRAINT ck_exam_event_spread"
    " CHECK (spread_tenths BETWEEN 0 AND 1000)",
)


def upgrade() -> None:
    for column in EVENT:  # written out: SQLite takes constraints only together with the column
        op.execute(f"ALTER TABLE exam_event ADD COLUMN {column}")
    _people()
    _stations()
    _sheets()
    _corrections()
    guard(
        "marking_opinion",
        "marking_recusal",
        "station_template",
        "exam_station",
        "station_tap",
        "station_score",
        "station_ruling",
        "paper_sheet",
        "key_correction",
        "key_decision",
        "remarking",
    )


def _people() -> None:
    op.create_table(
        "marking_script",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("question_version_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('marking', 'adjudicating', 'done')", name="ck_marking_script_state"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name="fk_marking_script_slot_id"),
        sa.ForeignKeyConstraint(["event_id"], ["exam_event.id"], name="fk_marking_script_event_id"),
        sa.ForeignKeyConstraint(
            ["question_version_id"],
            ["question_version.id"],
            name="fk_marking_script_question_version_id",
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name="fk_marking_script_attempt_id"
        ),
        sa.UniqueConstraint("attempt_id", "slot_id", name="uq_marking_script_attempt_id"),
        sa.UniqueConstraint("ref", name="uq_marking_script_ref"),
    )
    op.create_index(
        "ix_marking_script_queue",
        "marking_script",
        ["event_id", "question_version_id", "part", "state", "ref"],
    )
    op.create_table(
        "marking_claim",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("script_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("marker_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("place BETWEEN 1 AND 3", name="ck_marking_claim_place"),
        sa.ForeignKeyConstraint(["marker_id"], ["person.id"], name="fk_marking_claim_marker_id"),
        sa.ForeignKeyConstraint(
            ["script_id"], ["marking_script.id"], name="fk_marking_claim_script_id"
        ),
        sa.UniqueConstraint("script_id", "place", name="uq_marking_claim_script_id"),
        sa.UniqueConstraint("script_id", "marker_id", name="uq_marking_claim_marker"),
    )
    op.create_index("ix_marking_claim_marker", "marking_claim", ["marker_id", "until"])
    op.create_table(
        "marking_opinion",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("script_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("marker_id", sa.Integer(), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("comment", sa.String(length=400), nullable=False),
        sa.Column("stamp", sa.String(length=90), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("place BETWEEN 1 AND 3", name="ck_marking_opinion_place"),
        sa.CheckConstraint("tenths >= 0", name="ck_marking_opinion_tenths"),
        sa.ForeignKeyConstraint(["marker_id"], ["person.id"], name="fk_marking_opinion_marker_id"),
        sa.ForeignKeyConstraint(
            ["script_id"], ["marking_script.id"], name="fk_marking_opinion_script_id"
        ),
        sa.UniqueConstraint("script_id", "place", name="uq_marking_opinion_script_id"),
        sa.UniqueConstraint("script_id", "marker_id", name="uq_marking_opinion_marker"),
    )
    op.create_index("ix_marking_opinion_marker", "marking_opinion", ["marker_id"])
    op.create_table(
        "marking_recusal",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("marker_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("stamp", sa.String(length=90), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('self', 'taught', 'colleague', 'relative', 'recognised')",
            name="ck_marking_recusal_reason",
        ),
        sa.ForeignKeyConstraint(["marker_id"], ["person.id"], name="fk_marking_recusal_marker_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_marking_recusal_person_id"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["exam_event.id"], name="fk_marking_recusal_event_id"
        ),
        sa.UniqueConstraint(
            "event_id", "marker_id", "person_id", name="uq_marking_recusal_event_id"
        ),
    )


def _stations() -> None:
    op.create_table(
        "station_template",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("module", sa.String(length=40), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tenths > 0", name="ck_station_template_tenths"),
        sa.UniqueConstraint("code", "version", name="uq_station_template_code"),
    )
    op.create_table(
        "exam_station",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["exam_event.id"], name="fk_exam_station_event_id"),
        sa.ForeignKeyConstraint(
            ["template_id"], ["station_template.id"], name="fk_exam_station_template_id"
        ),
        sa.UniqueConstraint("event_id", "position", name="uq_exam_station_event_id"),
    )
    op.create_table(
        "panel_member",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("assigned_by", sa.Integer(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id"], ["exam_station.id"], name="fk_panel_member_station_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_panel_member_person_id"),
        sa.UniqueConstraint("station_id", "person_id", name="uq_panel_member_station_id"),
    )
    op.create_index("ix_panel_member_person", "panel_member", ["person_id"])
    op.create_table(
        "station_sheet",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("examiner_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number = 1 OR reason <> ''", name="ck_station_sheet_reason"),
        sa.ForeignKeyConstraint(
            ["station_id"], ["exam_station.id"], name="fk_station_sheet_station_id"
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["exam_entry.id"], name="fk_station_sheet_entry_id"),
        sa.ForeignKeyConstraint(
            ["examiner_id"], ["person.id"], name="fk_station_sheet_examiner_id"
        ),
        sa.UniqueConstraint("ref", name="uq_station_sheet_ref"),
        sa.UniqueConstraint(
            "station_id", "entry_id", "examiner_id", "number", name="uq_station_sheet_station_id"
        ),
    )
    op.create_index("ix_station_sheet_entry", "station_sheet", ["entry_id"])
    op.create_index(
        "uq_station_sheet_open",
        "station_sheet",
        ["station_id", "entry_id", "examiner_id"],
        unique=True,
        sqlite_where=sa.text("signed_at IS NULL"),
        postgresql_where=sa.text("signed_at IS NULL"),
    )


def _sheets() -> None:
    op.create_table(
        "station_tap",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("op", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("tapped_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["station_sheet.id"], name="fk_station_tap_sheet_id"),
        sa.UniqueConstraint("sheet_id", "seq", name="uq_station_tap_sheet_id"),
        sa.UniqueConstraint("sheet_id", "op", name="uq_station_tap_op"),
    )
    op.create_table(
        "station_score",
        sa.Column("sheet_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("veto", sa.String(length=300), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(length=400), nullable=False),
        sa.Column("stamp", sa.String(length=90), nullable=False),
        sa.Column("signed_by", sa.Integer(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tenths >= 0", name="ck_station_score_tenths"),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["station_sheet.id"], name="fk_station_score_sheet_id"
        ),
    )
    op.create_table(
        "station_ruling",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("ruled_by", sa.Integer(), nullable=False),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tenths >= 0", name="ck_station_ruling_tenths"),
        sa.ForeignKeyConstraint(
            ["station_id"], ["exam_station.id"], name="fk_station_ruling_station_id"
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["exam_entry.id"], name="fk_station_ruling_entry_id"),
        sa.UniqueConstraint("station_id", "entry_id", name="uq_station_ruling_station_id"),
    )
    op.create_table(
        "paper_sheet",
        sa.Column("attempt_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("panel", sa.JSON(), nullable=False),
        sa.Column("typed_by", sa.Integer(), nullable=False),
        sa.Column("typed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name="fk_paper_sheet_attempt_id"),
    )


def _corrections() -> None:
    op.create_table(
        "key_correction",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("question_version_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=4), nullable=False),
        sa.Column("key", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("way IN ('key', 'full', 'void')", name="ck_key_correction_way"),
        sa.ForeignKeyConstraint(["event_id"], ["exam_event.id"], name="fk_key_correction_event_id"),
        sa.ForeignKeyConstraint(
            ["question_version_id"],
            ["question_version.id"],
            name="fk_key_correction_question_version_id",
        ),
        sa.UniqueConstraint("ref", name="uq_key_correction_ref"),
    )
    op.create_index("ix_key_correction_event", "key_correction", ["event_id"])
    op.create_table(
        "key_decision",
        sa.Column("correction_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["key_correction.id"], name="fk_key_decision_correction_id"
        ),
    )
    op.create_table(
        "remarking",
        sa.Column("correction_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("attempt_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("old_result_id", sa.Integer(), nullable=True),
        sa.Column("new_result_id", sa.Integer(), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["new_result_id"], ["exam_result.id"], name="fk_remarking_new_result_id"
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name="fk_remarking_attempt_id"),
        sa.ForeignKeyConstraint(
            ["old_result_id"], ["exam_result.id"], name="fk_remarking_old_result_id"
        ),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["key_correction.id"], name="fk_remarking_correction_id"
        ),
    )


def downgrade() -> None:
    raise NotImplementedError("facts recorded since would be lost")
