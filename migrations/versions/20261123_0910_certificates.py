"""certificates"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import freeze, guard

revision = "certificates"
down_revision = "ground"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "number_series",
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_number_series")),
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=160), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("issuer_region", sa.String(length=6), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("holder_name", sa.String(length=60), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("secrets_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("photo_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'skill') = (rung IS NOT NULL)", name=op.f("ck_certificate_rung")
        ),
        sa.CheckConstraint(
            "kind IN ('skill', 'course', 'central')", name=op.f("ck_certificate_kind")
        ),
        sa.CheckConstraint(
            "status IN ('valid', 'suspended', 'revoked', 'corrected')",
            name=op.f("ck_certificate_status"),
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["organisation.id"], name=op.f("fk_certificate_issuer_id")
        ),
        sa.ForeignKeyConstraint(
            ["issuer_region"], ["region.code"], name=op.f("fk_certificate_issuer_region")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_certificate_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["certificate.id"], name=op.f("fk_certificate_supersedes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_code")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
        sa.UniqueConstraint("source", name=op.f("uq_certificate_source")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_certificate_supersedes_id")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index("ix_certificate_holder", ["holder_name"], unique=False)
        batch_op.create_index("ix_certificate_issuer", ["issuer_id", "issued_on"], unique=False)
        batch_op.create_index("ix_certificate_person", ["person_id", "kind"], unique=False)
        batch_op.create_index("ix_certificate_region", ["issuer_region", "issued_on"], unique=False)

    op.create_table(
        "certificate_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "kind IN ('issued', 'suspended', 'reinstated', 'revoked', 'corrected', 'reprinted')",
            name=op.f("ck_certificate_event_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_event_certificate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_event")),
    )
    with op.batch_alter_table("certificate_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certificate_event_certificate_id"), ["certificate_id"], unique=False
        )

    op.create_table(
        "check_count",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_check_count_certificate_id")
        ),
        sa.PrimaryKeyConstraint("certificate_id", "day", name=op.f("pk_check_count")),
    )
    guard("certificate_event")
    freeze(
        "certificate",
        "code",
        "number",
        "kind",
        "source",
        "person_id",
        "issuer_id",
        "issuer_region",
        "rung",
        "title",
        "holder_name",
        "issued_on",
        "valid_to",
        "facts",
        "digest",
        "key_id",
        "seal",
        "secrets_sealed",
        "photo_sealed",
        "supersedes_id",
        "created_at",
    )


def downgrade() -> None:
    op.drop_table("check_count")
    with op.batch_alter_table("certificate_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_event_certificate_id"))

    op.drop_table("certificate_event")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index("ix_certificate_region")
        batch_op.drop_index("ix_certificate_person")
        batch_op.drop_index("ix_certificate_issuer")
        batch_op.drop_index("ix_certificate_holder")

    op.drop_table("certificate")
    op.drop_table("number_series")
