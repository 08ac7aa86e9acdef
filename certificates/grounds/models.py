"""Tables of lost grounds. Nothing in them is ever changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Model

CAUSES = ("voided", "corrected")


class LostGround(AppendOnly, Model):
    """What a certificate was issued from counts no more; it stays suspended until that is taken
    back, or it is revoked. ``ref`` and ``url`` name the cause in its own package's words,
    ``event_id`` is the suspension, None if it was suspended for something else before."""

    __tablename__ = "certificate_lost_ground"
    __table_args__ = (CheckConstraint(f"cause IN {CAUSES}", name="cause"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    cause: Mapped[str] = mapped_column(String(10))
    ref: Mapped[str] = mapped_column(String(80), index=True)
    url: Mapped[str] = mapped_column(String(200))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("certificate_event.id"), unique=True)
    by: Mapped[int]
    at: Mapped[datetime]


class RegainedGround(AppendOnly, Model):
    """A lost ground counts again, once; ``event_id`` is the end of the suspension, None if
    something else still suspends the certificate."""

    __tablename__ = "certificate_regained_ground"

    lost_id: Mapped[int] = mapped_column(
        ForeignKey("certificate_lost_ground.id"), primary_key=True, autoincrement=False
    )
    event_id: Mapped[int | None] = mapped_column(ForeignKey("certificate_event.id"), unique=True)
    by: Mapped[int]
    at: Mapped[datetime]
