"""courses: who teaches a central session"""

import sqlalchemy as sa
from alembic import op

revision = "session_teachers"
down_revision = "log_succession"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "session_teacher",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["central_session.id"], name="fk_session_teacher_session_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_session_teacher_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_session_teacher"),
        sa.UniqueConstraint("session_id", "person_id", name="uq_session_teacher_session_id"),
    )
    op.create_index("ix_session_teacher_person_id", "session_teacher", ["person_id"])


def downgrade() -> None:
    op.drop_table("session_teacher")
