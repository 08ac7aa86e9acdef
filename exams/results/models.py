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


class ScoreReview(AppendOnly, Model):
    """A candidate asks, once a result, that her marks be added up again (成绩复核)."""

    __tablename__ = "score_review"

    id: Mapped[int] = mapped_column(primary_key=True)
    result_id: Mapped[int] = mapped_column(ForeignKey("exam_result.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(String(400))
    asked_at: Mapped[datetime]
    rule_stamp: Mapped[str] = mapped_column(String(90))


class ScoreCheck(AppendOnly, Model):
    """What the first person found: the sum, slot by slot omissions, and what she proposes.
    The newest of a review counts."""

    __tablename__ = "score_check"
    __table_args__ = (CheckConstraint("tenths BETWEEN 0 AND 1000", name="tenths"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("score_review.id"), index=True)
    tenths: Mapped[int]
    findings: Mapped[Json]
    note: Mapped[str] = mapped_column(String(400), default="")
    checked_by: Mapped[int]
    checked_at: Mapped[datetime]


class ScoreDecision(AppendOnly, Model):
    """The end of a review by a second person, who neither checked nor marked the sitting:
    unchanged, or corrected by the result that supersedes the old one."""

    __tablename__ = "score_decision"
    __table_args__ = (
        CheckConstraint("outcome IN ('unchanged', 'corrected')", name="outcome"),
        CheckConstraint("(outcome = 'corrected') = (new_result_id IS NOT NULL)", name="new_result"),
    )

    review_id: Mapped[int] = mapped_column(ForeignKey("score_review.id"), primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("score_check.id"))
    outcome: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(400), default="")
    decided_by: Mapped[int]
    decided_at: Mapped[datetime]
    new_result_id: Mapped[int | None] = mapped_column(ForeignKey("exam_result.id"))
