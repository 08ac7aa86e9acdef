"""Handing in, time up, and what follows at once: marks and a result. Callers commit."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import or_, select

from exams.entries.models import Entry
from exams.marking.concluding import conclude
from exams.sittings import rules
from exams.sittings.answering import Acknowledgement, record_answers
from exams.sittings.models import Attempt
from exams.sittings.queries import folded
from exams.sittings.rules import Step
from exams.sittings.starting import note, own_attempt
from lms.core.access import SYSTEM, Actor
from lms.core.db import session

RECEIPT_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def hand_in(
    attempt_id: int, device: str, epoch: int, steps: Sequence[Step], actor: Actor, now: datetime
) -> tuple[Attempt, Acknowledgement | None]:
    """Take the last steps and close the sitting. Asked again, return the same receipt.

    Raises:
        OtherDevice, Paused, TimeUp, BadSteps, SequenceTaken.
    """
    attempt = own_attempt(attempt_id, actor.person_id, lock=True)
    if attempt.state != "open":
        return attempt, None
    acknowledged = record_answers(attempt_id, actor.person_id, device, epoch, steps, now)
    close(attempt, "handed_in", actor, now)
    return attempt, acknowledged


def time_out(attempt: Attempt, now: datetime) -> None:
    """Close an overdue sitting with what was received."""
    close(attempt, "timed_out", SYSTEM, now)


def close(attempt: Attempt, how: str, actor: Actor, now: datetime) -> None:
    """Seal a locked, open sitting and see to what follows from its answers."""
    answers = seal(attempt, how, actor, now)
    conclude(attempt, actor, now, answers)


def seal(attempt: Attempt, how: str, actor: Actor, now: datetime) -> dict[int, dict[str, Any]]:
    """Fix what was received and give the receipt; returns the answers. Nothing is marked."""
    answers = folded(attempt.id)
    attempt.state, attempt.paused_at = how, None
    attempt.handed_in_at = now
    attempt.answered, attempt.answers_digest = rules.sealed(attempt.id, answers)
    attempt.receipt = new_receipt()
    session().flush()
    note(attempt.id, how, actor, now, answered=attempt.answered)
    return answers


def new_receipt() -> str:
    """``7KQ2-M9XT-4HWP``: sixty bits, easy to read out."""
    letters = "".join(secrets.choice(RECEIPT_ALPHABET) for _n in range(12))
    return "-".join(letters[i : i + 4] for i in (0, 4, 8))


class Overdue(NamedTuple):
    """An open sitting whose time and grace have passed; in this order they are closed."""

    deadline: datetime
    id: int


def overdue(now: datetime, after: Overdue | None = None, limit: int = 200) -> list[Overdue]:
    """The next ``limit`` overdue sittings, oldest first, from ``after`` on; paused ones never are.

    No more than these are read, however many there are: two statements, of which the first asks
    only how long grace times are.
    """
    open_ones = (Attempt.state == "open", Attempt.deadline < now, Attempt.paused_at.is_(None))
    graces = session().scalars(select(Attempt.grace_seconds).where(*open_ones).distinct()).all()
    if not graces:
        return []
    over = or_(
        *(
            (Attempt.grace_seconds == grace) & (Attempt.deadline < now - timedelta(seconds=grace))
            for grace in graces
        )
    )
    query = select(Attempt.deadline, Attempt.id).where(*open_ones, over)
    if after is not None:
        later = (Attempt.deadline == after.deadline) & (Attempt.id > after.id)
        query = query.where(or_(Attempt.deadline > after.deadline, later))
    rows = session().execute(query.order_by(Attempt.deadline, Attempt.id).limit(limit))
    return [Overdue(*row) for row in rows]


def time_out_if_due(attempt_id: int, now: datetime) -> bool:
    """Close one overdue sitting; False if it was closed or extended meanwhile."""
    query = (
        select(Attempt)
        .join(Entry, Entry.id == Attempt.entry_id)
        .where(Attempt.id == attempt_id, Attempt.state == "open")
        .execution_options(populate_existing=True)
    )
    attempt = session().scalar(query.with_for_update(of=Attempt))
    if attempt is None or attempt.paused_at is not None:
        return False
    if attempt.deadline + timedelta(seconds=attempt.grace_seconds) >= now:
        return False
    time_out(attempt, now)
    return True
