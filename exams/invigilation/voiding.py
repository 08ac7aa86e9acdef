"""Expelling after a result: one person proposes with what was seen, an examiner who is another
decides; the sitting is then expelled and its result counts no more, though it stays. Callers
commit."""

from datetime import datetime

from sqlalchemy import select

from exams.entries.models import Entry
from exams.entries.policy import INVIGILATE, MANAGE
from exams.invigilation import errors
from exams.invigilation.acts import needed
from exams.invigilation.expelling import evidence_of, last_attempt, put_out
from exams.results.grounds import resting_on
from exams.results.models import LevelAward, Result
from exams.results.queries import standing
from exams.sittings.models import Attempt, ResultVoiding, VoidingDecision
from exams.sittings.starting import note
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session


def propose(entry: Entry, reason: str, actor: Actor, now: datetime) -> ResultVoiding:
    """Ask that a candidate be expelled whose result is there already.

    Raises:
        Invalid: no reason. NoResult: it is not there; expel her at once. AlreadyProposed.
    """
    INVIGILATE.ensure(actor, entry)
    reason, attempt = needed(reason), last_attempt(entry)
    result = result_of(attempt)
    if attempt is None or attempt.state == "expelled" or result is None:
        raise errors.NoResult
    if waiting(attempt.id) is not None:
        raise errors.AlreadyProposed
    row = ResultVoiding(
        attempt_id=attempt.id, result_id=result.id, reason=reason, evidence=evidence_of(attempt),
        by=actor.person_id, at=now,
    )  # fmt: skip
    session().add(row)
    session().flush()
    note(attempt.id, "void_proposed", actor, now, reason=reason)
    audit.record(actor, "exams.result.void.propose", "exam_result", result.id, reason=reason)
    return row


def decide(entry: Entry, approved: bool, word: str, actor: Actor, now: datetime) -> None:
    """A second person's word on what waits.

    Raises:
        Invalid: no word. NothingWaits. SamePerson: she proposed it, or it is about her.
    """
    MANAGE.ensure(actor, entry.event)
    word, attempt = needed(word), last_attempt(entry)
    found = waiting(attempt.id) if attempt is not None else None
    if attempt is None or found is None:
        raise errors.NothingWaits
    if actor.person_id in (found.by, entry.person_id):
        raise errors.SamePerson
    expulsion = (
        put_out(entry, attempt, found.reason, found.evidence, actor, now) if approved else None
    )
    session().add(
        VoidingDecision(
            voiding_id=found.id, approved=approved, word=word, by=actor.person_id, at=now,
            expulsion_id=expulsion.id if expulsion else None,
        )
    )  # fmt: skip
    session().flush()
    how = "approve" if approved else "refuse"
    if not approved:
        note(attempt.id, "void_refused", actor, now, reason=word)
    award = session().get(LevelAward, found.result_id)
    audit.record(
        actor, f"exams.result.void.{how}", "exam_result", found.result_id, word=word,
        certificate=award.certificate_id if award else 0,
    )  # fmt: skip


def waiting(attempt_id: int) -> ResultVoiding | None:
    """The proposal about a sitting that nobody has decided."""
    query = (
        select(ResultVoiding)
        .outerjoin(VoidingDecision, VoidingDecision.voiding_id == ResultVoiding.id)
        .where(ResultVoiding.attempt_id == attempt_id, VoidingDecision.voiding_id.is_(None))
    )
    return session().scalar(query)


def result_of(attempt: Attempt | None) -> Result | None:
    """The result that counts of a sitting."""
    if attempt is None:
        return None
    return session().scalar(select(Result).where(Result.attempt_id == attempt.id, standing()))


def certified(attempt_id: int) -> bool:
    """True if a result of this sitting went into a certificate."""
    return bool(resting_on(attempt_id))
