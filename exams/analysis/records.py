"""What is known of questions from exams: the one query the bank's pages and paper balance ask.

Only frozen analyses count (see ``AnalysisRun``): cheap, and never a practice sitting, somebody
expelled, or a question that was struck out.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from exams.analysis import rules
from exams.analysis.models import AnalysisRun, ItemStatistic
from exams.bank.models import Question, QuestionVersion
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """A question version over all events it was analysed in, each with its newest analysis.

    ``facility`` is the share of its marks that candidates got (0 to 1) with Wilson's interval;
    ``discrimination`` is the corrected item-total correlation, pooled over events by Fisher's z,
    None below ``rules.LEAST`` candidates in every one of them. ``n`` counts candidates.
    """

    version_id: int
    n: int
    facility: rules.Interval
    discrimination: rules.Interval | None
    events: int
    last_at: datetime

    @property
    def is_enough(self) -> bool:
        """True when there are enough candidates to say anything."""
        return self.n >= rules.LEAST


def item_records(version_ids: Collection[int]) -> dict[int, ItemRecord]:
    """Version id → its record; versions never analysed are missing. One statement."""
    if not version_ids:
        return {}
    return _records(_newest().where(ItemStatistic.question_version_id.in_(list(version_ids))))


def bank_records(bank_id: int) -> dict[int, ItemRecord]:
    """The same for every version of a bank. One statement."""
    return _records(
        _newest()
        .join(QuestionVersion, QuestionVersion.id == ItemStatistic.question_version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(Question.bank_id == bank_id)
    )


def _newest() -> Select[Any]:
    latest = select(func.max(AnalysisRun.id)).group_by(AnalysisRun.event_id)
    return (
        select(
            ItemStatistic.question_version_id,
            AnalysisRun.event_id,
            AnalysisRun.made_at,
            ItemStatistic.n,
            ItemStatistic.x,
            ItemStatistic.xx,
            ItemStatistic.t,
            ItemStatistic.tt,
            ItemStatistic.xt,
            ItemStatistic.w,
        )
        .join(AnalysisRun, AnalysisRun.id == ItemStatistic.run_id)
        .where(ItemStatistic.run_id.in_(latest))
    )


def _records(query: Select[Any]) -> dict[int, ItemRecord]:
    held: dict[int, list[Any]] = defaultdict(list)
    for row in session().execute(query):
        held[row.question_version_id].append(row)
    return {version_id: _record(version_id, rows) for version_id, rows in held.items()}


def _record(version_id: int, rows: list[Any]) -> ItemRecord:
    met: dict[int, int] = {}
    for row in rows:  # the parts of a case were met by the same candidates
        met[row.event_id] = max(met.get(row.event_id, 0), row.n)
    n = sum(met.values())
    share = sum(row.x for row in rows) / sum(row.w for row in rows)
    links = [
        (link, row.n)
        for row in rows
        if (link := rules.discrimination(rules.Sums(*row[3:]))) is not None
    ]
    return ItemRecord(
        version_id,
        n,
        rules.wilson(share, n),
        rules.pooled_correlation(links),
        len(met),
        max(row.made_at for row in rows),
    )
