"""certificates: transcripts of continuing-education hours are a kind of certificate"""

from lms.core.guards import reword_check

revision = "ce_transcripts"
down_revision = "exam_seats"
branch_labels = None
depends_on = None


def upgrade() -> None:
    reword_check(
        "certificate", "ck_certificate_kind", "kind IN ('skill', 'course', 'central', 'ce')"
    )


def downgrade() -> None:
    reword_check("certificate", "ck_certificate_kind", "kind IN ('skill', 'course', 'central')")
