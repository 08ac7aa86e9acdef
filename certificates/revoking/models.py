"""Tables of revoking many. Nothing in them is ever changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Json, Model

OUTCOMES = ("revoked", "skipped")


class MassRevocation(AppendOnly, Model):
    """A proposal: which certificates, why, and by whom; its list is frozen with it."""

    __tablename__ = "mass_revocation"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    chosen: Mapped[Json]
    reason: Mapped[str] = mapped_column(String(300))
    proposed_by: Mapped[int] = mapped_column(index=True)
    proposed_at: Mapped[datetime]


class MassRevocationItem(AppendOnly, Model):
    """One certificate that a proposal would revoke."""

    __tablename__ = "mass_revocation_item"

    revocation_id: Mapped[int] = mapped_column(ForeignKey("mass_revocation.id"), primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)


class MassRevocationDecision(AppendOnly, Model):
    """The second person's word; one for each proposal."""

    __tablename__ = "mass_revocation_decision"

    revocation_id: Mapped[int] = mapped_column(
        ForeignKey("mass_revocation.id"), primary_key=True, autoincrement=False
    )
    approved: Mapped[bool]
    note: Mapped[str] = mapped_column(String(300), default="")
    decided_by: Mapped[int]
    decided_at: Mapped[datetime]


class MassRevocationDone(AppendOnly, Model):
    """What became of one certificate: revoked by this proposal, or skipped because something had
    happened to it before."""

    __tablename__ = "mass_revocation_done"
    __table_args__ = (CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),)

    revocation_id: Mapped[int] = mapped_column(ForeignKey("mass_revocation.id"), primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(8))
    done_at: Mapped[datetime]
