"""certificates: number pools, batches, publicity"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import guard

revision = "issuing"
down_revision = "rulebook"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _pools()
    _batches()
    _publicity()
    guard(
        "voided_number",
        "publicity_list",
        "publicity_objection",
        "objection_finding",
        "objection_decision",
    )


def _pools() -> None:
    op.create_table(
        "number_pool",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("warn_at", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(kind = 'skill') = (rung IS NOT NULL)", name="ck_number_pool_rung"),
        sa.CheckConstraint("warn_at >= 0", name="ck_number_pool_warn_at"),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["organisation.id"], name="fk_number_pool_issuer_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_number_pool"),
    )
    op.create_index("ix_number_pool_issuer", "number_pool", ["issuer_id", "kind", "rung"])
    op.create_table(
        "number_range",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("first >= 0 AND last >= first", name="ck_number_range_order"),
        sa.CheckConstraint("used BETWEEN 0 AND last - first + 1", name="ck_number_range_used"),
        sa.CheckConstraint("width BETWEEN 1 AND 9", name="ck_number_range_width"),
        sa.ForeignKeyConstraint(["pool_id"], ["number_pool.id"], name="fk_number_range_pool_id"),
        sa.PrimaryKeyConstraint("id", name="pk_number_range"),
    )
    op.create_index("ix_number_range_head", "number_range", ["head", "width", "first"])
    op.create_index("ix_number_range_pool", "number_range", ["pool_id", "position"])
    op.create_table(
        "voided_number",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("voided_by", sa.Integer(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["organisation.id"], name="fk_voided_number_issuer_id"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_voided_number"),
    )
    op.create_index("ix_voided_number_issuer_id", "voided_number", ["issuer_id"])


def _batches() -> None:
    op.create_table(
        "certificate_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("issuer_region", sa.String(length=6), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("task", sa.String(length=32), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by", sa.Integer(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'running', 'stopped', 'done')", name="ck_certificate_batch_state"
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["organisation.id"], name="fk_certificate_batch_issuer_id"
        ),
        sa.ForeignKeyConstraint(
            ["issuer_region"], ["region.code"], name="fk_certificate_batch_issuer_region"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_certificate_batch"),
        sa.UniqueConstraint("ref", name="uq_certificate_batch_ref"),
    )
    op.create_index("ix_certificate_batch_issuer", "certificate_batch", ["issuer_id", "id"])
    op.create_table(
        "certificate_batch_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("id_masked", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=160), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("column", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('ready', 'refused', 'already', 'issued', 'public', 'failed')",
            name="ck_certificate_batch_line_outcome",
        ),
        sa.CheckConstraint(
            "outcome <> 'issued' OR certificate_id IS NOT NULL",
            name="ck_certificate_batch_line_issued",
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["certificate_batch.id"], name="fk_certificate_batch_line_batch_id"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_certificate_batch_line_person_id"
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name="fk_certificate_batch_line_certificate_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_certificate_batch_line"),
        sa.UniqueConstraint("batch_id", "row", name="uq_certificate_batch_line_batch_id"),
    )
    op.create_index(
        "ix_certificate_batch_line_outcome",
        "certificate_batch_line",
        ["batch_id", "outcome", "row"],
    )


def _publicity() -> None:
    op.create_table(
        "publicity_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=24), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("issuer_region", sa.String(length=6), nullable=False),
        sa.Column("group_key", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("rule_stamp", sa.String(length=90), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("days > 0", name="ck_publicity_list_days"),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["organisation.id"], name="fk_publicity_list_issuer_id"
        ),
        sa.ForeignKeyConstraint(
            ["issuer_region"], ["region.code"], name="fk_publicity_list_issuer_region"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_publicity_list"),
        sa.UniqueConstraint("ref", name="uq_publicity_list_ref"),
        sa.UniqueConstraint(
            "issuer_id", "group_key", "opened_on", name="uq_publicity_list_issuer_id"
        ),
    )
    op.create_index("ix_publicity_list_ends", "publicity_list", ["ends_on"])
    op.create_table(
        "publicity_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=160), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("holder_name", sa.String(length=60), nullable=False),
        sa.Column("id_masked", sa.String(length=24), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('public', 'issued', 'barred', 'withdrawn')", name="ck_publicity_entry_state"
        ),
        sa.CheckConstraint(
            "(state = 'issued') = (certificate_id IS NOT NULL)", name="ck_publicity_entry_issued"
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["publicity_list.id"], name="fk_publicity_entry_list_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_publicity_entry_person_id"),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name="fk_publicity_entry_certificate_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_publicity_entry"),
        sa.UniqueConstraint("source", name="uq_publicity_entry_source"),
        sa.UniqueConstraint("certificate_id", name="uq_publicity_entry_certificate_id"),
    )
    op.create_index("ix_publicity_entry_list", "publicity_entry", ["list_id"])
    op.create_index("ix_publicity_entry_person", "publicity_entry", ["person_id", "state"])
    op.create_index("ix_publicity_entry_state", "publicity_entry", ["state"])
    op.create_table(
        "publicity_objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["publicity_entry.id"], name="fk_publicity_objection_entry_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_publicity_objection"),
    )
    op.create_index("ix_publicity_objection_entry_id", "publicity_objection", ["entry_id"])
    op.create_table(
        "objection_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("objection_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("found_by", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('dismissed', 'upheld')", name="ck_objection_finding_outcome"
        ),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["publicity_objection.id"], name="fk_objection_finding_objection_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_objection_finding"),
    )
    op.create_index("ix_objection_finding_objection_id", "objection_finding", ["objection_id"])
    op.create_table(
        "objection_decision",
        sa.Column("objection_id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('dismissed', 'upheld')", name="ck_objection_decision_outcome"
        ),
        sa.ForeignKeyConstraint(
            ["objection_id"],
            ["publicity_objection.id"],
            name="fk_objection_decision_objection_id",
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["objection_finding.id"], name="fk_objection_decision_finding_id"
        ),
        sa.PrimaryKeyConstraint("objection_id", name="pk_objection_decision"),
    )


def downgrade() -> None:
    for table in (
        "objection_decision",
        "objection_finding",
        "publicity_objection",
        "publicity_entry",
        "publicity_list",
        "certificate_batch_line",
        "certificate_batch",
        "voided_number",
        "number_range",
        "number_pool",
    ):
        op.drop_table(table)
