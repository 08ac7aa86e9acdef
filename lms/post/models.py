"""Tables of the post room: where people and systems are reached, and what was carried there."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Json, Model

KINDS = ("webhook", "wecom", "dingtalk", "feishu")
CHANNELS = ("site", "email", "sms", *KINDS)
STATES = ("waiting", "sent", "delivered", "failed")


class PostAddress(Model):
    """A person's e-mail address, sealed; nothing but the question whether it is hers goes there
    before ``verified_at``."""

    __tablename__ = "post_address"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[str] = mapped_column(String(64))
    masked: Mapped[str] = mapped_column(String(120))
    set_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]


class PostPreference(Model):
    """What a person wants to be sent outside the site, in which language (empty: as on the site)
    and when she is not to be disturbed beyond the rule's quiet hours."""

    __tablename__ = "post_preference"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    email: Mapped[bool]
    sms: Mapped[bool]
    digests: Mapped[bool]
    locale: Mapped[str] = mapped_column(String(5), default="")
    quiet: Mapped[str] = mapped_column(String(11), default="")
    updated_at: Mapped[datetime]


class PostEndpoint(Model):
    """A webhook or chat robot of one organisation or one region; it is used between its approval
    by a second person and its end. Address and secrets are sealed."""

    __tablename__ = "post_endpoint"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint("approved_by IS NULL OR approved_by <> created_by", name="two"),
        CheckConstraint("NOT people OR kind = 'webhook'", name="people"),
        Index("ix_post_endpoint_region", "region"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    label: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    region: Mapped[str] = mapped_column(String(6))
    host: Mapped[str] = mapped_column(String(253))
    address_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    address_hash: Mapped[str] = mapped_column(String(64))
    secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_secret_until: Mapped[datetime | None]
    people: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    created_by: Mapped[int]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[int | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None]


class PostDelivery(Model):
    """One message on one way to one receiver: (letter, target) is unique, and ``ref`` goes along
    so that a receiver can tell a repeat. ``since`` is when the present round of tries began."""

    __tablename__ = "post_delivery"
    __table_args__ = (
        CheckConstraint(f"channel IN {CHANNELS}", name="channel"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("uq_post_delivery_letter", "letter", "target", unique=True),
        Index("ix_post_delivery_due", "state", "target", "due_at"),
        Index("ix_post_delivery_person", "person_id", "id"),
        Index("ix_post_delivery_organisation", "organisation_id", "id"),
        Index("ix_post_delivery_region", "region", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    letter: Mapped[str] = mapped_column(String(160))
    target: Mapped[str] = mapped_column(String(24))
    channel: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    endpoint_id: Mapped[int | None] = mapped_column(ForeignKey("post_endpoint.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    region: Mapped[str] = mapped_column(String(6), default="")
    kind: Mapped[str] = mapped_column(String(60))
    facts: Mapped[Json]
    url: Mapped[str] = mapped_column(String(200), default="")
    locale: Mapped[str] = mapped_column(String(5), default="zh")
    quiet: Mapped[str] = mapped_column(String(11), default="")
    created_at: Mapped[datetime]
    since: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    claim: Mapped[str] = mapped_column(String(32), default="")
    failures: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(40), default="")
    settled_at: Mapped[datetime | None]


class PostAttempt(AppendOnly, Model):
    """One try at one delivery and what came of it, also by a process that had lost its claim."""

    __tablename__ = "post_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("post_delivery.id"), index=True)
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(40), default="")
    milliseconds: Mapped[int]


class PostCircuit(Model):
    """How a target did lately: after failures in a row it is left alone until ``open_until``."""

    __tablename__ = "post_circuit"

    target: Mapped[str] = mapped_column(String(24), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(40), default="")
    good_at: Mapped[datetime | None]
    bad_at: Mapped[datetime | None]
