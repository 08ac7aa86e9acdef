"""Who may do what with exam events."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select, true

from exams.entries.models import Entry, ExamEvent, ExamRoom, Part, RoomInvigilator
from lms.core.access import Actor, Role, Rule, action
from lms.core.db import session

STAFF = (Role.EXAMINER, Role.INVIGILATOR, Role.MARKER)


def _here(*roles: Role) -> Rule:
    def rule(actor: Actor, event: Any) -> bool:
        return actor.has(Role.ADMIN) or event.organisation_id in actor.organisations(*roles)

    return rule


VIEW = action("exams.event.view", *STAFF, Role.ADMIN, rule=_here(*STAFF))


def _sees_people(actor: Actor, event: Any) -> bool:
    """Who marks answers knows nobody's name; who judges at a station has people before her."""
    known = STAFF if event.part != Part.THEORY else (Role.EXAMINER, Role.INVIGILATOR)
    return _here(*known)(actor, event)


PEOPLE = action("exams.event.people", *STAFF, Role.ADMIN, rule=_sees_people)
MANAGE = action("exams.event.manage", Role.EXAMINER, rule=_here(Role.EXAMINER))


def rooms_watched(event_id: int, person_id: int) -> frozenset[int] | None:
    """The rooms of an event that a person was assigned to; None for an event without rooms."""
    mine = (RoomInvigilator.person_id == person_id) & RoomInvigilator.removed_at.is_(None)
    query = (
        select(ExamRoom.id, RoomInvigilator.id)
        .outerjoin(RoomInvigilator, (RoomInvigilator.room_id == ExamRoom.id) & mine)
        .where(ExamRoom.event_id == event_id)
    )
    rows = session().execute(query).all()
    return frozenset(room for room, assigned in rows if assigned) if rows else None


def _watches(actor: Actor, target: Any) -> bool:
    """Examiners everywhere in their events; invigilators in the rooms they were assigned to, or
    anywhere in an event that has no rooms; nobody over herself. ``target`` is an event, a room or
    an entry."""
    if isinstance(target, Entry) and target.person_id == actor.person_id:
        return False
    event = target if isinstance(target, ExamEvent) else target.event
    if event.organisation_id in actor.organisations(Role.EXAMINER):
        return True
    if event.organisation_id not in actor.organisations(Role.INVIGILATOR):
        return False
    watched = rooms_watched(event.id, actor.person_id)
    if watched is None:
        return True
    if isinstance(target, ExamEvent):
        return bool(watched)
    return (target.room_id if isinstance(target, Entry) else target.id) in watched


def watched_by(actor: Actor, event: ExamEvent) -> frozenset[int] | None:
    """The rooms of an event whose candidates ``actor`` may act on; None for every candidate."""
    if event.organisation_id in actor.organisations(Role.EXAMINER):
        return None
    return rooms_watched(event.id, actor.person_id)


INVIGILATE = action("exams.event.invigilate", Role.EXAMINER, Role.INVIGILATOR, rule=_watches)
MARK = action(
    "exams.skills.mark", Role.EXAMINER, Role.MARKER, rule=_here(Role.EXAMINER, Role.MARKER)
)
RELEASE = action("exams.result.release", Role.EXAMINER, rule=_here(Role.EXAMINER))
RECHECK = action("exams.score.recheck", Role.EXAMINER, rule=_here(Role.EXAMINER))
SIT = action("exams.sit", Role.LEARNER)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The events that staff may see in lists, pages and exports."""
    if actor.has(Role.ADMIN):
        return true()
    return or_(False, ExamEvent.organisation_id.in_(actor.organisations(*STAFF)))
