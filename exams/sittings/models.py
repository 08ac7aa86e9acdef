"""Tables of sittings: the attempt, and every answer as it arrived."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exams.entries.models import Entry
from lms.core.db import AppendOnly, Json, Model

STATES = ("open", "handed_in", "timed_out", "concluded", "expelled")


class Attempt(Model):
    """One sitting of one entry; its paper is pinned at the start and at most one is open.

    ``epoch`` counts the devices that took the sitting over; only the newest one may write.
    ``state`` goes open → handed_in (by the candidate) or timed_out (by the server) → concluded;
    or, from any of them, to expelled, which is an outcome of its own and not a zero.
    While ``paused_at`` is set the clock stands still and nothing is taken. ``released_hash`` is a
    device that an invigilator took the sitting away from. ``most_steps`` is the highest sequence
    number it takes, pinned at the start.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("entry_id", "number"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("paused_at IS NULL OR state = 'open'", name="paused"),
        CheckConstraint("state = 'open' OR handed_in_at IS NOT NULL", name="handed_in"),
        Index(
            "uq_attempt_open",
            "entry_id",
            unique=True,
            sqlite_where=sql("state = 'open'"),
            postgresql_where=sql("state = 'open'"),
        ),
        Index("ix_attempt_state", "state", "deadline"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("exam_entry.id"))
    number: Mapped[int]
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))
    slots: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="open")
    started_at: Mapped[datetime]
    deadline: Mapped[datetime]
    grace_seconds: Mapped[int]
    device_hash: Mapped[str] = mapped_column(String(64), default="")
    epoch: Mapped[int] = mapped_column(default=0)
    handed_in_at: Mapped[datetime | None]
    receipt: Mapped[str | None] = mapped_column(String(20), unique=True)
    answers_digest: Mapped[str] = mapped_column(String(64), default="")
    answered: Mapped[int] = mapped_column(default=0)
    paused_at: Mapped[datetime | None]
    left_count: Mapped[int] = mapped_column(default=0)
    released_hash: Mapped[str] = mapped_column(String(64), default="")
    most_steps: Mapped[int] = mapped_column(default=30_000, server_default="30000")

    entry: Mapped[Entry] = relationship()


class AnswerStep(AppendOnly, Model):
    """One change of one answer. ``seq`` orders the steps of an attempt; the highest one of a
    position is its answer. ``late`` marks a step delivered in the grace time."""

    __tablename__ = "answer_step"
    __table_args__ = (
        UniqueConstraint("attempt_id", "seq"),
        UniqueConstraint("attempt_id", "op", name="uq_answer_step_op"),
        CheckConstraint("seq > 0", name="seq"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    seq: Mapped[int]
    op: Mapped[str] = mapped_column(String(36))
    epoch: Mapped[int]
    position: Mapped[int]
    answer: Mapped[Json]
    client_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    late: Mapped[bool] = mapped_column(default=False)


class SittingEvent(AppendOnly, Model):
    """Something that happened in a sitting besides answers: entered, another device, page left,
    time extended, handed in, time up. ``details`` holds numbers and typed reasons only; ``op``
    names a report of the phone, so that sending it again counts once."""

    __tablename__ = "sitting_event"
    __table_args__ = (
        Index("ix_sitting_event_attempt", "attempt_id"),
        Index("uq_sitting_event_op", "attempt_id", "op", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    by: Mapped[int]
    details: Mapped[Json]
    op: Mapped[str | None] = mapped_column(String(36))


class Presence(Model):
    """When a sitting's phone last asked for the time, and how many answers it still held then."""

    __tablename__ = "sitting_presence"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    seen_at: Mapped[datetime]
    unsent: Mapped[int] = mapped_column(default=0)


class Expulsion(AppendOnly, Model):
    """A candidate was sent out, with the reason and what the log showed; or, in a row that names
    an earlier one in ``reverses_id``, that was taken back by somebody else for a new fact."""

    __tablename__ = "expulsion"
    __table_args__ = (Index("ix_expulsion_attempt", "attempt_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    reason: Mapped[str] = mapped_column(String(400))
    evidence: Mapped[Json]
    by: Mapped[int]
    at: Mapped[datetime]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("expulsion.id"), unique=True)


class ResultVoiding(AppendOnly, Model):
    """Somebody proposes, with what was seen, that a candidate be expelled whose result is there."""

    __tablename__ = "result_voiding"
    __table_args__ = (Index("ix_result_voiding_attempt", "attempt_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    result_id: Mapped[int] = mapped_column(ForeignKey("exam_result.id"))
    reason: Mapped[str] = mapped_column(String(400))
    evidence: Mapped[Json]
    by: Mapped[int]
    at: Mapped[datetime]


class VoidingDecision(AppendOnly, Model):
    """Another person's word on it, once; approved, it names the expulsion that followed."""

    __tablename__ = "voiding_decision"
    __table_args__ = (CheckConstraint("approved = (expulsion_id IS NOT NULL)", name="expulsion"),)

    voiding_id: Mapped[int] = mapped_column(ForeignKey("result_voiding.id"), primary_key=True)
    approved: Mapped[bool]
    word: Mapped[str] = mapped_column(String(400))
    by: Mapped[int]
    at: Mapped[datetime]
    expulsion_id: Mapped[int | None] = mapped_column(ForeignKey("expulsion.id"))
