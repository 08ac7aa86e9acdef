"""certificates: designs of issuing bodies, their pictures and what happened to them"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import guard

revision = "certificate_designs"
down_revision = "life_of_certificates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_design",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("issuer_region", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("drafted_by", sa.Integer(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('skill', 'course', 'central', 'ce')", name="ck_certificate_design_kind"
        ),
        sa.CheckConstraint("version > 0", name="ck_certificate_design_version"),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["organisation.id"], name="fk_certificate_design_issuer_id"
        ),
        sa.ForeignKeyConstraint(
            ["issuer_region"], ["region.code"], name="fk_certificate_design_issuer_region"
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["person.id"], name="fk_certificate_design_drafted_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_certificate_design"),
        sa.UniqueConstraint("issuer_id", "kind", "version", name="uq_certificate_design_issuer_id"),
    )
    op.create_index("ix_certificate_design_issuer_region", "certificate_design", ["issuer_region"])
    op.create_table(
        "certificate_design_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("design_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "kind IN ('seen', 'approved', 'refused', 'retired')",
            name="ck_certificate_design_step_kind",
        ),
        sa.ForeignKeyConstraint(
            ["design_id"], ["certificate_design.id"], name="fk_certificate_design_step_design_id"
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["person.id"], name="fk_certificate_design_step_actor_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_certificate_design_step"),
    )
    op.create_index(
        "ix_certificate_design_step_design", "certificate_design_step", ["design_id", "kind"]
    )
    op.create_table(
        "certificate_design_picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_by", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["organisation.id"], name="fk_certificate_design_picture_issuer_id"
        ),
        sa.ForeignKeyConstraint(
            ["kept_by"], ["person.id"], name="fk_certificate_design_picture_kept_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_certificate_design_picture"),
        sa.UniqueConstraint("issuer_id", "digest", name="uq_certificate_design_picture_issuer_id"),
    )
    guard("certificate_design", "certificate_design_step", "certificate_design_picture")


def downgrade() -> None:
    op.drop_table("certificate_design_picture")
    op.drop_table("certificate_design_step")
    op.drop_table("certificate_design")
