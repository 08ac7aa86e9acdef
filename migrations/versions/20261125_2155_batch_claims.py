"""certificates: publicity done elsewhere is checked by a second person; remarks have codes"""

import sqlalchemy as sa
from alembic import op

from lms.core.db import UtcDateTime
from lms.core.guards import guard

revision = "batch_claims"
down_revision = "checklist_withdrawals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("certificate_batch_line") as table:
        table.add_column(sa.Column("claim", sa.String(80), nullable=False, server_default=""))
        table.add_column(sa.Column("code", sa.String(60), nullable=False, server_default=""))
        table.add_column(sa.Column("params", sa.JSON(), nullable=False, server_default="{}"))
    # Lines of plans that were made before and not run yet wait for the second person too.
    op.execute(
        "UPDATE certificate_batch_line SET claim = '—' WHERE outcome IN ('ready', 'failed')"
        " AND NOT publish AND CAST(facts AS TEXT) LIKE '%publicity_from%'"
        " AND batch_id IN (SELECT id FROM certificate_batch WHERE origin = 'sheet')"
    )
    op.create_table(
        "certificate_batch_claim",
        sa.Column("batch_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["certificate_batch.id"], name="fk_certificate_batch_claim_batch_id"
        ),
        sa.PrimaryKeyConstraint("batch_id", name="pk_certificate_batch_claim"),
    )
    guard("certificate_batch_claim")


def downgrade() -> None:
    op.drop_table("certificate_batch_claim")
    with op.batch_alter_table("certificate_batch_line") as table:
        table.drop_column("params")
        table.drop_column("code")
        table.drop_column("claim")
