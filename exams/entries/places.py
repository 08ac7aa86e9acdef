"""Writes about sites, rooms, seats and invigilators; callers commit."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from exams.entries.models import Entry, ExamEvent, ExamRoom, ExamSite, RoomInvigilator
from exams.entries.policy import MANAGE
from exams.entries.seating import seat_everyone
from lms.core import audit, clock
from lms.core.access import Actor, Role
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.people.api import role_holders

WATCHERS = (Role.INVIGILATOR, Role.EXAMINER)


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """A room to be used: a site known by its name or described anew, a name, so many seats."""

    site: str
    address: str
    directions: str
    name: str
    seats: int


def add_room(event: ExamEvent, plan: RoomPlan, actor: Actor) -> ExamRoom:
    """Give an event one more room and seat whoever has no seat yet.

    Raises:
        Invalid: a new site without an address. Conflict: the room is there already.
    """
    MANAGE.ensure(actor, event)
    _hold(event)
    named = (ExamRoom.event_id == event.id) & (ExamRoom.name == plan.name)
    if session().scalar(select(ExamRoom.id).where(named)):
        raise Conflict(_("这场考试已经有叫“%(name)s”的考场。", name=plan.name))
    site = _site(event.organisation_id, plan)
    room = ExamRoom(event_id=event.id, site_id=site.id, name=plan.name, seats=plan.seats)
    session().add(room)
    session().flush()
    audit.record(actor, "exams.room.add", "exam_room", room.id, seats=plan.seats)
    seat_waiting(event, actor)
    return room


def _site(organisation_id: int, plan: RoomPlan) -> ExamSite:
    query = select(ExamSite).where(
        ExamSite.organisation_id == organisation_id, ExamSite.name == plan.site
    )
    site = session().scalar(query)
    if site is None:
        if not plan.address:
            raise Invalid(_("请填写考点的地址，准考证上要印。"))
        site = ExamSite(organisation_id=organisation_id, name=plan.site)
        session().add(site)
    site.address = plan.address or site.address
    site.directions = plan.directions or site.directions or ""
    session().flush()
    return site


def drop_room(room: ExamRoom, actor: Actor) -> None:
    """Take away a room in which nobody sits. Raises Conflict while somebody does."""
    MANAGE.ensure(actor, room.event)
    _hold(room.event)
    if _taken(room.event_id).get(room.id):
        raise Conflict(_("这个考场还有考生，请先把他们换到别的考场。"))
    audit.record(actor, "exams.room.drop", "exam_room", room.id, room=room.name)
    session().execute(delete(RoomInvigilator).where(RoomInvigilator.room_id == room.id))
    session().delete(room)
    session().flush()


def seat_waiting(event: ExamEvent, actor: Actor) -> int:
    """Seat everybody without a seat, room by room; returns how many are left standing."""
    MANAGE.ensure(actor, event)
    _hold(event)
    query = select(Entry).where(
        Entry.event_id == event.id, Entry.withdrawn_at.is_(None), Entry.room_id.is_(None)
    )
    waiting = {entry.id: entry for entry in session().scalars(query.order_by(Entry.id))}
    rooms = select(ExamRoom.id, ExamRoom.seats).where(ExamRoom.event_id == event.id)
    shape = [row._tuple() for row in session().execute(rooms.order_by(ExamRoom.id))]
    seated = seat_everyone(list(waiting), shape, _taken(event.id))
    for entry_id, (room_id, seat) in seated.items():
        waiting[entry_id].room_id, waiting[entry_id].seat = room_id, seat
    session().flush()
    if seated:
        audit.record(actor, "exams.seats.fill", "exam_event", event.id, seated=len(seated))
    return len(waiting) - len(seated)


def move(entry: Entry, room: ExamRoom, seat: int, actor: Actor) -> None:
    """Give a candidate another seat. Raises Invalid (no such seat), Conflict (it is taken)."""
    MANAGE.ensure(actor, entry.event)
    _hold(entry.event)
    if room.event_id != entry.event_id or not 1 <= seat <= room.seats:
        raise Invalid(_("“%(room)s”只有 1 到 %(n)s 号座位。", room=room.name, n=room.seats))
    here = (Entry.room_id == room.id) & (Entry.seat == seat) & (Entry.id != entry.id)
    if session().scalar(select(Entry.id).where(here)):
        raise Conflict(_("%(n)s 号座位已经有人。", n=seat))
    entry.room_id, entry.seat = room.id, seat
    session().flush()
    audit.record(actor, "exams.seat.move", "exam_entry", entry.id, room=room.id, seat=seat)


def _taken(event_id: int) -> dict[int, set[int]]:
    taken: dict[int, set[int]] = {}
    query = select(Entry.room_id, Entry.seat).where(
        Entry.event_id == event_id, Entry.room_id.is_not(None), Entry.withdrawn_at.is_(None)
    )
    for room_id, seat in session().execute(query):
        taken.setdefault(room_id, set()).add(seat)
    return taken


def _hold(event: ExamEvent) -> None:
    """Seats of an event are given out one request at a time."""
    session().execute(select(ExamEvent.id).where(ExamEvent.id == event.id).with_for_update())


def assign(room: ExamRoom, person_id: int, actor: Actor, now: datetime) -> None:
    """Let somebody watch over a room.

    Raises:
        Invalid: no invigilator of the organisation. Conflict: she is a candidate of the event, or
        watches another room at that time.
    """
    event = room.event
    MANAGE.ensure(actor, event)
    _hold(event)
    if person_id not in role_holders(event.organisation_id, WATCHERS, clock.local_date(now)):
        raise Invalid(_("只能安排本单位的监考员。"))
    entered = (Entry.event_id == event.id) & (Entry.person_id == person_id)
    if session().scalar(select(Entry.id).where(entered, Entry.withdrawn_at.is_(None))):
        raise Conflict(_("这个人是这场考试的考生，不能监考。"))
    if (other := _elsewhere(room, person_id)) is not None:
        raise Conflict(_("这个人同一时间在“%(room)s”监考。", room=other))
    known = session().scalar(
        select(RoomInvigilator).where(
            RoomInvigilator.room_id == room.id, RoomInvigilator.person_id == person_id
        )
    )
    if known is None:
        known = RoomInvigilator(room_id=room.id, person_id=person_id)
        session().add(known)
    known.assigned_by, known.assigned_at, known.removed_at = actor.person_id, now, None
    session().flush()
    audit.record(actor, "exams.room.assign", "exam_room", room.id, person=person_id)


def _elsewhere(room: ExamRoom, person_id: int) -> str | None:
    """Another room, in any event, that this person watches while this one is used."""
    # One person's assignments wait for each other, also across events.
    held = select(RoomInvigilator.id).where(RoomInvigilator.person_id == person_id)
    session().execute(held.with_for_update())
    event = room.event
    query = (
        select(ExamRoom.name)
        .join(RoomInvigilator, RoomInvigilator.room_id == ExamRoom.id)
        .join(ExamEvent, ExamEvent.id == ExamRoom.event_id)
        .where(
            RoomInvigilator.person_id == person_id,
            RoomInvigilator.removed_at.is_(None),
            ExamRoom.id != room.id,
            ExamEvent.opens_at < event.closes_at,
            ExamEvent.closes_at > event.opens_at,
        )
    )
    return session().scalar(query.limit(1))


def release_invigilator(room: ExamRoom, person_id: int, actor: Actor, now: datetime) -> None:
    """Take somebody off a room."""
    MANAGE.ensure(actor, room.event)
    query = select(RoomInvigilator).where(
        RoomInvigilator.room_id == room.id,
        RoomInvigilator.person_id == person_id,
        RoomInvigilator.removed_at.is_(None),
    )
    known = session().scalar(query)
    if known is not None:
        known.removed_at = now
        session().flush()
        audit.record(actor, "exams.room.unassign", "exam_room", room.id, person=person_id)


def watchers_among(event_id: int, person_ids: list[int]) -> set[int]:
    """Those of ``person_ids`` who watch over a room of the event, and so cannot sit it."""
    query = (
        select(RoomInvigilator.person_id)
        .join(ExamRoom, ExamRoom.id == RoomInvigilator.room_id)
        .where(
            ExamRoom.event_id == event_id,
            RoomInvigilator.removed_at.is_(None),
            RoomInvigilator.person_id.in_(person_ids),
        )
    )
    return set(session().scalars(query))


def has_rooms(event_id: int) -> bool:
    """True if the event is held in rooms."""
    query = select(func.count()).select_from(ExamRoom).where(ExamRoom.event_id == event_id)
    return bool(session().scalar(query))
