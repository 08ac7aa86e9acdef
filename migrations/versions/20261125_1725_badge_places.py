"""certificates: the place of each certificate in its issuer's status lists"""

import sqlalchemy as sa
from alembic import op

from lms.core.guards import guard

revision = "badge_places"
down_revision = "events_after_issue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "badge_place",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("list_number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.CheckConstraint("list_number >= 0", name="ck_badge_place_list_number"),
        sa.CheckConstraint("place >= 0 AND place < 131072", name="ck_badge_place_place"),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name="fk_badge_place_certificate_id"
        ),
        sa.PrimaryKeyConstraint("certificate_id", name="pk_badge_place"),
        sa.UniqueConstraint("list_number", "place", name="uq_badge_place_list_number"),
    )
    guard("badge_place")


def downgrade() -> None:
    op.drop_table("badge_place")
