"""Central sessions, their seats, and who was there."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core.db import AppendOnly, Model

SESSION_STATES = ("planned", "open", "closed", "cancelled")
SEAT_STATES = ("invited", "booked", "waiting", "cancelled")
FACT_KINDS = ("in", "out", "void")
METHODS = ("qr", "code", "teacher", "sheet")


class CentralSession(Model):
    """A centralised training held by a base for a region; goes planned → open → closed, or is
    cancelled before that. Its past statements stand in ``SessionStatement``."""

    __tablename__ = "central_session"
    __table_args__ = (
        CheckConstraint(f"status IN {SESSION_STATES}", name="status"),
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("tenths > 0", name="tenths"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        Index("ix_central_session_region", "year", "region", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    region: Mapped[str] = mapped_column(ForeignKey("region.code"))
    title: Mapped[str] = mapped_column(String(120))
    topic: Mapped[str] = mapped_column(String(400), default="")
    year: Mapped[int]
    venue: Mapped[str] = mapped_column(String(160))
    capacity: Mapped[int]
    tenths: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(10), default="planned")
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=1)
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[int]

    parts: Mapped[list["SessionPart"]] = relationship(
        order_by="SessionPart.starts_at", cascade="all, delete-orphan"
    )
    teachers: Mapped[list["SessionTeacher"]] = relationship(
        order_by="SessionTeacher.id", cascade="all, delete-orphan"
    )


class SessionPart(Model):
    """One stretch of teaching (usually half a day); parts of a session do not overlap."""

    __tablename__ = "session_part"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("central_session.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class SessionTeacher(Model):
    """Somebody who teaches a session; she teaches no other one at the same time."""

    __tablename__ = "session_teacher"
    __table_args__ = (UniqueConstraint("session_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("central_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)


class SessionStatement(AppendOnly, Model):
    """What was announced of a session at a moment, so that the past can be asked as known."""

    __tablename__ = "session_statement"
    __table_args__ = (UniqueConstraint("session_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("central_session.id"))
    revision: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    year: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    tenths: Mapped[int]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


class Seat(Model):
    """A person's place in a session now; one per person and session, ``SeatStep`` has the past."""

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        CheckConstraint(f"status IN {SEAT_STATES}", name="status"),
        Index("ix_seat_person", "person_id", "status"),
        Index("ix_seat_session", "session_id", "status", "queued_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("central_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    status: Mapped[str] = mapped_column(String(10))
    queued_at: Mapped[datetime]
    booked_by: Mapped[int]


class SeatStep(AppendOnly, Model):
    """One change of a seat."""

    __tablename__ = "seat_step"
    __table_args__ = (
        CheckConstraint(f"status IN {SEAT_STATES}", name="status"),
        Index("ix_seat_step_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("central_session.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    status: Mapped[str] = mapped_column(String(10))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


class AttendanceFact(AppendOnly, Model):
    """Somebody came in or went out at ``at``; a mistake is taken back by a ``void`` fact that
    names it and says why. ``op`` makes a repeated scan count once."""

    __tablename__ = "attendance_fact"
    __table_args__ = (
        CheckConstraint(f"kind IN {FACT_KINDS}", name="kind"),
        CheckConstraint(f"method IN {METHODS}", name="method"),
        CheckConstraint("(kind = 'void') = (voids_id IS NOT NULL)", name="void"),
        Index("ix_attendance_fact_session", "session_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    op: Mapped[str] = mapped_column(String(80), unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("central_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(4))
    method: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]
    device: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
    voids_id: Mapped[int | None] = mapped_column(ForeignKey("attendance_fact.id"), unique=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


class SessionOutcome(AppendOnly, Model):
    """What a session's attendance came to for one person when it was closed or counted again;
    the newest one stands."""

    __tablename__ = "session_outcome"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id", "round"),
        Index("ix_session_outcome_person", "person_id", "year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("central_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    round: Mapped[int]
    year: Mapped[int]
    held_on: Mapped[date]
    minutes: Mapped[int]
    tenths: Mapped[int]
    attended: Mapped[bool]
    rule: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]
