"""Tables of results and of what followed from them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Json, Model


class Result(AppendOnly, Model):
    """What one attempt came to. A correction is a new row that ``supersedes_id`` the old one; the
    row that nobody supersedes counts, and a row is superseded at most once."""

    __tablename__ = "exam_result"
    __table_args__ = (
        CheckConstraint("tenths BETWEEN 0 AND 1000", name="tenths"),
        Index("ix_exam_result_attempt", "attempt_id"),
        Index("ix_exam_result_person", "person_id", "rung", "part"),
        Index("ix_exam_result_event", "event_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("exam_event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    rung: Mapped[int]
    part: Mapped[str] = mapped_column(String(8))
    tenths: Mapped[int]
    passed: Mapped[bool]
    by_module: Mapped[Json]
    stamp: Mapped[str] = mapped_column(String(90))
    decided_by: Mapped[int]
    decided_at: Mapped[datetime]
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("exam_result.id"), unique=True)


class ResultRelease(AppendOnly, Model):
    """The moment a result was shown to its candidate; before it nobody but staff sees it."""

    __tablename__ = "result_release"

    result_id: Mapped[int] = mapped_column(ForeignKey("exam_result.id"), primary_key=True)
    released_by: Mapped[int]
    released_at: Mapped[datetime]


class LevelAward(AppendOnly, Model):
    """All parts of a rung were passed: the results that did it and the certificate issued, once
    per completing result."""

    __tablename__ = "level_award"
    __table_args__ = (Index("ix_level_award_person", "person_id", "rung"),)

    result_id: Mapped[int] = mapped_column(ForeignKey("exam_result.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    rung: Mapped[int]
    result_ids: Mapped[Json]
    certificate_id: Mapped[int]
    awarded_at: Mapped[datetime]
