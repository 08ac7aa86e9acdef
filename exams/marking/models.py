"""Tables of marks: given by a rule or by people, never rewritten; a slot's newest one counts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Json, Model


class Mark(AppendOnly, Model):
    """Tenths of a mark for one slot of an attempt, or for one module of a skills test (``item``,
    then ``slot_id`` is NULL). ``key`` makes the same marking happen once."""

    __tablename__ = "mark"
    __table_args__ = (
        CheckConstraint("tenths >= 0", name="tenths"),
        Index("ix_mark_attempt", "attempt_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id"))
    item: Mapped[str] = mapped_column(String(40))
    tenths: Mapped[int]
    stamp: Mapped[str] = mapped_column(String(90))
    marked_by: Mapped[int]
    marked_at: Mapped[datetime]
    key: Mapped[str] = mapped_column(String(80), unique=True)


class Script(Model):
    """One answer that people mark; ``ref`` is all a marker sees of whose it is, and its random
    order is the order of the queue. ``state`` goes marking → adjudicating → done, or straight
    to done."""

    __tablename__ = "marking_script"
    __table_args__ = (
        UniqueConstraint("attempt_id", "slot_id"),
        CheckConstraint("state IN ('marking', 'adjudicating', 'done')", name="state"),
        Index("ix_marking_script_queue", "event_id", "question_version_id", "part", "state", "ref"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("exam_event.id"))
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    question_version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))
    part: Mapped[int] = mapped_column(default=-1)
    most: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="marking")
    queued_at: Mapped[datetime]


class Claim(Model):
    """A marker holds one of a script's places (1, 2, or 3 for the adjudicator) until ``until``;
    nobody holds two, and nobody else gets the place while it is held."""

    __tablename__ = "marking_claim"
    __table_args__ = (
        UniqueConstraint("script_id", "place"),
        UniqueConstraint("script_id", "marker_id", name="uq_marking_claim_marker"),
        CheckConstraint("place BETWEEN 1 AND 3", name="place"),
        Index("ix_marking_claim_marker", "marker_id", "until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    script_id: Mapped[int] = mapped_column(ForeignKey("marking_script.id"))
    place: Mapped[int]
    marker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    until: Mapped[datetime]


class Opinion(AppendOnly, Model):
    """What one marker gave one script: tenths by point of the rubric and in all."""

    __tablename__ = "marking_opinion"
    __table_args__ = (
        UniqueConstraint("script_id", "place"),
        UniqueConstraint("script_id", "marker_id", name="uq_marking_opinion_marker"),
        CheckConstraint("tenths >= 0", name="tenths"),
        CheckConstraint("place BETWEEN 1 AND 3", name="place"),
        Index("ix_marking_opinion_marker", "marker_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    script_id: Mapped[int] = mapped_column(ForeignKey("marking_script.id"))
    place: Mapped[int]
    marker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    tenths: Mapped[int]
    points: Mapped[Json]
    comment: Mapped[str] = mapped_column(String(400), default="")
    stamp: Mapped[str] = mapped_column(String(90))
    given_at: Mapped[datetime]


class Recusal(AppendOnly, Model):
    """Somebody does not judge somebody in an event, and why: found by the records, or declared."""

    __tablename__ = "marking_recusal"
    __table_args__ = (
        UniqueConstraint("event_id", "marker_id", "person_id"),
        CheckConstraint(
            "reason IN ('self', 'taught', 'colleague', 'relative', 'recognised')", name="reason"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("exam_event.id"))
    marker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(200), default="")
    stamp: Mapped[str] = mapped_column(String(90))
    recorded_at: Mapped[datetime]
