"""sittings: the most steps that each one takes"""

import sqlalchemy as sa
from alembic import op

revision = "sitting_limits"
down_revision = "appeals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    most = sa.Column("most_steps", sa.Integer(), nullable=False, server_default="30000")
    op.add_column("attempt", most)


def downgrade() -> None:
    op.drop_column("attempt", "most_steps")
