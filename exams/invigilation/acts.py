"""What an invigilator does to one sitting; each act is written into its log and the audit trail.
Callers commit."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from exams.entries.models import Entry
from exams.entries.policy import INVIGILATE
from exams.invigilation import errors
from exams.sittings import rules
from exams.sittings.errors import AttemptClosed, TimeUp
from exams.sittings.models import Attempt
from exams.sittings.starting import note
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Invalid


def admit(entry: Entry, actor: Actor, now: datetime) -> None:
    """Let a candidate begin, after looking at her and her card."""
    INVIGILATE.ensure(actor, entry)
    entry.admitted_at = now
    session().flush()
    audit.record(actor, "exams.entry.admit", "exam_entry", entry.id)


def open_attempt(entry: Entry) -> Attempt:
    """The sitting under way, held so that two invigilators act one after the other.

    Raises:
        AttemptClosed: there is none.
    """
    query = (
        select(Attempt)
        .where(Attempt.entry_id == entry.id, Attempt.state == "open")
        .execution_options(populate_existing=True)
    )
    attempt = session().scalar(query.with_for_update())
    if attempt is None:
        raise AttemptClosed(_("这位考生现在没有正在进行的考试。"))
    return attempt


def pause(entry: Entry, reason: str, actor: Actor, now: datetime) -> None:
    """Stop the clock of a sitting.

    Raises:
        Invalid: no reason. AlreadyPaused. TimeUp: the deadline has passed. AttemptClosed.
    """
    INVIGILATE.ensure(actor, entry)
    _stop(open_attempt(entry), needed(reason), actor, now)


def pause_with_room(entry: Entry, reason: str, actor: Actor, now: datetime) -> None:
    """Stop a clock together with the whole room's; the log says so, and going on together lets
    only those go on who were stopped together. Raises as ``pause`` does."""
    INVIGILATE.ensure(actor, entry)
    _stop(open_attempt(entry), needed(reason), actor, now, together=True)


def _stop(attempt: Attempt, reason: str, actor: Actor, now: datetime, **details: object) -> None:
    if attempt.paused_at is not None:
        raise errors.AlreadyPaused
    if now > attempt.deadline:
        raise TimeUp
    attempt.paused_at = now
    session().flush()
    note(attempt.id, "paused", actor, now, reason=reason, **details)
    audit.record(actor, "exams.sitting.pause", "attempt", attempt.id, reason=reason)


def resume(entry: Entry, actor: Actor, now: datetime) -> None:
    """Let the clock run again; the deadline moves on by exactly the time it stood.

    Raises:
        NotPaused, AttemptClosed.
    """
    INVIGILATE.ensure(actor, entry)
    _go_on(open_attempt(entry), actor, now)


def _go_on(attempt: Attempt, actor: Actor, now: datetime) -> None:
    if attempt.paused_at is None:
        raise errors.NotPaused
    stood = rules.stood_still(attempt.paused_at, now)
    attempt.deadline += stood
    attempt.paused_at = None
    session().flush()
    note(attempt.id, "resumed", actor, now, milliseconds=round(stood.total_seconds() * 1000))
    audit.record(actor, "exams.sitting.resume", "attempt", attempt.id)


def release_device(entry: Entry, reason: str, actor: Actor, now: datetime) -> None:
    """Take the sitting away from its device, so that the next one enters without being asked and
    the old one is refused. Raises Invalid (no reason), AttemptClosed, NoDevice."""
    INVIGILATE.ensure(actor, entry)
    attempt, reason = open_attempt(entry), needed(reason)
    if not attempt.device_hash:
        raise errors.NoDevice
    attempt.released_hash, attempt.device_hash = attempt.device_hash, ""
    session().flush()
    note(attempt.id, "released", actor, now, reason=reason)
    audit.record(actor, "exams.sitting.release", "attempt", attempt.id, reason=reason)


def needed(reason: str) -> str:
    """A typed reason. Raises Invalid when there is none."""
    if not reason.strip():
        raise Invalid(_("请写明原因。"))
    return reason.strip()
