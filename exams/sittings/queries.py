"""Reads of sittings. What a candidate's room gets holds faces only, never keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select

from exams.bank.queries import faces_of
from exams.papers.queries import slots_of
from exams.sittings.models import AnswerStep, Attempt
from exams.sittings.rules import answers_text, fold
from exams.sittings.showing import Shown, show
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class Held:
    """The answer the server holds for a position, and the device and number it came with."""

    answer: dict[str, Any]
    seq: int
    epoch: int


def paper_shown(paper_id: int) -> list[Shown]:
    """The whole paper, two statements."""
    slots = slots_of(paper_id)
    faces = faces_of(slot.asked for slot in slots)
    return [show(slot, faces[slot.asked]) for slot in slots]


def answers_held(attempt_id: int) -> dict[int, Held]:
    """Position → the newest answer received; one statement."""
    rows = session().execute(
        select(AnswerStep.position, AnswerStep.answer, AnswerStep.seq, AnswerStep.epoch)
        .where(AnswerStep.attempt_id == attempt_id)
        .order_by(AnswerStep.seq)
    )
    return {row.position: Held(row.answer, row.seq, row.epoch) for row in rows}


def folded(attempt_id: int) -> dict[int, dict[str, Any]]:
    """Position → answer."""
    query = select(AnswerStep.seq, AnswerStep.position, AnswerStep.answer).where(
        AnswerStep.attempt_id == attempt_id
    )
    return fold(row._tuple() for row in session().execute(query))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sitting has come, as the invigilator sees it."""

    answered: int
    last_seen: datetime | None
    late: int


def progress_of(attempt_ids: Sequence[int]) -> dict[int, Progress]:
    """Progress of many attempts, one statement."""
    rows = session().execute(
        select(
            AnswerStep.attempt_id,
            func.count(AnswerStep.position.distinct()),
            func.max(AnswerStep.received_at),
            func.count().filter(AnswerStep.late),
        )
        .where(AnswerStep.attempt_id.in_(attempt_ids))
        .group_by(AnswerStep.attempt_id)
    )
    return {row[0]: Progress(*row[1:]) for row in rows}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says; no name, so that it may be shown to anyone who holds the code.

    ``intact`` says that the digest, computed anew from the answers kept now, is still the same.
    """

    code: str
    exam: str
    handed_in_at: datetime
    answered: int
    questions: int
    digest: str
    intact: bool


def receipt(code: str) -> Receipt | None:
    """The receipt with this code, or None."""
    attempt = session().scalar(select(Attempt).where(Attempt.receipt == code))
    both = receipt_of(attempt) if attempt is not None else None
    return both[0] if both else None


def receipt_of(attempt: Attempt) -> tuple[Receipt, bytes] | None:
    """The receipt of a closed sitting, and the answers' text that its digest is over."""
    if attempt.handed_in_at is None or attempt.receipt is None:
        return None
    text = answers_text(attempt.id, folded(attempt.id))
    found = Receipt(
        attempt.receipt,
        attempt.entry.event.title,
        attempt.handed_in_at,
        attempt.answered,
        attempt.slots,
        attempt.answers_digest,
        sha256(text).hexdigest() == attempt.answers_digest,
    )
    return found, text


def last_attempt(entry_id: int) -> Attempt | None:
    """The newest sitting of an entry."""
    query = select(Attempt).where(Attempt.entry_id == entry_id).order_by(Attempt.number.desc())
    return session().scalar(query.limit(1))
