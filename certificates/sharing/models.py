"""Tables of shared links."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import Model


class Share(Model):
    """A link to one certificate that works through ``until`` (Shanghai) unless ended before.

    Only the hash of its token is searched by; the token itself is sealed, for its maker's eyes.
    """

    __tablename__ = "certificate_share"

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    token_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    name: Mapped[bool]
    photo: Mapped[bool]
    until: Mapped[date]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ShareView(Model):
    """How often a link was opened on a day; says nothing about who opened it."""

    __tablename__ = "certificate_share_view"

    share_id: Mapped[int] = mapped_column(ForeignKey("certificate_share.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    times: Mapped[int]
