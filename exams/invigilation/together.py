"""Acts on a whole room: a power cut stops every clock at once. Callers commit."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from exams.entries.models import Entry, ExamRoom
from exams.entries.policy import INVIGILATE
from exams.entries.registering import extend
from exams.invigilation import acts, errors
from exams.sittings.models import Attempt, SittingEvent
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Invalid


def sitting_in(room: ExamRoom, paused: bool | None, now: datetime) -> list[Entry]:
    """Entries of a room whose sitting is under way: running and in time, paused together with the
    room, or (None) all, those paused singly among them."""
    query = (
        select(Entry, Attempt.id)
        .join(Attempt, Attempt.entry_id == Entry.id)
        .where(Entry.room_id == room.id, Entry.withdrawn_at.is_(None), Attempt.state == "open")
        .order_by(Entry.id)
    )
    if paused is True:
        query = query.where(Attempt.paused_at.is_not(None))
    elif paused is False:
        query = query.where(Attempt.paused_at.is_(None), Attempt.deadline >= now)
    found = {attempt_id: entry for entry, attempt_id in session().execute(query)}
    if paused is True:
        found = {n: found[n] for n in _stopped_together(list(found))}
    return list(found.values())


def _stopped_together(attempt_ids: Sequence[int]) -> list[int]:
    """Those of some paused sittings whose present pause was the whole room's, in their order: a
    candidate stopped alone (she is ill, her table broke) waits for a word of her own."""
    pauses = session().execute(
        select(SittingEvent.attempt_id, SittingEvent.details)
        .where(SittingEvent.attempt_id.in_(attempt_ids), SittingEvent.kind == "paused")
        .order_by(SittingEvent.id)
    )
    newest = {row.attempt_id: row.details for row in pauses}
    return [n for n in attempt_ids if newest.get(n, {}).get("together")]


def pause_room(room: ExamRoom, reason: str, actor: Actor, now: datetime) -> int:
    """Stop every running clock of a room; returns how many. Raises Invalid, NobodySitting."""
    reason = acts.needed(reason)
    return _each(
        room, False, actor, now, "pause", lambda e: acts.pause_with_room(e, reason, actor, now)
    )


def resume_room(room: ExamRoom, actor: Actor, now: datetime) -> int:
    """Let every clock go on that was stopped with the room; one stopped singly stays. Raises
    NobodySitting."""
    return _each(room, True, actor, now, "resume", lambda e: acts.resume(e, actor, now))


def extend_room(room: ExamRoom, minutes: int, reason: str, actor: Actor, now: datetime) -> int:
    """Give everybody sitting in a room more minutes. Raises Invalid, NobodySitting."""
    if not 1 <= minutes <= 240:
        raise Invalid(_("延长的分钟数应在 1 到 240 之间。"))
    reason = acts.needed(reason)
    return _each(room, None, actor, now, "extend", lambda e: extend(e, minutes, reason, actor, now))


def _each(
    room: ExamRoom, paused: bool | None, actor: Actor, now: datetime, name: str,
    act: Callable[[Entry], None],
) -> int:  # fmt: skip
    INVIGILATE.ensure(actor, room)
    # One act on the whole room at a time; the second finds what the first has done.
    session().execute(select(ExamRoom.id).where(ExamRoom.id == room.id).with_for_update())
    # An examiner who sits here herself has her own clock seen to by somebody else.
    entries = [e for e in sitting_in(room, paused, now) if e.person_id != actor.person_id]
    if not entries:
        raise errors.NobodySitting
    for entry in entries:
        act(entry)
    audit.record(actor, f"exams.room.{name}", "exam_room", room.id, sittings=len(entries))
    return len(entries)
