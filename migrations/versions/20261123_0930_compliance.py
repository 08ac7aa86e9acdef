"""ledger of hours, central sessions, exemptions and duty flags"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import guard

revision = "compliance"
down_revision = "courses"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=12), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("source_key", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "category IN ('professional', 'public')", name=op.f("ck_credit_entry_category")
        ),
        sa.CheckConstraint(
            "(tenths > 0) = (reverses_id IS NULL)", name=op.f("ck_credit_entry_sign")
        ),
        sa.CheckConstraint("tenths <> 0", name=op.f("ck_credit_entry_tenths")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_credit_entry_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["credit_entry.id"], name=op.f("fk_credit_entry_reverses_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_entry")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_credit_entry_reverses_id")),
        sa.UniqueConstraint("source_key", name=op.f("uq_credit_entry_source_key")),
    )
    with op.batch_alter_table("credit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_credit_entry_person", ["person_id", "year"], unique=False)

    op.create_table(
        "central_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("topic", sa.String(length=400), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("venue", sa.String(length=160), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_central_session_closed")
        ),
        sa.CheckConstraint(
            "status IN ('planned', 'open', 'closed', 'cancelled')",
            name=op.f("ck_central_session_status"),
        ),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_central_session_capacity")),
        sa.CheckConstraint("tenths > 0", name=op.f("ck_central_session_tenths")),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organisation.id"], name=op.f("fk_central_session_organiser_id")
        ),
        sa.ForeignKeyConstraint(
            ["region"], ["region.code"], name=op.f("fk_central_session_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_central_session")),
        sa.UniqueConstraint("ref", name=op.f("uq_central_session_ref")),
    )
    with op.batch_alter_table("central_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_central_session_organiser_id"), ["organiser_id"], unique=False
        )
        batch_op.create_index(
            "ix_central_session_region", ["year", "region", "status"], unique=False
        )

    op.create_table(
        "duty_exemption",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("requirement", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(length=600), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(starts_on IS NULL) = (ends_on IS NULL)", name=op.f("ck_duty_exemption_both")
        ),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_duty_exemption_dates")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_duty_exemption_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_duty_exemption_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_exemption")),
    )
    with op.batch_alter_table("duty_exemption", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_duty_exemption_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index("ix_duty_exemption_person", ["person_id", "year"], unique=False)

    op.create_table(
        "duty_flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("requirement", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("owes", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("post", sa.String(length=30), nullable=False),
        sa.Column("tested_on", sa.Date(), nullable=False),
        sa.Column("done_tenths", sa.Integer(), nullable=False),
        sa.Column("missing_tenths", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('not_due', 'scheduled', 'done', 'exempt', 'at_risk', 'missed')",
            name=op.f("ck_duty_flag_state"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_duty_flag_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_duty_flag_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_flag")),
        sa.UniqueConstraint(
            "person_id", "year", "requirement", name=op.f("uq_duty_flag_person_id")
        ),
    )
    with op.batch_alter_table("duty_flag", schema=None) as batch_op:
        batch_op.create_index(
            "ix_duty_flag_organisation",
            ["organisation_id", "year", "requirement", "state"],
            unique=False,
        )
        batch_op.create_index(
            "ix_duty_flag_region",
            ["year", "requirement", "region", "organisation_id", "state", "owes", "post"],
            unique=False,
        )

    op.create_table(
        "attendance_fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("op", sa.String(length=80), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("voids_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'void') = (voids_id IS NOT NULL)", name=op.f("ck_attendance_fact_void")
        ),
        sa.CheckConstraint("kind IN ('in', 'out', 'void')", name=op.f("ck_attendance_fact_kind")),
        sa.CheckConstraint(
            "method IN ('qr', 'code', 'teacher', 'sheet')", name=op.f("ck_attendance_fact_method")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_attendance_fact_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["central_session.id"], name=op.f("fk_attendance_fact_session_id")
        ),
        sa.ForeignKeyConstraint(
            ["voids_id"], ["attendance_fact.id"], name=op.f("fk_attendance_fact_voids_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_fact")),
        sa.UniqueConstraint("op", name=op.f("uq_attendance_fact_op")),
        sa.UniqueConstraint("voids_id", name=op.f("uq_attendance_fact_voids_id")),
    )
    with op.batch_alter_table("attendance_fact", schema=None) as batch_op:
        batch_op.create_index(
            "ix_attendance_fact_session", ["session_id", "person_id"], unique=False
        )

    op.create_table(
        "duty_exemption_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exemption_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "stage = CASE step WHEN 'revoked' THEN 2 ELSE 1 END",
            name=op.f("ck_duty_exemption_step_stage"),
        ),
        sa.CheckConstraint(
            "step IN ('approved', 'refused', 'revoked')", name=op.f("ck_duty_exemption_step_step")
        ),
        sa.ForeignKeyConstraint(
            ["exemption_id"],
            ["duty_exemption.id"],
            name=op.f("fk_duty_exemption_step_exemption_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_exemption_step")),
        sa.UniqueConstraint(
            "exemption_id", "stage", name=op.f("uq_duty_exemption_step_exemption_id")
        ),
    )
    op.create_table(
        "seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('invited', 'booked', 'waiting', 'cancelled')", name=op.f("ck_seat_status")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seat_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["central_session.id"], name=op.f("fk_seat_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_seat_session_id")),
    )
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.create_index("ix_seat_person", ["person_id", "status"], unique=False)
        batch_op.create_index(
            "ix_seat_session", ["session_id", "status", "queued_at"], unique=False
        )

    op.create_table(
        "seat_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('invited', 'booked', 'waiting', 'cancelled')",
            name=op.f("ck_seat_step_status"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seat_step_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["central_session.id"], name=op.f("fk_seat_step_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_step")),
    )
    with op.batch_alter_table("seat_step", schema=None) as batch_op:
        batch_op.create_index("ix_seat_step_person", ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_seat_step_session_id"), ["session_id"], unique=False)

    op.create_table(
        "session_outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_session_outcome_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["central_session.id"], name=op.f("fk_session_outcome_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_outcome")),
        sa.UniqueConstraint(
            "session_id", "person_id", "round", name=op.f("uq_session_outcome_session_id")
        ),
    )
    with op.batch_alter_table("session_outcome", schema=None) as batch_op:
        batch_op.create_index("ix_session_outcome_person", ["person_id", "year"], unique=False)

    op.create_table(
        "session_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_session_part_order")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["central_session.id"], name=op.f("fk_session_part_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_part")),
    )
    with op.batch_alter_table("session_part", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_session_part_session_id"), ["session_id"], unique=False
        )

    op.create_table(
        "session_statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["central_session.id"], name=op.f("fk_session_statement_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_statement")),
        sa.UniqueConstraint("session_id", "revision", name=op.f("uq_session_statement_session_id")),
    )
    guard(
        "credit_entry",
        "session_statement",
        "seat_step",
        "attendance_fact",
        "session_outcome",
        "duty_exemption",
        "duty_exemption_step",
    )


def downgrade() -> None:
    op.drop_table("session_statement")
    with op.batch_alter_table("session_part", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_part_session_id"))

    op.drop_table("session_part")
    with op.batch_alter_table("session_outcome", schema=None) as batch_op:
        batch_op.drop_index("ix_session_outcome_person")

    op.drop_table("session_outcome")
    with op.batch_alter_table("seat_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seat_step_session_id"))
        batch_op.drop_index("ix_seat_step_person")

    op.drop_table("seat_step")
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.drop_index("ix_seat_session")
        batch_op.drop_index("ix_seat_person")

    op.drop_table("seat")
    op.drop_table("duty_exemption_step")
    with op.batch_alter_table("attendance_fact", schema=None) as batch_op:
        batch_op.drop_index("ix_attendance_fact_session")

    op.drop_table("attendance_fact")
    with op.batch_alter_table("duty_flag", schema=None) as batch_op:
        batch_op.drop_index("ix_duty_flag_region")
        batch_op.drop_index("ix_duty_flag_organisation")

    op.drop_table("duty_flag")
    with op.batch_alter_table("duty_exemption", schema=None) as batch_op:
        batch_op.drop_index("ix_duty_exemption_person")
        batch_op.drop_index(batch_op.f("ix_duty_exemption_organisation_id"))

    op.drop_table("duty_exemption")
    with op.batch_alter_table("central_session", schema=None) as batch_op:
        batch_op.drop_index("ix_central_session_region")
        batch_op.drop_index(batch_op.f("ix_central_session_organiser_id"))

    op.drop_table("central_session")
    with op.batch_alter_table("credit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_credit_entry_person")

    op.drop_table("credit_entry")
