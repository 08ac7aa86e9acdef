"""Tables of the register: certificates, their events, number series, daily counts of checks."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core.db import AppendOnly, Model

KINDS = ("skill", "course", "central", "ce")
EVENT_KINDS = ("issued", "suspended", "reinstated", "revoked", "corrected", "reprinted")
STATUSES = ("valid", "suspended", "revoked", "corrected")


class Certificate(Model):
    """One sealed award; everything but ``status`` is frozen, and a source is awarded once.

    ``facts`` is the canonical JSON text the seal was made over; the other columns repeat parts of
    it for searching and are compared with it at every check. ``status`` is a projection of the
    events. ``secrets_sealed`` keeps the full id number and the salt of its commitment.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        CheckConstraint("(kind = 'skill') = (rung IS NOT NULL)", name="rung"),
        Index("ix_certificate_person", "person_id", "kind"),
        Index("ix_certificate_issuer", "issuer_id", "issued_on"),
        Index("ix_certificate_region", "issuer_region", "issued_on"),
        Index("ix_certificate_holder", "holder_name"),
        Index(
            "ix_certificate_ends",
            "valid_to",
            sqlite_where=text("valid_to IS NOT NULL"),
            postgresql_where=text("valid_to IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(26), unique=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(160), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    issuer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    issuer_region: Mapped[str] = mapped_column(ForeignKey("region.code"))
    rung: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(120))
    holder_name: Mapped[str] = mapped_column(String(60))
    issued_on: Mapped[date]
    valid_to: Mapped[date | None]
    facts: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(16))
    seal: Mapped[bytes] = mapped_column(LargeBinary)
    secrets_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    photo_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"), unique=True)
    status: Mapped[str] = mapped_column(String(10), default="valid")
    created_at: Mapped[datetime]

    events: Mapped[list["CertificateEvent"]] = relationship(
        order_by="CertificateEvent.id", back_populates="certificate"
    )


class CertificateEvent(AppendOnly, Model):
    """Something that happened to a certificate; its status is folded from these lines."""

    __tablename__ = "certificate_event"
    __table_args__ = (
        CheckConstraint(f"kind IN {EVENT_KINDS}", name="kind"),
        # Few certificates have a life after issue; the list of statuses reads only theirs.
        Index(
            "ix_certificate_event_after_issue",
            "certificate_id",
            sqlite_where=text("kind <> 'issued'"),
            postgresql_where=text("kind <> 'issued'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    actor_id: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300), default="")

    certificate: Mapped[Certificate] = relationship(back_populates="events")


class NumberSeries(Model):
    """The last serial used under one number prefix; it only grows."""

    __tablename__ = "number_series"

    prefix: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int]


class CheckCount(Model):
    """How often a certificate was checked on a day; says nothing about who checked."""

    __tablename__ = "check_count"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    times: Mapped[int]
