"""Reads of rooms, seats and invigilators: frozen values, a fixed number of statements."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from exams.entries.models import Entry, ExamEvent, ExamRoom, ExamSite, RoomInvigilator
from exams.entries.places import WATCHERS
from lms.core.db import session
from lms.people.api import person_cards, role_holders, with_photos


@dataclass(frozen=True, slots=True)
class RoomCard:
    """A room with its site, how many sit in it, and who watches."""

    id: int
    name: str
    seats: int
    seated: int
    site: str
    address: str
    directions: str
    watchers: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A candidate on a printed list."""

    entry_id: int
    seat: int
    name: str
    id_masked: str
    ticket: str
    room: str
    photo: bool


def rooms_of(event_id: int) -> list[RoomCard]:
    """The rooms of an event in the order they were added; three statements."""
    seated = (
        select(func.count(Entry.id))
        .where(Entry.room_id == ExamRoom.id, Entry.withdrawn_at.is_(None))
        .scalar_subquery()
    )
    query = (
        select(ExamRoom, ExamSite, seated)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .where(ExamRoom.event_id == event_id)
        .order_by(ExamRoom.id)
    )
    rows = session().execute(query).all()
    watchers = _watchers([row[0].id for row in rows])
    return [
        RoomCard(
            room.id, room.name, room.seats, n, site.name, site.address, site.directions,
            tuple(watchers.get(room.id, ())),
        )
        for room, site, n in rows
    ]  # fmt: skip


def _watchers(room_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    query = select(RoomInvigilator.room_id, RoomInvigilator.person_id).where(
        RoomInvigilator.room_id.in_(room_ids), RoomInvigilator.removed_at.is_(None)
    )
    rows = session().execute(query.order_by(RoomInvigilator.id)).all()
    names = person_cards({row.person_id for row in rows})
    found = defaultdict(list)
    for room_id, person_id in rows:
        found[room_id].append((person_id, names[person_id].name))
    return found


def seat_list(event_id: int, room_id: int | None = None) -> list[SeatRow]:
    """Who sits where, by room and seat; three statements."""
    query = (
        select(Entry.id, Entry.seat, Entry.person_id, Entry.ticket, ExamRoom.name)
        .join(ExamRoom, ExamRoom.id == Entry.room_id)
        .where(Entry.event_id == event_id, Entry.withdrawn_at.is_(None))
        .order_by(ExamRoom.id, Entry.seat)
    )
    if room_id is not None:
        query = query.where(ExamRoom.id == room_id)
    rows = session().execute(query).all()
    ids = [row.person_id for row in rows]
    people, photos = person_cards(ids), with_photos(ids)
    return [
        SeatRow(
            row.id, row.seat or 0, people[row.person_id].name, people[row.person_id].id_masked,
            row.ticket, row.name, row.person_id in photos,
        )
        for row in rows
    ]  # fmt: skip


def sites_of(organisation_id: int) -> list[ExamSite]:
    """Sites an organisation has used, by name."""
    query = select(ExamSite).where(ExamSite.organisation_id == organisation_id)
    return list(session().scalars(query.order_by(ExamSite.name)))


def possible_watchers(event: ExamEvent, on: date) -> list[tuple[int, str]]:
    """Invigilators and examiners of the organisation, by name."""
    cards = person_cards(role_holders(event.organisation_id, WATCHERS, on))
    return sorted(((card.id, card.name) for card in cards.values()), key=lambda c: c[1])
