"""certificates: the key of the register's log names the one that follows it"""

import sqlalchemy as sa
from alembic import op

from lms.core.db import UtcDateTime
from lms.core.guards import guard

revision = "log_succession"
down_revision = "batch_claims"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_succession",
        sa.Column("old_kid", sa.String(length=16), nullable=False),
        sa.Column("new_kid", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("old_kid", name="pk_log_succession"),
        sa.UniqueConstraint("new_kid", name="uq_log_succession_new_kid"),
    )
    guard("log_succession")


def downgrade() -> None:
    op.drop_table("log_succession")
