"""post: addresses, preferences, webhooks and robots, deliveries with their tries, circuits"""

import sqlalchemy as sa
from alembic import op

from lms.core.db import UtcDateTime
from lms.core.guards import guard

revision = "post_room"
down_revision = "saved_views"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "post_circuit",
        sa.Column("target", sa.String(length=24), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("good_at", UtcDateTime(), nullable=True),
        sa.Column("bad_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("target", name="pk_post_circuit"),
    )
    op.create_table(
        "post_address",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("masked", sa.String(length=120), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("verified_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_post_address_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_post_address"),
    )
    op.create_table(
        "post_preference",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.Boolean(), nullable=False),
        sa.Column("sms", sa.Boolean(), nullable=False),
        sa.Column("digests", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("quiet", sa.String(length=11), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_post_preference_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_post_preference"),
    )
    op.create_table(
        "post_endpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_until", UtcDateTime(), nullable=True),
        sa.Column("people", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("NOT people OR kind = 'webhook'", name="ck_post_endpoint_people"),
        sa.CheckConstraint(
            "kind IN ('webhook', 'wecom', 'dingtalk', 'feishu')", name="ck_post_endpoint_kind"
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> created_by", name="ck_post_endpoint_two"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_post_endpoint_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_post_endpoint"),
        sa.UniqueConstraint("ref", name="uq_post_endpoint_ref"),
    )
    op.create_index(
        "ix_post_endpoint_organisation_id", "post_endpoint", ["organisation_id"], unique=False
    )
    op.create_index("ix_post_endpoint_region", "post_endpoint", ["region"], unique=False)
    op.create_table(
        "post_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("letter", sa.String(length=160), nullable=False),
        sa.Column("target", sa.String(length=24), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("endpoint_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("url", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("quiet", sa.String(length=11), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('site', 'email', 'sms', 'webhook', 'wecom', 'dingtalk', 'feishu')",
            name="ck_post_delivery_channel",
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'delivered', 'failed')", name="ck_post_delivery_state"
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["post_endpoint.id"], name="fk_post_delivery_endpoint_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_post_delivery_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_post_delivery_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_post_delivery"),
        sa.UniqueConstraint("ref", name="uq_post_delivery_ref"),
    )
    op.create_index(
        "ix_post_delivery_due", "post_delivery", ["state", "target", "due_at"], unique=False
    )
    op.create_index("ix_post_delivery_endpoint_id", "post_delivery", ["endpoint_id"], unique=False)
    op.create_index(
        "ix_post_delivery_organisation", "post_delivery", ["organisation_id", "id"], unique=False
    )
    op.create_index("ix_post_delivery_person", "post_delivery", ["person_id", "id"], unique=False)
    op.create_index("ix_post_delivery_region", "post_delivery", ["region", "id"], unique=False)
    op.create_index("uq_post_delivery_letter", "post_delivery", ["letter", "target"], unique=True)
    op.create_table(
        "post_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["post_delivery.id"], name="fk_post_attempt_delivery_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_post_attempt"),
    )
    op.create_index("ix_post_attempt_delivery_id", "post_attempt", ["delivery_id"], unique=False)
    guard("post_attempt")


def downgrade() -> None:
    for name in (
        "post_attempt", "post_delivery", "post_endpoint", "post_preference", "post_address",
        "post_circuit",
    ):  # fmt: skip
        op.drop_table(name)
