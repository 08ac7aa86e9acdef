"""exam entries: a seat holds one candidate"""

from alembic import op

revision = "exam_seats"
down_revision = "register_log"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_exam_entry_room", "exam_entry")
    op.create_index("uq_exam_entry_seat", "exam_entry", ["room_id", "seat"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_exam_entry_seat", "exam_entry")
    op.create_index("ix_exam_entry_room", "exam_entry", ["room_id", "seat"])
