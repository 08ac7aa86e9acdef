"""Designs, what happened to them, and their pictures; nothing here is ever changed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column, relationship

from certificates.models import KINDS
from lms.core.db import AppendOnly, Model

STEPS = ("seen", "approved", "refused", "retired")


class Design(AppendOnly, Model):
    """One version of how an issuer's papers of a kind look; certificates name it by its digest.

    ``spec`` is canonical JSON, ``digest`` its SHA-256; pictures stand in it by their digests.
    """

    __tablename__ = "certificate_design"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint("version > 0", name="version"),
        Unique("issuer_id", "kind", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    issuer_region: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    version: Mapped[int]
    spec: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    effective_from: Mapped[date]
    drafted_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    drafted_at: Mapped[datetime]

    steps: Mapped[list["DesignStep"]] = relationship(order_by="DesignStep.id", viewonly=True)


class DesignStep(AppendOnly, Model):
    """Somebody saw a design's preview, approved or refused it, or took it out of use."""

    __tablename__ = "certificate_design_step"
    __table_args__ = (
        CheckConstraint(f"kind IN {STEPS}", name="kind"),
        Index("ix_certificate_design_step_design", "design_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    design_id: Mapped[int] = mapped_column(ForeignKey("certificate_design.id"))
    kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(300), default="")


class DesignPicture(AppendOnly, Model):
    """A seal, logo or signature of an issuer, re-encoded and encrypted, by its digest."""

    __tablename__ = "certificate_design_picture"
    __table_args__ = (Unique("issuer_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    digest: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kept_at: Mapped[datetime]
