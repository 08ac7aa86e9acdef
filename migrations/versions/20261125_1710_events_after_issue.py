"""certificates: find the few that have a life after issue"""

import sqlalchemy as sa
from alembic import op

revision = "events_after_issue"
down_revision = "ce_transcripts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_certificate_event_after_issue",
        "certificate_event",
        ["certificate_id"],
        sqlite_where=sa.text("kind <> 'issued'"),
        postgresql_where=sa.text("kind <> 'issued'"),
    )


def downgrade() -> None:
    op.drop_index("ix_certificate_event_after_issue", "certificate_event")
