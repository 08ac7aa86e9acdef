"""Where the status of each credential is looked up."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certificates.badges.bitstring import ENTRIES
from lms.core.db import AppendOnly, Model


class BadgePlace(AppendOnly, Model):
    """The place of a certificate in the status lists, drawn by lot at issue and never changed.

    The same place counts in the lists of all purposes. No two certificates share one.
    """

    __tablename__ = "badge_place"
    __table_args__ = (
        UniqueConstraint("list_number", "place"),
        CheckConstraint("list_number >= 0", name="list_number"),
        CheckConstraint(f"place >= 0 AND place < {ENTRIES}", name="place"),
    )

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    list_number: Mapped[int]
    place: Mapped[int]
