"""exams: bank, papers, entries, sittings, marking, results"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import guard

revision = "exams"
down_revision = "compliance"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bank",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_bank_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank")),
        sa.UniqueConstraint("code", name=op.f("uq_bank_code")),
    )
    with op.batch_alter_table("bank", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bank_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "exam_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("bank_id", sa.Integer(), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("make_up_of", sa.Integer(), nullable=True),
        sa.Column("blueprint", sa.String(length=90), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("release", sa.String(length=12), nullable=False),
        sa.Column("feedback", sa.String(length=10), nullable=False),
        sa.Column("grace_seconds", sa.Integer(), nullable=False),
        sa.Column("per_candidate", sa.Boolean(), nullable=False),
        sa.Column("shuffle_options", sa.Boolean(), nullable=False),
        sa.Column("issues_certificate", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "feedback IN ('marks', 'explained')", name=op.f("ck_exam_event_feedback")
        ),
        sa.CheckConstraint(
            "part IN ('theory', 'skills', 'review')", name=op.f("ck_exam_event_part")
        ),
        sa.CheckConstraint(
            "release IN ('at_once', 'by_examiner')", name=op.f("ck_exam_event_release")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'closed')", name=op.f("ck_exam_event_status")
        ),
        sa.CheckConstraint("attempts BETWEEN 1 AND 5", name=op.f("ck_exam_event_attempts")),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_exam_event_window")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 600", name=op.f("ck_exam_event_minutes")),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.id"], name=op.f("fk_exam_event_bank_id")),
        sa.ForeignKeyConstraint(
            ["make_up_of"], ["exam_event.id"], name=op.f("fk_exam_event_make_up_of")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_exam_event_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_event")),
    )
    with op.batch_alter_table("exam_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_exam_event_organisation", ["organisation_id", "opens_at"], unique=False
        )
        batch_op.create_index("ix_exam_event_status", ["status", "opens_at"], unique=False)

    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bank_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.id"], name=op.f("fk_question_bank_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("bank_id", "code", name=op.f("uq_question_bank_id")),
    )
    op.create_table(
        "exam_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.String(length=24), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("rule_stamp", sa.String(length=90), nullable=False),
        sa.Column("extra_minutes", sa.Integer(), nullable=False),
        sa.Column("registered_by", sa.Integer(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("extra_minutes BETWEEN 0 AND 240", name=op.f("ck_exam_entry_extra")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["exam_event.id"], name=op.f("fk_exam_entry_event_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_exam_entry_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_entry")),
        sa.UniqueConstraint("event_id", "person_id", name=op.f("uq_exam_entry_event_id")),
        sa.UniqueConstraint("ticket", name=op.f("uq_exam_entry_ticket")),
    )
    with op.batch_alter_table("exam_entry", schema=None) as batch_op:
        batch_op.create_index("ix_exam_entry_person", ["person_id"], unique=False)

    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("blueprint", sa.String(length=90), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["exam_event.id"], name=op.f("fk_paper_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("event_id", "seed", name=op.f("uq_paper_event_id")),
    )
    op.create_table(
        "question_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("module", sa.String(length=30), nullable=False),
        sa.Column("difficulty", sa.String(length=6), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("knowledge", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "difficulty IN ('easy', 'medium', 'hard')", name=op.f("ck_question_version_difficulty")
        ),
        sa.CheckConstraint(
            "kind IN ('single', 'multiple', 'judge', 'numeric', 'fill', 'matching', 'ordering', 'case', 'short', 'essay')",
            name=op.f("ck_question_version_kind"),
        ),
        sa.CheckConstraint("rung BETWEEN 1 AND 8", name=op.f("ck_question_version_rung")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_version_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_version")),
        sa.UniqueConstraint("question_id", "number", name=op.f("uq_question_version_question_id")),
    )
    with op.batch_alter_table("question_version", schema=None) as batch_op:
        batch_op.create_index("ix_question_version_digest", ["digest"], unique=False)
        batch_op.create_index("ix_question_version_place", ["rung", "module", "kind"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=True),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grace_seconds", sa.Integer(), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt", sa.String(length=20), nullable=True),
        sa.Column("answers_digest", sa.String(length=64), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state = 'open' OR handed_in_at IS NOT NULL", name=op.f("ck_attempt_handed_in")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'handed_in', 'timed_out', 'concluded')",
            name=op.f("ck_attempt_state"),
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["exam_entry.id"], name=op.f("fk_attempt_entry_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_attempt_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_attempt_entry_id")),
        sa.UniqueConstraint("receipt", name=op.f("uq_attempt_receipt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index("ix_attempt_state", ["state", "deadline"], unique=False)
        batch_op.create_index(
            "uq_attempt_open",
            ["entry_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "question_approval",
        sa.Column("question_version_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "approved_by <> author_id", name=op.f("ck_question_approval_second_person")
        ),
        sa.ForeignKeyConstraint(
            ["question_version_id"],
            ["question_version.id"],
            name=op.f("fk_question_approval_question_version_id"),
        ),
        sa.PrimaryKeyConstraint("question_version_id", name=op.f("pk_question_approval")),
    )
    op.create_table(
        "question_key",
        sa.Column("question_version_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.JSON(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_version_id"],
            ["question_version.id"],
            name=op.f("fk_question_key_question_version_id"),
        ),
        sa.PrimaryKeyConstraint("question_version_id", name=op.f("pk_question_key")),
    )
    op.create_table(
        "slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("question_version_id", sa.Integer(), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.CheckConstraint("tenths > 0", name=op.f("ck_slot_marks")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_slot_paper_id")),
        sa.ForeignKeyConstraint(
            ["question_version_id"],
            ["question_version.id"],
            name=op.f("fk_slot_question_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("paper_id", "position", name=op.f("uq_slot_paper_id")),
    )
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_slot_question_version_id"), ["question_version_id"], unique=False
        )

    op.create_table(
        "answer_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("op", sa.String(length=36), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("client_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_answer_step_seq")),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_answer_step_attempt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_step")),
        sa.UniqueConstraint("attempt_id", "op", name="uq_answer_step_op"),
        sa.UniqueConstraint("attempt_id", "seq", name=op.f("uq_answer_step_attempt_id")),
    )
    op.create_table(
        "exam_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("by_module", sa.JSON(), nullable=False),
        sa.Column("stamp", sa.String(length=90), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("tenths BETWEEN 0 AND 1000", name=op.f("ck_exam_result_tenths")),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_exam_result_attempt_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["exam_event.id"], name=op.f("fk_exam_result_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_exam_result_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["exam_result.id"], name=op.f("fk_exam_result_supersedes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_result")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_exam_result_supersedes_id")),
    )
    with op.batch_alter_table("exam_result", schema=None) as batch_op:
        batch_op.create_index("ix_exam_result_attempt", ["attempt_id"], unique=False)
        batch_op.create_index("ix_exam_result_event", ["event_id"], unique=False)
        batch_op.create_index("ix_exam_result_person", ["person_id", "rung", "part"], unique=False)

    op.create_table(
        "mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(length=90), nullable=False),
        sa.Column("marked_by", sa.Integer(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.CheckConstraint("tenths >= 0", name=op.f("ck_mark_tenths")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_mark_attempt_id")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_mark_slot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark")),
        sa.UniqueConstraint("key", name=op.f("uq_mark_key")),
    )
    with op.batch_alter_table("mark", schema=None) as batch_op:
        batch_op.create_index("ix_mark_attempt", ["attempt_id"], unique=False)

    op.create_table(
        "sitting_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_sitting_event_attempt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting_event")),
    )
    with op.batch_alter_table("sitting_event", schema=None) as batch_op:
        batch_op.create_index("ix_sitting_event_attempt", ["attempt_id"], unique=False)

    op.create_table(
        "level_award",
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("result_ids", sa.JSON(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_level_award_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["exam_result.id"], name=op.f("fk_level_award_result_id")
        ),
        sa.PrimaryKeyConstraint("result_id", name=op.f("pk_level_award")),
    )
    with op.batch_alter_table("level_award", schema=None) as batch_op:
        batch_op.create_index("ix_level_award_person", ["person_id", "rung"], unique=False)

    op.create_table(
        "result_release",
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("released_by", sa.Integer(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["result_id"], ["exam_result.id"], name=op.f("fk_result_release_result_id")
        ),
        sa.PrimaryKeyConstraint("result_id", name=op.f("pk_result_release")),
    )

    guard(
        "question_version",
        "question_key",
        "question_approval",
        "paper",
        "slot",
        "answer_step",
        "sitting_event",
        "mark",
        "exam_result",
        "result_release",
        "level_award",
    )


def downgrade() -> None:
    op.drop_table("result_release")
    with op.batch_alter_table("level_award", schema=None) as batch_op:
        batch_op.drop_index("ix_level_award_person")

    op.drop_table("level_award")
    with op.batch_alter_table("sitting_event", schema=None) as batch_op:
        batch_op.drop_index("ix_sitting_event_attempt")

    op.drop_table("sitting_event")
    with op.batch_alter_table("mark", schema=None) as batch_op:
        batch_op.drop_index("ix_mark_attempt")

    op.drop_table("mark")
    with op.batch_alter_table("exam_result", schema=None) as batch_op:
        batch_op.drop_index("ix_exam_result_person")
        batch_op.drop_index("ix_exam_result_event")
        batch_op.drop_index("ix_exam_result_attempt")

    op.drop_table("exam_result")
    op.drop_table("answer_step")
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slot_question_version_id"))

    op.drop_table("slot")
    op.drop_table("question_key")
    op.drop_table("question_approval")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_attempt_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index("ix_attempt_state")

    op.drop_table("attempt")
    with op.batch_alter_table("question_version", schema=None) as batch_op:
        batch_op.drop_index("ix_question_version_place")
        batch_op.drop_index("ix_question_version_digest")

    op.drop_table("question_version")
    op.drop_table("paper")
    with op.batch_alter_table("exam_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_exam_entry_person")

    op.drop_table("exam_entry")
    op.drop_table("question")
    with op.batch_alter_table("exam_event", schema=None) as batch_op:
        batch_op.drop_index("ix_exam_event_status")
        batch_op.drop_index("ix_exam_event_organisation")

    op.drop_table("exam_event")
    with op.batch_alter_table("bank", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_organisation_id"))

    op.drop_table("bank")
