"""Tables of papers: plans, what papers are made from, and what one candidate (or form) is asked.

All of it is pinned for ever: a change is a new row.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Json, Model

MOST_FORMS = 8


class PaperMode(StrEnum):
    """Who gets which paper: each her own, one of a few forms, or the one the examiner picked."""

    OWN = "own"
    FORMS = "forms"
    FIXED = "fixed"


class BlueprintVersion(AppendOnly, Model):
    """One version of an organisation's own blueprint; ``value`` is as in the rung's rule."""

    __tablename__ = "blueprint"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    code: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    rung: Mapped[int]
    value: Mapped[Json]
    based_on: Mapped[str] = mapped_column(String(90))
    saved_by: Mapped[int]
    saved_at: Mapped[datetime]

    @property
    def stamp(self) -> str:
        """What an event pins."""
        return f"blueprint:{self.code}@{self.version}"


class FixedPaper(AppendOnly, Model):
    """One version of an event's hand-picked paper: questions and tenths in their order."""

    __tablename__ = "fixed_paper"
    __table_args__ = (UniqueConstraint("event_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("exam_event.id"))
    version: Mapped[int]
    picks: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    saved_by: Mapped[int]
    saved_at: Mapped[datetime]


class PaperBasis(AppendOnly, Model):
    """What an event's papers are made from, pinned when it is published: its pool, the expected
    share of each version (thousandths) and in how many recent events it was; the target and the
    tolerance in tenths; the stamp of the rule that says what to expect."""

    __tablename__ = "paper_basis"

    event_id: Mapped[int] = mapped_column(ForeignKey("exam_event.id"), primary_key=True)
    items: Mapped[dict[str, list[int]]] = mapped_column(JSON)
    target: Mapped[int]
    tolerance: Mapped[int]
    stamp: Mapped[str] = mapped_column(String(90))
    measured: Mapped[int]
    made_at: Mapped[datetime]


class Paper(AppendOnly, Model):
    """A paper of an event; ``digest`` is over its slots in order.

    It belongs to one sitting (``entry_id`` and ``number``) or is a ``form`` that many get.
    ``expected`` is what it is expected to bring, in tenths.
    """

    __tablename__ = "paper"
    __table_args__ = (
        UniqueConstraint("event_id", "seed"),
        Index("uq_paper_entry", "entry_id", "number", unique=True),
        Index("uq_paper_form", "event_id", "form", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("exam_event.id"))
    seed: Mapped[str] = mapped_column(String(64))
    blueprint: Mapped[str] = mapped_column(String(90))
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("exam_entry.id"))
    number: Mapped[int | None]
    form: Mapped[int | None]
    expected: Mapped[int | None]
    size: Mapped[int] = mapped_column(default=0, server_default="0")


class Slot(AppendOnly, Model):
    """One question of a paper: its place, marks (tenths) and the order its options are shown in.

    ``order[i]`` is the index, in the question's own options (matching: right column; ordering:
    items), of the one shown at place i. ``part`` is the index of a case's part: a case takes as
    many slots as it has parts.
    """

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("paper_id", "position"),
        CheckConstraint("tenths > 0", name="marks"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("paper.id"))
    position: Mapped[int]
    question_version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"), index=True)
    part: Mapped[int | None]
    tenths: Mapped[int]
    order: Mapped[list[int]] = mapped_column(JSON)
