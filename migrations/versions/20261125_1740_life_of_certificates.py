"""certificates: renewals, shared links, revoking many"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import guard

revision = "life_of_certificates"
down_revision = "result_voidings"
branch_labels = None
depends_on = None


def _certificate(table: str, column: str = "certificate_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["certificate.id"], name=f"fk_{table}_{column}")


def _revocation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["revocation_id"], ["mass_revocation.id"], name=f"fk_{table}_revocation_id"
    )


def upgrade() -> None:
    op.create_table(
        "certificate_renewal",
        sa.Column("certificate_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("renews_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _certificate("certificate_renewal"),
        _certificate("certificate_renewal", "renews_id"),
        sa.PrimaryKeyConstraint("certificate_id", name="pk_certificate_renewal"),
        sa.UniqueConstraint("renews_id", name="uq_certificate_renewal_renews_id"),
    )
    op.create_table(
        "certificate_share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Boolean(), nullable=False),
        sa.Column("photo", sa.Boolean(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _certificate("certificate_share"),
        sa.PrimaryKeyConstraint("id", name="pk_certificate_share"),
        sa.UniqueConstraint("token_hash", name="uq_certificate_share_token_hash"),
    )
    op.create_index("ix_certificate_share_certificate_id", "certificate_share", ["certificate_id"])
    op.create_table(
        "certificate_share_view",
        sa.Column("share_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["share_id"], ["certificate_share.id"], name="fk_certificate_share_view_share_id"
        ),
        sa.PrimaryKeyConstraint("share_id", "day", name="pk_certificate_share_view"),
    )
    _create_mass_revocation()
    # Who is told of an end: a daily walk over those that end soon.
    op.create_index(
        "ix_certificate_ends", "certificate", ["valid_to"],
        sqlite_where=sa.text("valid_to IS NOT NULL"),
        postgresql_where=sa.text("valid_to IS NOT NULL"),
    )  # fmt: skip
    guard("certificate_renewal", "mass_revocation", "mass_revocation_item",
          "mass_revocation_decision", "mass_revocation_done")  # fmt: skip


def _create_mass_revocation() -> None:
    op.create_table(
        "mass_revocation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mass_revocation"),
        sa.UniqueConstraint("ref", name="uq_mass_revocation_ref"),
    )
    op.create_index("ix_mass_revocation_proposed_by", "mass_revocation", ["proposed_by"])
    op.create_table(
        "mass_revocation_item",
        sa.Column("revocation_id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        _revocation("mass_revocation_item"),
        _certificate("mass_revocation_item"),
        sa.PrimaryKeyConstraint("revocation_id", "certificate_id", name="pk_mass_revocation_item"),
    )
    op.create_table(
        "mass_revocation_decision",
        sa.Column("revocation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        _revocation("mass_revocation_decision"),
        sa.PrimaryKeyConstraint("revocation_id", name="pk_mass_revocation_decision"),
    )
    op.create_table(
        "mass_revocation_done",
        sa.Column("revocation_id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('revoked', 'skipped')", name="ck_mass_revocation_done_outcome"
        ),
        _revocation("mass_revocation_done"),
        _certificate("mass_revocation_done"),
        sa.PrimaryKeyConstraint("revocation_id", "certificate_id", name="pk_mass_revocation_done"),
    )


def downgrade() -> None:
    op.drop_index("ix_certificate_ends", table_name="certificate")
    for table in (
        "mass_revocation_done", "mass_revocation_decision", "mass_revocation_item",
        "mass_revocation", "certificate_share_view", "certificate_share", "certificate_renewal",
    ):  # fmt: skip
        op.drop_table(table)
