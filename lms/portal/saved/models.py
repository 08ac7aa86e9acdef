"""Tables of saved views and their sendings."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import Json, Model

RHYTHMS = ("weekly", "monthly")


class SavedView(Model):
    """A list with its filter under a name: the filter, never the rows. ``organisation_id`` or
    ``region`` name the unit it is shared with; with neither it is its owner's alone."""

    __tablename__ = "saved_view"
    __table_args__ = (
        CheckConstraint("organisation_id IS NULL OR region IS NULL", name="unit"),
        Index("ix_saved_view_owner", "owner_id"),
        Index("ix_saved_view_organisation", "organisation_id"),
        Index("ix_saved_view_region", "region"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(12))
    query: Mapped[Json]
    name: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    region: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    created_at: Mapped[datetime]
    dropped_at: Mapped[datetime | None]

    @property
    def shared(self) -> bool:
        """True if others of a unit may open it."""
        return self.organisation_id is not None or self.region is not None


class SavedSending(Model):
    """Somebody wants a view week by week or month by month, until ``ended_at``; a person has at
    most one running sending of a view."""

    __tablename__ = "saved_sending"
    __table_args__ = (
        CheckConstraint(f"rhythm IN {RHYTHMS}", name="rhythm"),
        Index(
            "uq_saved_sending_running",
            "view_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    view_id: Mapped[int] = mapped_column(ForeignKey("saved_view.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    rhythm: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
