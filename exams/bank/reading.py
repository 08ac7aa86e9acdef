"""One question with all its versions, its use and its statistics; keys only for who opened them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from exams.bank.formats.items import Written
from exams.bank.models import Bank, Question, QuestionApproval, QuestionKey, QuestionVersion
from exams.bank.rules import Draft
from exams.marking.models import Mark
from exams.papers.models import Paper, Slot
from lms.core.db import session
from lms.people.api import person_cards


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version without its key. ``approver`` is empty while it waits."""

    id: int
    number: int
    kind: str
    stem: str
    body: dict[str, Any]
    module: str
    difficulty: str
    rung: int
    knowledge: str
    source: str
    occupation: str
    author_id: int
    author: str
    created_at: datetime
    approver: str
    approved_at: datetime | None
    papers: int
    answered: int


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question and its versions, newest first."""

    id: int
    code: str
    bank: Bank
    retired_at: datetime | None
    versions: list[VersionView]
    events: int

    @property
    def newest(self) -> VersionView:
        """The version that would be edited or approved."""
        return self.versions[0]

    @property
    def state(self) -> str:
        """``retired``, ``waiting`` or ``in_use``."""
        if self.retired_at:
            return "retired"
        return "in_use" if self.newest.approver else "waiting"


@dataclass(frozen=True, slots=True)
class OpenKey:
    """What is shown to someone who opened the key; the opening is in the audit trail."""

    key: dict[str, Any]
    explanation: str
    note: str


def question_of(question_id: int) -> Question | None:
    """The question itself."""
    return session().get(Question, question_id)


def question_view(question: Question) -> QuestionView:
    """Everything about a question but its keys."""
    rows = (
        session()
        .execute(
            select(QuestionVersion, QuestionApproval)
            .outerjoin(QuestionApproval, QuestionApproval.question_version_id == QuestionVersion.id)
            .where(QuestionVersion.question_id == question.id)
            .order_by(QuestionVersion.number.desc())
        )
        .all()
    )
    people = {version.author_id for version, _approval in rows}
    people |= {approval.approved_by for _version, approval in rows if approval}
    names = names_of(people)
    used = _papers_by_version(question.id)
    marked = _marks_by_version(question.id)
    versions = [
        VersionView(
            version.id, version.number, version.kind, version.stem, version.body, version.module,
            version.difficulty, version.rung, version.knowledge, version.source,
            version.occupation, version.author_id, names[version.author_id], version.created_at,
            names[approval.approved_by] if approval else "",
            approval.approved_at if approval else None,
            used.get(version.id, 0), marked.get(version.id, 0),
        )
        for version, approval in rows
    ]  # fmt: skip
    events = _events_with(question.id)
    return QuestionView(
        question.id, question.code, question.bank, question.retired_at, versions, events
    )


def names_of(person_ids: set[int]) -> dict[int, str]:
    """Names of people; the platform's own hands are called so."""
    cards = person_cards({number for number in person_ids if number > 0})
    return {
        number: cards[number].name if number in cards else str(_("平台")) for number in person_ids
    }


def open_keys(version_ids: Sequence[int]) -> dict[int, OpenKey]:
    """Keys of versions, for a page whose reader opened them."""
    rows = session().scalars(
        select(QuestionKey).where(QuestionKey.question_version_id.in_(version_ids))
    )
    return {row.question_version_id: OpenKey(row.key, row.explanation, row.note) for row in rows}


def drafts_of(version_ids: Sequence[int]) -> list[tuple[QuestionVersion, Written]]:
    """Versions with their keys, as they would be written to a file; in the order asked for."""
    found: dict[int, tuple[QuestionVersion, Written]] = {}
    for start in range(0, len(version_ids), 2000):
        chunk = version_ids[start : start + 2000]
        rows = session().execute(
            select(QuestionVersion, QuestionKey, Question.code)
            .join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)
            .join(Question, Question.id == QuestionVersion.question_id)
            .where(QuestionVersion.id.in_(chunk))
        )
        for version, key, code in rows:
            found[version.id] = (version, Written(code, draft_of(version, key)))
    return [found[number] for number in version_ids if number in found]


def face_draft(version: VersionView) -> Draft:
    """A version without its key, for comparing what is asked."""
    return Draft(
        version.kind, version.stem, version.body, {}, version.module, version.difficulty,
        version.rung,
    )  # fmt: skip


def draft_of(version: QuestionVersion, key: QuestionKey) -> Draft:
    """The draft that would give this version."""
    return Draft(
        version.kind,
        version.stem,
        version.body,
        key.key,
        version.module,
        version.difficulty,
        version.rung,
        key.explanation,
        version.knowledge,
        version.source,
        key.note,
        version.occupation,
    )


def _papers_by_version(question_id: int) -> dict[int, int]:
    rows = session().execute(
        select(QuestionVersion.id, func.count(Slot.id))
        .join(Slot, Slot.question_version_id == QuestionVersion.id)
        .where(QuestionVersion.question_id == question_id)
        .group_by(QuestionVersion.id)
    )
    return {row[0]: row[1] for row in rows}


def _events_with(question_id: int) -> int:
    query = (
        select(func.count(func.distinct(Paper.event_id)))
        .join(Slot, Slot.paper_id == Paper.id)
        .join(QuestionVersion, QuestionVersion.id == Slot.question_version_id)
        .where(QuestionVersion.question_id == question_id)
    )
    return session().scalar(query) or 0


def _marks_by_version(question_id: int) -> dict[int, int]:
    """How many sittings of each version were marked."""
    rows = session().execute(
        select(Slot.question_version_id, func.count(Mark.attempt_id.distinct()))
        .join(Mark, Mark.slot_id == Slot.id)
        .join(QuestionVersion, QuestionVersion.id == Slot.question_version_id)
        .where(QuestionVersion.question_id == question_id)
        .group_by(Slot.question_version_id)
    )
    return {row[0]: row[1] for row in rows}
