"""courses"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import guard

revision = "courses"
down_revision = "certificates"
branch_labels = None
depends_on = None

FREEZE_SQLITE = """
CREATE TRIGGER course_version_frozen BEFORE UPDATE ON course_version
WHEN OLD.published_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a published course version is frozen'); END
"""
KEEP_SQLITE = """
CREATE TRIGGER course_version_kept BEFORE DELETE ON course_version
BEGIN SELECT RAISE(ABORT, 'course versions are never deleted'); END
"""
FREEZE_POSTGRESQL = """
CREATE FUNCTION keep_course_version() RETURNS trigger AS $$ BEGIN
IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'course versions are never deleted'; END IF;
IF OLD.published_at IS NOT NULL THEN
RAISE EXCEPTION 'a published course version is frozen'; END IF;
RETURN NEW; END $$ LANGUAGE plpgsql
"""
KEEP_POSTGRESQL = """
CREATE TRIGGER course_version_frozen BEFORE UPDATE OR DELETE ON course_version
FOR EACH ROW EXECUTE FUNCTION keep_course_version()
"""


def upgrade() -> None:
    op.create_table(
        "course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('onboarding', 'refresher', 'special')", name=op.f("ck_course_kind")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_course_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("code", name=op.f("uq_course_code")),
    )
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "course_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("summary", sa.String(length=400), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "published_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_course_version_one_end")
        ),
        sa.CheckConstraint("tenths > 0", name=op.f("ck_course_version_tenths")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_version_course_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_version")),
        sa.UniqueConstraint("course_id", "no", name=op.f("uq_course_version_course_id")),
    )
    op.create_table(
        "course_asset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=80), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["course_version.id"], name=op.f("fk_course_asset_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_asset")),
        sa.UniqueConstraint("version_id", "path", name=op.f("uq_course_asset_version_id")),
    )
    with op.batch_alter_table("course_asset", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_asset_digest"), ["digest"], unique=False)

    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("cycle", sa.String(length=8), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_enrolment_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["course_version.id"], name=op.f("fk_enrolment_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("person_id", "course_id", "cycle", name=op.f("uq_enrolment_person_id")),
    )
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_enrolment_course", ["course_id", "cycle", "person_id"], unique=False
        )

    op.create_table(
        "lesson",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("goals", sa.JSON(), nullable=False),
        sa.Column("body_md", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["course_version.id"], name=op.f("fk_lesson_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_lesson_version_id")),
    )
    op.create_table(
        "completion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_completion_enrolment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_completion")),
        sa.UniqueConstraint("enrolment_id", name=op.f("uq_completion_enrolment_id")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("op_id", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "kind IN ('opened', 'position', 'check', 'finished')", name=op.f("ck_evidence_kind")
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_evidence_enrolment_id")
        ),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_evidence_lesson_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("enrolment_id", "op_id", name=op.f("uq_evidence_enrolment_id")),
    )
    op.create_table(
        "lesson_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("stem", sa.String(length=400), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("answer", sa.String(length=1), nullable=False),
        sa.Column("why", sa.String(length=600), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_check_lesson_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_check")),
        sa.UniqueConstraint("lesson_id", "position", name=op.f("uq_lesson_check_lesson_id")),
    )

    guard("lesson", "lesson_check", "course_asset", "enrolment", "evidence", "completion")
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(FREEZE_SQLITE if sqlite else FREEZE_POSTGRESQL)
    op.execute(KEEP_SQLITE if sqlite else KEEP_POSTGRESQL)


def downgrade() -> None:
    op.drop_table("lesson_check")
    op.drop_table("evidence")
    op.drop_table("completion")
    op.drop_table("lesson")
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.drop_index("ix_enrolment_course")

    op.drop_table("enrolment")
    with op.batch_alter_table("course_asset", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_asset_digest"))

    op.drop_table("course_asset")
    op.drop_table("course_version")
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_owner_id"))

    op.drop_table("course")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_course_version()")
