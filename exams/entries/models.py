"""Tables of exam events and the people entered for them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core.db import AppendOnly, Json, Model


class Part(StrEnum):
    """The parts a level is examined in; each is marked out of 100 and stands alone."""

    THEORY = "theory"
    SKILLS = "skills"
    REVIEW = "review"


class Release(StrEnum):
    """When candidates see their marks: as soon as they are concluded, at the announced moment
    (``results_at``), or when an examiner says."""

    AT_ONCE = "at_once"
    AT_TIME = "at_time"
    BY_EXAMINER = "by_examiner"


class Feedback(StrEnum):
    """What a candidate sees after release: passed or not, marks, or questions with explanations."""

    NOTHING = "nothing"
    MARKS = "marks"
    EXPLAINED = "explained"


class Admission(StrEnum):
    """Who lets a candidate begin: nobody, the code the invigilator reads out, or the
    invigilator herself."""

    OPEN = "open"
    CODE = "code"
    INVIGILATOR = "invigilator"


class SwitchMode(StrEnum):
    """What follows when a candidate leaves the exam's page: it is only written down, each time
    is shown as a warning, or one time too many hands the paper in."""

    OFF = "off"
    WARN = "warn"
    HAND_IN = "hand_in"


class ExamEvent(Model):
    """One sitting of one part for one rung; ``status`` goes draft → published → closed, and the
    blueprint's stamp is pinned when it is published."""

    __tablename__ = "exam_event"
    __table_args__ = (
        CheckConstraint(f"part IN {tuple(str(p) for p in Part)}", name="part"),
        CheckConstraint("status IN ('draft', 'published', 'closed')", name="status"),
        CheckConstraint(f"release IN {tuple(str(r) for r in Release)}", name="release"),
        CheckConstraint(f"feedback IN {tuple(str(f) for f in Feedback)}", name="feedback"),
        CheckConstraint("closes_at > opens_at", name="window"),
        CheckConstraint("minutes BETWEEN 1 AND 600", name="minutes"),
        CheckConstraint("attempts BETWEEN 1 AND 5", name="attempts"),
        CheckConstraint(f"admission IN {tuple(str(a) for a in Admission)}", name="admission"),
        CheckConstraint(f"switch_mode IN {tuple(str(m) for m in SwitchMode)}", name="switch_mode"),
        CheckConstraint("switch_limit BETWEEN 0 AND 99", name="switch_limit"),
        CheckConstraint("paper_mode IN ('own', 'forms', 'fixed')", name="paper_mode"),
        CheckConstraint("forms BETWEEN 1 AND 8", name="forms"),
        CheckConstraint("exposure_percent BETWEEN 0 AND 100", name="exposure"),
        CheckConstraint("tolerance_tenths BETWEEN 0 AND 1000", name="tolerance"),
        CheckConstraint("multiple_rule IN ('', 'all_or_nothing', 'partial')", name="multiple_rule"),
        CheckConstraint("release <> 'at_time' OR results_at IS NOT NULL", name="results_at"),
        CheckConstraint("markers BETWEEN 1 AND 2", name="markers"),
        CheckConstraint("spread_tenths BETWEEN 0 AND 1000", name="spread"),
        Index("ix_exam_event_organisation", "organisation_id", "opens_at"),
        Index("ix_exam_event_status", "status", "opens_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    rung: Mapped[int]
    part: Mapped[str] = mapped_column(String(8))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    bank_id: Mapped[int | None] = mapped_column(ForeignKey("bank.id"))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    minutes: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=1)
    make_up_of: Mapped[int | None] = mapped_column(ForeignKey("exam_event.id"))
    blueprint: Mapped[str] = mapped_column(String(90), default="")
    status: Mapped[str] = mapped_column(String(10), default="draft")
    release: Mapped[str] = mapped_column(String(12))
    feedback: Mapped[str] = mapped_column(String(10))
    results_at: Mapped[datetime | None]
    admission: Mapped[str] = mapped_column(String(12), default="open")
    switch_mode: Mapped[str] = mapped_column(String(8), default="off")
    switch_limit: Mapped[int] = mapped_column(default=5)
    practice: Mapped[bool] = mapped_column(default=False)
    markers: Mapped[int] = mapped_column(default=1)
    spread_tenths: Mapped[int | None]
    grace_seconds: Mapped[int]
    paper_mode: Mapped[str] = mapped_column(String(8), default="own", server_default="own")
    forms: Mapped[int] = mapped_column(default=2, server_default="2")
    blueprint_id: Mapped[int | None] = mapped_column(ForeignKey("blueprint.id"))
    exposure_percent: Mapped[int] = mapped_column(default=0, server_default="0")
    tolerance_tenths: Mapped[int] = mapped_column(default=20, server_default="20")
    multiple_rule: Mapped[str] = mapped_column(String(16), default="", server_default="")
    papers_task: Mapped[str] = mapped_column(String(32), default="", server_default="")
    shuffle_options: Mapped[bool] = mapped_column(default=True)
    issues_certificate: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[int]
    created_at: Mapped[datetime]
    published_by: Mapped[int | None]
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class Entry(Model):
    """One person entered for one event, with the decision on eligibility as it was taken."""

    __tablename__ = "exam_entry"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        CheckConstraint("extra_minutes BETWEEN 0 AND 240", name="extra"),
        Index("ix_exam_entry_person", "person_id"),
        Index("uq_exam_entry_seat", "room_id", "seat", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("exam_event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ticket: Mapped[str] = mapped_column(String(24), unique=True)
    decision: Mapped[Json]
    rule_stamp: Mapped[str] = mapped_column(String(90))
    extra_minutes: Mapped[int] = mapped_column(default=0)
    registered_by: Mapped[int]
    registered_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    room_id: Mapped[int | None] = mapped_column(ForeignKey("exam_room.id"))
    seat: Mapped[int | None]
    admitted_at: Mapped[datetime | None]

    event: Mapped[ExamEvent] = relationship()


class ExamSite(Model):
    """An address where an organisation holds exams; ``directions`` is how to find it, in words."""

    __tablename__ = "exam_site"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(200))
    directions: Mapped[str] = mapped_column(String(400), default="")


class ExamRoom(Model):
    """A room of one event, with so many seats; a seat holds at most one candidate."""

    __tablename__ = "exam_room"
    __table_args__ = (
        UniqueConstraint("event_id", "name"),
        CheckConstraint("seats BETWEEN 1 AND 500", name="seats"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("exam_event.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("exam_site.id"))
    name: Mapped[str] = mapped_column(String(60))
    seats: Mapped[int]

    event: Mapped[ExamEvent] = relationship()
    site: Mapped[ExamSite] = relationship()


class RoomInvigilator(Model):
    """Somebody who watches over a room; taken off by ``removed_at``, never deleted."""

    __tablename__ = "room_invigilator"
    __table_args__ = (
        UniqueConstraint("room_id", "person_id"),
        Index("ix_room_invigilator_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("exam_room.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    assigned_by: Mapped[int]
    assigned_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class CodeTry(AppendOnly, Model):
    """A wrong identity code typed for an entry; too many in a while and none is taken."""

    __tablename__ = "exam_code_try"
    __table_args__ = (Index("ix_exam_code_try_entry", "entry_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("exam_entry.id"))
    at: Mapped[datetime]
