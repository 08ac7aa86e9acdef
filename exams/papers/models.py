"""Tables of papers: what one candidate (or one form) is asked, pinned for ever."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Model


class Paper(AppendOnly, Model):
    """A paper assembled for an event from a seed; ``digest`` is over its slots in order."""

    __tablename__ = "paper"
    __table_args__ = (UniqueConstraint("event_id", "seed"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("exam_event.id"))
    seed: Mapped[str] = mapped_column(String(64))
    blueprint: Mapped[str] = mapped_column(String(90))
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


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
