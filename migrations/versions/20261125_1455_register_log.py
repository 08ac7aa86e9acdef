"""certificates: the register's log, a Merkle tree with signed checkpoints"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import guard

revision = "register_log"
down_revision = "marking_by_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_leaf",
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.CheckConstraint("place >= 0", name="ck_log_leaf_place"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["certificate_event.id"], name="fk_log_leaf_event_id"
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name="fk_log_leaf_certificate_id"
        ),
        sa.PrimaryKeyConstraint("place", name="pk_log_leaf"),
        sa.UniqueConstraint("event_id", name="uq_log_leaf_event_id"),
    )
    op.create_index("ix_log_leaf_certificate_id", "log_leaf", ["certificate_id"])
    op.create_table(
        "log_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name="pk_log_node"),
    )
    op.create_index("ix_log_node_hash", "log_node", ["hash"])
    op.create_table(
        "log_checkpoint",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_log_checkpoint"),
    )
    guard("log_leaf", "log_node", "log_checkpoint")


def downgrade() -> None:
    op.drop_table("log_checkpoint")
    op.drop_table("log_node")
    op.drop_table("log_leaf")
