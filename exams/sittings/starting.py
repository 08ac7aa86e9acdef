"""Starting a sitting and taking it over on another device; callers commit."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select

from exams.entries.admission import is_admitted
from exams.entries.errors import EventNotOpen, Expelled, NotAdmitted
from exams.entries.holding import hold
from exams.entries.models import Entry, Part
from exams.papers.allotting import paper_for
from exams.sittings import errors, rules
from exams.sittings.models import AnswerStep, Attempt, SittingEvent
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.rules import rule_on


def own_entry(entry_id: int, person_id: int) -> Entry:
    """The candidate's own entry. Raises NotFound for anybody else's or a withdrawn one."""
    entry = session().get(Entry, entry_id)
    if entry is None or entry.person_id != person_id or entry.withdrawn_at is not None:
        raise NotFound
    return entry


def own_attempt(attempt_id: int, person_id: int, *, lock: bool = False) -> Attempt:
    """The candidate's own attempt. Raises NotFound for anybody else's."""
    query = (
        select(Attempt)
        .join(Entry, Entry.id == Attempt.entry_id)
        .where(Attempt.id == attempt_id, Entry.person_id == person_id)
        .execution_options(populate_existing=True)
    )
    attempt = session().scalar(query.with_for_update(of=Attempt) if lock else query)
    if attempt is None:
        raise NotFound
    return attempt


def start(entry_id: int, actor: Actor, now: datetime) -> Attempt:
    """Begin a sitting, or return the one that is open: pressing twice starts once.

    Raises:
        EventNotOpen, NotAdmitted, Expelled, NoAttemptLeft, PaperNotReady.
    """
    entry = own_entry(entry_id, actor.person_id)
    # Whoever starts holds the entry's row, so that two phones cannot both open a sitting, and
    # nobody starts who is being taken off the list.
    hold(entry)
    if entry.withdrawn_at is not None:
        raise NotFound
    event = entry.event
    attempts = _attempts_of(entry)
    for attempt in attempts:
        if attempt.state == "open":
            return attempt
    ensure_begins(event, now)
    if any(attempt.state == "expelled" for attempt in attempts):
        raise Expelled
    if len(attempts) >= event.attempts and not event.practice:
        raise errors.NoAttemptLeft
    if not is_admitted(
        event.admission, entry.admitted_at, attempts[-1].handed_in_at if attempts else None
    ):
        raise NotAdmitted
    paper = paper_for(entry, event, len(attempts) + 1, now)
    attempt = Attempt(
        entry_id=entry.id,
        number=len(attempts) + 1,
        paper_id=paper.id,
        slots=paper.size,
        started_at=now,
        deadline=rules.deadline(now, event.minutes, entry.extra_minutes, event.closes_at),
        grace_seconds=event.grace_seconds,
        most_steps=int(rule_on("exams.room", clock.local_date(now)).value["most_steps"]),
    )
    session().add(attempt)
    session().flush()
    note(attempt.id, "started", actor, now)
    return attempt


def ensure_begins(event: Any, now: datetime) -> None:
    """Raise EventNotOpen unless sittings of an event (or of what was read of one) begin now."""
    if event.status != "published" or event.part != Part.THEORY:
        raise EventNotOpen
    if not event.opens_at <= now < event.closes_at:
        raise EventNotOpen


def _attempts_of(entry: Entry) -> list[Attempt]:
    query = select(Attempt).where(Attempt.entry_id == entry.id).order_by(Attempt.number)
    return list(session().scalars(query))


def device_hash(device: str) -> str:
    """What the database keeps of a device's token."""
    return sha256(device.encode()).hexdigest()


def enter(attempt_id: int, device: str, take_over: bool, actor: Actor, now: datetime) -> Attempt:
    """Let a device write: the first one, the same one again, or another that takes over.

    Raises:
        OtherDevice: another device holds the sitting and ``take_over`` was not said.
        AttemptClosed, TimeUp.
    """
    attempt = own_attempt(attempt_id, actor.person_id, lock=True)
    ensure_open(attempt, now)
    known = device_hash(device)
    if attempt.device_hash == known:
        return attempt
    taken_away = attempt.released_hash == known
    if taken_away or (attempt.device_hash and not take_over):
        raise errors.OtherDevice
    attempt.device_hash = known
    attempt.epoch += 1
    session().flush()
    again = attempt.epoch > 1 or attempt.released_hash
    note(attempt.id, "taken_over" if again else "entered", actor, now)
    return attempt


def ensure_open(attempt: Any, now: datetime) -> None:
    """Raise AttemptClosed or TimeUp; of a sitting, or of what was read of one."""
    if attempt.state != "open":
        raise errors.AttemptClosed
    overdue = (now - attempt.deadline).total_seconds() > attempt.grace_seconds
    if overdue and attempt.paused_at is None:
        raise errors.TimeUp


def last_seq(attempt_id: int) -> int:
    """The highest sequence number received."""
    query = select(func.max(AnswerStep.seq)).where(AnswerStep.attempt_id == attempt_id)
    return session().scalar(query) or 0


def note(attempt_id: int, kind: str, actor: Actor, now: datetime, **details: object) -> None:
    """Write down something that happened in a sitting."""
    session().add(
        SittingEvent(attempt_id=attempt_id, kind=kind, at=now, by=actor.person_id, details=details)
    )
    session().flush()
