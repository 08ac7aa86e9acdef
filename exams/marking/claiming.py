"""Handing answers to markers, one at a time, so that no place is given twice. Callers commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, select

from exams.entries.models import Entry, ExamEvent
from exams.marking.agreement import Terms
from exams.marking.conflicts import barred, recuse
from exams.marking.errors import ClaimLost
from exams.marking.models import Claim, Opinion, Script
from exams.marking.policy import MARK_ANSWERS
from exams.marking.terms import terms_of
from exams.sittings.models import Attempt
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session

THIRD = 3
BATCH = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of an event: its version and, in a case, the part (-1: none)."""

    event_id: int
    version_id: int
    part: int = -1


def claim_next(asked: Asked, actor: Actor, now: datetime, *, third: bool = False) -> Script | None:
    """The answer this marker holds already, or the next one she may judge; None when there is
    none for her. ``third`` asks for those on which two markers lay too far apart."""
    event = session().get_one(ExamEvent, asked.event_id)
    MARK_ANSWERS.ensure(actor, event)
    terms = terms_of(event, now)
    held = _held(asked, actor, now, third)
    if held is not None:
        return held
    last = ""
    while rows := _open_after(asked, actor, last, "adjudicating" if third else "marking"):
        last = rows[-1].ref
        not_hers = barred(actor.person_id, {row.person_id for row in rows}, event, terms)
        for row in rows:
            if row.person_id in not_hers:
                continue
            script = _take(row.id, actor, event, terms, now)
            if script is not None:
                return script
    return None


def _of(asked: Asked) -> Sequence[Any]:
    return (
        Script.event_id == asked.event_id,
        Script.question_version_id == asked.version_id,
        Script.part == asked.part,
    )


def _held(asked: Asked, actor: Actor, now: datetime, third: bool) -> Script | None:
    place = Claim.place == THIRD if third else Claim.place != THIRD
    return session().scalar(
        select(Script)
        .join(Claim, Claim.script_id == Script.id)
        .where(*_of(asked), Claim.marker_id == actor.person_id, Claim.until > now, place)
        .order_by(Script.ref)
        .limit(1)
    )


def _open_after(asked: Asked, actor: Actor, last: str, state: str) -> Sequence[Any]:
    hers = exists().where(Opinion.script_id == Script.id, Opinion.marker_id == actor.person_id)
    return (
        session()
        .execute(
            select(Script.id, Script.ref, Entry.person_id)
            .join(Attempt, Attempt.id == Script.attempt_id)
            .join(Entry, Entry.id == Attempt.entry_id)
            .where(*_of(asked), Script.state == state, Script.ref > last, ~hers)
            .where(Attempt.state.in_(("handed_in", "timed_out")))
            .order_by(Script.ref)
            .limit(BATCH)
        )
        .all()
    )


def _take(
    script_id: int, actor: Actor, event: ExamEvent, terms: Terms, now: datetime
) -> Script | None:
    """Claim a free place of a script; None if there is none any more."""
    script = session().scalar(
        select(Script)
        .where(Script.id == script_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if script is None or script.state == "done":
        return None
    gone = delete(Claim).where(Claim.script_id == script_id)
    session().execute(gone.where((Claim.until <= now) | (Claim.marker_id == actor.person_id)))
    used = set(session().scalars(select(Claim.place).where(Claim.script_id == script_id)))
    used |= set(session().scalars(select(Opinion.place).where(Opinion.script_id == script_id)))
    places = [THIRD] if script.state == "adjudicating" else range(1, event.markers + 1)
    free = [place for place in places if place not in used]
    if not free:
        return None
    until = now + timedelta(minutes=terms.claim_minutes)
    session().add(Claim(script_id=script_id, place=free[0], marker_id=actor.person_id, until=until))
    session().flush()
    return script


def claimed(ref: str, actor: Actor) -> tuple[Script, Claim]:
    """A script and the actor's claim on it, locked. A claim that ran out still holds while
    nobody else took the place. Raises ClaimLost."""
    query = select(Script, Claim).join(Claim, Claim.script_id == Script.id)
    row = (
        session()
        .execute(
            query.where(Script.ref == ref, Claim.marker_id == actor.person_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one_or_none()
    )
    if row is None:
        raise ClaimLost
    return row[0], row[1]


def decline(ref: str, reason: str, note: str, actor: Actor, now: datetime) -> Script:
    """Give an answer back because its writer is known to the marker; she never gets her again."""
    script, claim = claimed(ref, actor)
    event = session().get_one(ExamEvent, script.event_id)
    attempt = session().get_one(Attempt, script.attempt_id)
    entry = session().get_one(Entry, attempt.entry_id)
    recuse(event, actor.person_id, entry.person_id, reason, note, terms_of(event, now), actor, now)
    session().delete(claim)
    session().flush()
    audit.record(actor, "exams.marking.decline", "marking_script", script.id)
    return script
