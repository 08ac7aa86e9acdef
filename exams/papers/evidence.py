"""What is known of the questions of a bank: how they did, where they were used, who saw them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from exams.analysis.records import bank_records
from exams.bank.models import Question, QuestionVersion
from exams.entries.models import Entry
from exams.papers.models import Paper, Slot
from exams.sittings.models import Attempt
from lms.core.db import session


def measured_shares(bank_id: int, least: int) -> dict[int, int]:
    """Version → the share of its marks that candidates got, in thousandths, for versions that at
    least ``least`` of them sat in analysed exams."""
    return {
        version_id: round(1000 * record.facility.value)
        for version_id, record in bank_records(bank_id).items()
        if record.n >= least
    }


def recent_uses(bank_id: int, since: datetime, but: int) -> dict[int, int]:
    """Question → in how many events since then it was on a paper, without the event ``but``."""
    rows = session().execute(
        select(QuestionVersion.question_id, func.count(Paper.event_id.distinct()))
        .join(Slot, Slot.question_version_id == QuestionVersion.id)
        .join(Paper, Paper.id == Slot.paper_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(Question.bank_id == bank_id, Paper.created_at >= since, Paper.event_id != but)
        .group_by(QuestionVersion.question_id)
    )
    return {row[0]: row[1] for row in rows}


def uses_in(event_id: int) -> dict[int, int]:
    """Question → on how many papers of the event it stands; a case counts once a paper."""
    rows = session().execute(
        select(QuestionVersion.question_id, func.count(Paper.id.distinct()))
        .join(Slot, Slot.question_version_id == QuestionVersion.id)
        .join(Paper, Paper.id == Slot.paper_id)
        .where(Paper.event_id == event_id)
        .group_by(QuestionVersion.question_id)
    )
    return {row[0]: row[1] for row in rows}


def seen_by(person_ids: Collection[int], event_ids: Collection[int]) -> dict[int, set[int]]:
    """Person → the questions of the papers she sat in these events; one statement."""
    if not person_ids or not event_ids:
        return {}
    rows = session().execute(
        select(Entry.person_id, QuestionVersion.question_id)
        .join(Attempt, Attempt.entry_id == Entry.id)
        .join(Slot, Slot.paper_id == Attempt.paper_id)
        .join(QuestionVersion, QuestionVersion.id == Slot.question_version_id)
        .where(Entry.event_id.in_(event_ids), Entry.person_id.in_(person_ids))
    )
    seen: dict[int, set[int]] = {}
    for person_id, question_id in rows:
        seen.setdefault(person_id, set()).add(question_id)
    return seen


def questions_on(paper_id: int) -> set[int]:
    """The questions of one paper."""
    return set(
        session().scalars(
            select(QuestionVersion.question_id)
            .join(Slot, Slot.question_version_id == QuestionVersion.id)
            .where(Slot.paper_id == paper_id)
        )
    )
