"""certificates"""

revision = "certificates"
down_revision = "ground"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
