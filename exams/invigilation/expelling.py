"""Sending a candidate out, and taking that back. Callers commit."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from exams.entries.models import Entry
from exams.entries.policy import INVIGILATE, MANAGE
from exams.invigilation import errors
from exams.invigilation.acts import needed
from exams.marking.concluding import conclude, newest_marks, paper_of
from exams.results import grounds
from exams.results.concluding import award_anew, supersede, unaward
from exams.results.models import Result
from exams.results.queries import standing
from exams.results.rules import total as sum_of
from exams.sittings.closing import seal
from exams.sittings.errors import AttemptClosed
from exams.sittings.models import AnswerStep, Attempt, Expulsion, SittingEvent
from exams.sittings.starting import note
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.notify import tell


def expel(entry: Entry, reason: str, actor: Actor, now: datetime) -> Expulsion:
    """Close a candidate's sitting without a result; reason and log are kept as evidence.

    Raises:
        Invalid: no reason. AttemptClosed: she has not begun. ResultThere: that takes two people
        (``voiding``).
    """
    INVIGILATE.ensure(actor, entry)
    reason, attempt = needed(reason), last_attempt(entry)
    if attempt is None or attempt.state == "expelled":
        raise AttemptClosed
    if session().scalar(select(Result.id).where(Result.attempt_id == attempt.id).limit(1)):
        raise errors.ResultThere
    return put_out(entry, attempt, reason, evidence_of(attempt), actor, now)


def put_out(
    entry: Entry, attempt: Attempt, reason: str, evidence: dict[str, Any], actor: Actor,
    now: datetime,
) -> Expulsion:  # fmt: skip
    """Write the expulsion down and close what is open; the candidate is told."""
    expulsion = Expulsion(
        attempt_id=attempt.id, reason=reason, evidence=evidence, by=actor.person_id, at=now
    )
    session().add(expulsion)
    if attempt.state == "open":
        seal(attempt, "expelled", actor, now)
    else:
        resting = grounds.hold_resting_on(attempt.id)
        attempt.state = "expelled"
        note(attempt.id, "expelled", actor, now, answered=attempt.answered)
        session().flush()
        unaward(entry.person_id, entry.event.rung, "exams.expelled", actor, now)
        grounds.fall(attempt.id, grounds.VOIDED, resting, actor, now)
    session().flush()
    audit.record(actor, "exams.sitting.expel", "attempt", attempt.id, reason=reason)
    key = f"exams:expelled:{attempt.id}:{expulsion.id}"
    title = entry.event.title
    tell(entry.person_id, "exams.expelled", key, f"/exams/{entry.id}", title=title)
    return expulsion


def reinstate(entry: Entry, fact: str, actor: Actor, now: datetime) -> None:
    """Take an expulsion back for a new fact: what was answered until then is marked as usual.

    Raises:
        Invalid: no fact. NotExpelled. SamePerson: only another examiner may.
    """
    MANAGE.ensure(actor, entry.event)
    fact, attempt = needed(fact), last_attempt(entry)
    expulsion = standing_expulsion(attempt.id) if attempt is not None else None
    if attempt is None or attempt.state != "expelled" or expulsion is None:
        raise errors.NotExpelled
    if actor.person_id in (expulsion.by, entry.person_id):
        raise errors.SamePerson
    session().add(
        Expulsion(
            attempt_id=attempt.id,
            reason=fact,
            evidence={},
            by=actor.person_id,
            at=now,
            reverses_id=expulsion.id,
        )
    )
    old = session().scalar(select(Result).where(Result.attempt_id == attempt.id, standing()))
    attempt.state = "handed_in" if old is None else "concluded"
    session().flush()
    note(attempt.id, "reinstated", actor, now)
    audit.record(actor, "exams.sitting.reinstate", "attempt", attempt.id, fact=fact)
    if old is None:
        conclude(attempt, actor, now)
    else:
        _count_again(attempt, old, actor, now)
        grounds.stand_again(attempt.id, grounds.VOIDED, actor, now)


def _count_again(attempt: Attempt, old: Result, actor: Actor, now: datetime) -> None:
    """A result that was void counts again; a key corrected meanwhile supersedes it."""
    paper, given = paper_of(attempt), newest_marks([attempt.id]).get(attempt.id, {})
    marked = paper.marked(given)
    if sum_of(marked) != old.tenths:
        supersede(old, marked, actor, now)
    else:
        award_anew(old.person_id, old.rung, actor, now)


def standing_expulsion(attempt_id: int) -> Expulsion | None:
    """The expulsion of a sitting that nobody took back."""
    undone = select(Expulsion.reverses_id).where(Expulsion.reverses_id.is_not(None))
    query = select(Expulsion).where(
        Expulsion.attempt_id == attempt_id,
        Expulsion.reverses_id.is_(None),
        Expulsion.id.not_in(undone),
    )
    return session().scalar(query.order_by(Expulsion.id.desc()).limit(1))


def last_attempt(entry: Entry) -> Attempt | None:
    query = (
        select(Attempt)
        .where(Attempt.entry_id == entry.id)
        .order_by(Attempt.number.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session().scalar(query)


def evidence_of(attempt: Attempt) -> dict[str, Any]:
    """What the log shows at this moment, in numbers."""
    kinds = session().execute(
        select(SittingEvent.kind, func.count())
        .where(SittingEvent.attempt_id == attempt.id)
        .group_by(SittingEvent.kind)
    )
    late = select(func.count()).where(AnswerStep.attempt_id == attempt.id, AnswerStep.late)
    return {
        "left": attempt.left_count,
        "devices": attempt.epoch,
        "late": session().scalar(late) or 0,
        "events": {row[0]: row[1] for row in kinds},
    }
