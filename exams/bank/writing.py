"""Appends many questions at once: a few statements however many there are. Callers commit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from exams.bank import rules
from exams.bank.linking import note_media
from exams.bank.models import Question, QuestionKey, QuestionVersion
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class Pending:
    """A version to be written: the question's code, the version's number, its text."""

    code: str
    number: int
    draft: rules.Draft


def append_versions(
    bank_id: int, pending: Sequence[Pending], author_id: int, now: datetime
) -> list[int]:
    """Append versions with their keys, opening questions that are not there; their ids in order."""
    if not pending:
        return []
    ids = _question_ids(bank_id, (p.code for p in pending), now)
    rows = [_version(ids[p.code], p, author_id, now) for p in pending]
    session().execute(insert(QuestionVersion), rows)
    placed = _version_ids(bank_id)
    made = [placed[ids[p.code], p.number] for p in pending]
    session().execute(
        insert(QuestionKey),
        [
            {
                "question_version_id": version_id,
                "key": p.draft.key,
                "explanation": p.draft.explanation,
                "note": p.draft.note,
            }
            for version_id, p in zip(made, pending, strict=True)
        ],
    )
    note_media([(number, p.draft) for number, p in zip(made, pending, strict=True)])
    return made


def _question_ids(bank_id: int, codes: Iterable[str], now: datetime) -> dict[str, int]:
    query = select(Question.code, Question.id).where(Question.bank_id == bank_id)
    ids = {row.code: row.id for row in session().execute(query)}
    new = [code for code in codes if code not in ids]
    if not new:
        return ids
    rows = [{"bank_id": bank_id, "code": code, "created_at": now} for code in new]
    session().execute(insert(Question), rows)
    return {row.code: row.id for row in session().execute(query)}


def _version_ids(bank_id: int) -> dict[tuple[int, int], int]:
    """Read back rather than returned: returning them in order costs a statement per row."""
    rows = session().execute(
        select(QuestionVersion.question_id, QuestionVersion.number, QuestionVersion.id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(Question.bank_id == bank_id)
    )
    return {(row.question_id, row.number): row.id for row in rows}


def _version(
    question_id: int, pending: Pending, author_id: int, now: datetime
) -> dict[str, object]:
    draft = pending.draft
    return {
        "question_id": question_id,
        "number": pending.number,
        "kind": draft.kind,
        "stem": draft.stem,
        "body": draft.body,
        "module": draft.module,
        "difficulty": draft.difficulty,
        "rung": draft.rung,
        "knowledge": draft.knowledge,
        "source": draft.source,
        "occupation": draft.occupation,
        "digest": rules.digest(draft),
        "author_id": author_id,
        "created_at": now,
    }
