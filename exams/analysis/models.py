"""Tables of analyses: frozen snapshots of an event's figures, and of each item's within them."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Json, Model


class AnalysisRun(AppendOnly, Model):
    """One analysis of one event as it stood: it covers the marks up to ``mark_id`` and says when
    it was made. The newest of an event counts; older ones stay to be compared with.

    ``figures`` is what the page shows of the whole event (marks in tenths).
    """

    __tablename__ = "analysis_run"
    __table_args__ = (
        CheckConstraint("sittings >= 0", name="sittings"),
        Index("ix_analysis_run_event", "event_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("exam_event.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[int]
    mark_id: Mapped[int]
    sittings: Mapped[int]
    figures: Mapped[Json]


class ItemStatistic(AppendOnly, Model):
    """How one question (``part`` 0), or one part of a case (1, 2, …), did in one analysis.

    The sums are exact, in tenths: ``x`` its marks, ``w`` what it could have brought, ``t`` the
    whole marks of those who met it. ``figures`` holds the curves, answers and times; no key.
    """

    __tablename__ = "item_statistic"
    __table_args__ = (
        UniqueConstraint("run_id", "question_version_id", "part"),
        CheckConstraint("n > 0", name="n"),
        Index("ix_item_statistic_version", "question_version_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("analysis_run.id"))
    question_version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))
    part: Mapped[int] = mapped_column(default=0)
    n: Mapped[int]
    x: Mapped[int] = mapped_column(BigInteger)
    xx: Mapped[int] = mapped_column(BigInteger)
    t: Mapped[int] = mapped_column(BigInteger)
    tt: Mapped[int] = mapped_column(BigInteger)
    xt: Mapped[int] = mapped_column(BigInteger)
    w: Mapped[int] = mapped_column(BigInteger)
    figures: Mapped[Json]
