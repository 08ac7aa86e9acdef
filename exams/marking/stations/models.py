"""Tables of skills stations and review panels; what was signed is never rewritten."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Json, Model


class StationTemplate(AppendOnly, Model):
    """A version of a checklist in the library; the newest one of a code is offered.

    ``body``: ``{"way": "deduct"|"award", "items": [{"text", "step", "most"}], "vetoes": [text]}``
    with ``step`` in tenths and ``most`` how often it can be taken off (or given).
    """

    __tablename__ = "station_template"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("tenths > 0", name="tenths"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(60))
    part: Mapped[str] = mapped_column(String(8))
    rung: Mapped[int]
    module: Mapped[str] = mapped_column(String(40))
    tenths: Mapped[int]
    minutes: Mapped[int]
    body: Mapped[Json]
    source: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    created_by: Mapped[int]
    created_at: Mapped[datetime]


class TemplateRetired(AppendOnly, Model):
    """A version of a checklist that is offered no more; stations set with it keep it."""

    __tablename__ = "station_template_retired"

    template_id: Mapped[int] = mapped_column(
        ForeignKey("station_template.id"), primary_key=True, autoincrement=False
    )
    retired_by: Mapped[int]
    retired_at: Mapped[datetime]


class TemplateOwner(AppendOnly, Model):
    """The evaluator that brought a version of a checklist; those without a row ship with the
    product and are offered to everybody."""

    __tablename__ = "station_template_owner"

    template_id: Mapped[int] = mapped_column(
        ForeignKey("station_template.id"), primary_key=True, autoincrement=False
    )
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)


class Station(AppendOnly, Model):
    """A station of an event: a checklist pinned by its template's version."""

    __tablename__ = "exam_station"
    __table_args__ = (UniqueConstraint("event_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("exam_event.id"))
    position: Mapped[int]
    template_id: Mapped[int] = mapped_column(ForeignKey("station_template.id"))
    set_by: Mapped[int]
    set_at: Mapped[datetime]


class PanelMember(Model):
    """An examiner of a station's panel; taken off by ``removed_at``, never deleted."""

    __tablename__ = "panel_member"
    __table_args__ = (
        UniqueConstraint("station_id", "person_id"),
        Index("ix_panel_member_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("exam_station.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    assigned_by: Mapped[int]
    assigned_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Sheet(Model):
    """An examiner's sheet of one candidate at one station, open until it is signed. A correction
    is a sheet with the next number and a reason."""

    __tablename__ = "station_sheet"
    __table_args__ = (
        UniqueConstraint("station_id", "entry_id", "examiner_id", "number"),
        CheckConstraint("number = 1 OR reason <> ''", name="reason"),
        Index(
            "uq_station_sheet_open",
            "station_id",
            "entry_id",
            "examiner_id",
            unique=True,
            sqlite_where=sql("signed_at IS NULL"),
            postgresql_where=sql("signed_at IS NULL"),
        ),
        Index("ix_station_sheet_entry", "entry_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("exam_station.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("exam_entry.id"))
    examiner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    number: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(String(200), default="")
    started_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]


class SheetTap(AppendOnly, Model):
    """One touch of a sheet: from now on the item stands at ``count`` (-1: a veto, with its
    reason; count 0 takes it back). The highest ``seq`` of an item counts."""

    __tablename__ = "station_tap"
    __table_args__ = (
        UniqueConstraint("sheet_id", "op", name="uq_station_tap_op"),
        UniqueConstraint("sheet_id", "seq"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("station_sheet.id"))
    op: Mapped[str] = mapped_column(String(36))
    seq: Mapped[int]
    item: Mapped[int]
    count: Mapped[int]
    note: Mapped[str] = mapped_column(String(200), default="")
    tapped_at: Mapped[datetime]


class SheetScore(AppendOnly, Model):
    """What a sheet came to when it was signed."""

    __tablename__ = "station_score"
    __table_args__ = (CheckConstraint("tenths >= 0", name="tenths"),)

    sheet_id: Mapped[int] = mapped_column(ForeignKey("station_sheet.id"), primary_key=True)
    tenths: Mapped[int]
    counts: Mapped[Json]
    veto: Mapped[str] = mapped_column(String(300), default="")
    seconds: Mapped[int]
    comment: Mapped[str] = mapped_column(String(400), default="")
    stamp: Mapped[str] = mapped_column(String(90))
    signed_by: Mapped[int]
    signed_at: Mapped[datetime]


class StationRuling(AppendOnly, Model):
    """The adjudicator's score of a station where the panel's sheets lay too far apart."""

    __tablename__ = "station_ruling"
    __table_args__ = (
        UniqueConstraint("station_id", "entry_id"),
        CheckConstraint("tenths >= 0", name="tenths"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("exam_station.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("exam_entry.id"))
    tenths: Mapped[int]
    reason: Mapped[str] = mapped_column(String(400))
    ruled_by: Mapped[int]
    ruled_at: Mapped[datetime]


class PaperSheet(AppendOnly, Model):
    """Scores typed from paper sheets afterwards, with the names of the panel that signed them."""

    __tablename__ = "paper_sheet"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    panel: Mapped[Json]
    typed_by: Mapped[int]
    typed_at: Mapped[datetime]
