"""Seats: booked while there is room, waiting after that, promoted when one is given back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, insert, select

from courses.classroom.models import CentralSession, Seat, SeatStep
from courses.classroom.operations import clashes
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, NotFound
from lms.core.notify import Notice, notice_row, tell

LEARNER_PAGE = "/learn/central"


@dataclass(frozen=True, slots=True)
class Booked:
    """What a booking came to: person ids by what they got."""

    booked: tuple[int, ...]
    waiting: tuple[int, ...]
    already: tuple[int, ...]
    elsewhere: tuple[int, ...] = ()


def book(row: CentralSession, person_ids: Collection[int], actor: Actor, now: datetime) -> Booked:
    """Give seats in the order asked, then places on the waiting list; who holds a seat in another
    session at the same time gets none.

    ``row`` must be locked (``sessions.locked``), so that the last seat goes to one person.

    Raises:
        Conflict: the session is not open.
    """
    if row.status != "open":
        raise Conflict(_("这场培训没有开放预订。"))
    known = _seats_of(row.id, person_ids)
    room = row.capacity - booked_count(row.id)
    busy = clashes.seated_elsewhere(row, person_ids)
    got: dict[str, list[int]] = {"booked": [], "waiting": [], "already": [], "elsewhere": []}
    for person_id in dict.fromkeys(person_ids):
        seat = known.get(person_id)
        if seat is not None and seat.status in {"booked", "waiting"}:
            got["already"].append(person_id)
            continue
        if person_id in busy:
            got["elsewhere"].append(person_id)
            continue
        status = "booked" if room > 0 else "waiting"
        room -= 1
        _set(row, seat, person_id, status, actor, now)
        got[status].append(person_id)
    session().flush()
    audit.record(
        actor, "seat.book", "central_session", row.id,
        people=got["booked"], waiting=got["waiting"],
    )  # fmt: skip
    return Booked(*(tuple(got[name]) for name in ("booked", "waiting", "already", "elsewhere")))


def invite(row: CentralSession, person_ids: Collection[int], actor: Actor, now: datetime) -> int:
    """Invite people who hold no place yet, in bulk; returns how many.

    Raises:
        Conflict: the session is not open.
    """
    if row.status != "open":
        raise Conflict(_("这场培训没有开放预订。"))
    known = set(session().scalars(select(Seat.person_id).where(Seat.session_id == row.id)))
    fresh = [person for person in dict.fromkeys(person_ids) if person not in known]
    if not fresh:
        return 0
    told = {"title": row.title, "on": clock.local_date(row.starts_at).isoformat()}
    rows: dict[type, list[dict[str, Any]]] = {Seat: [], SeatStep: [], Notice: []}
    for person_id in fresh:
        place = {"session_id": row.id, "person_id": person_id, "status": "invited"}
        rows[Seat].append(place | {"queued_at": now, "booked_by": actor.person_id})
        rows[SeatStep].append(place | {"recorded_at": now, "recorded_by": actor.person_id})
        key = f"central.invited:{row.id}:{person_id}"
        rows[Notice].append(notice_row(person_id, "central.invited", key, LEARNER_PAGE, told, now))
    for table, values in rows.items():
        session().execute(insert(table), values)
    audit.record(actor, "seat.invite", "central_session", row.id, people=len(fresh))
    return len(fresh)


def answer(row: CentralSession, person_id: int, comes: bool, actor: Actor, now: datetime) -> str:
    """Somebody answers her invitation: a seat, a place on the waiting list, or none; returns
    which.

    Raises:
        NotFound: she was not invited. Conflict: the session is not open, or she sits elsewhere.
    """
    seat = _seats_of(row.id, [person_id]).get(person_id)
    answerable = {"invited", "booked", "waiting"} if comes else {"invited"}
    if seat is None or seat.status not in answerable:
        raise NotFound
    if not comes:
        cancel_seat(row, person_id, actor, now)
        return "cancelled"
    if book(row, [person_id], actor, now).elsewhere:
        raise Conflict(_("您同一时间已有别的培训。"))
    return seat.status


def cancel_seat(row: CentralSession, person_id: int, actor: Actor, now: datetime) -> None:
    """Give a place back and promote the first who waits.

    Raises:
        NotFound: no such place. Conflict: the session was closed.
    """
    seat = _seats_of(row.id, [person_id]).get(person_id)
    if seat is None:
        raise NotFound
    if row.status in {"closed", "cancelled"}:
        raise Conflict(_("这场培训已经结束或取消。"))
    if seat.status != "cancelled":
        _set(row, seat, person_id, "cancelled", actor, now)
        session().flush()
        audit.record(actor, "seat.cancel", "central_session", row.id, person=person_id)
        promote(row, actor, now)


def promote(row: CentralSession, actor: Actor, now: datetime) -> list[int]:
    """Give free seats to those who wait, first come first served; returns who got one. Whoever
    holds a seat in another session at the same time by now waits on."""
    room = row.capacity - booked_count(row.id)
    if room <= 0:
        return []
    query = select(Seat).where(Seat.session_id == row.id, Seat.status == "waiting")
    waiting = session().scalars(query.order_by(Seat.queued_at, Seat.id)).all()
    busy = clashes.seated_elsewhere(row, [seat.person_id for seat in waiting])
    moved = [seat for seat in waiting if seat.person_id not in busy][:room]
    for seat in moved:
        _set(row, seat, seat.person_id, "booked", actor, now)
    session().flush()
    return [seat.person_id for seat in moved]


def take_place(row: CentralSession, person_id: int, actor: Actor, now: datetime) -> None:
    """Give a free seat to somebody at the door; ``row`` must be locked and have room."""
    _set(row, _seats_of(row.id, [person_id]).get(person_id), person_id, "booked", actor, now)
    session().flush()


def booked_count(session_id: int) -> int:
    """How many seats are taken."""
    query = select(func.count()).where(Seat.session_id == session_id, Seat.status == "booked")
    return session().scalar(query) or 0


def tell_cancelled(row: CentralSession, now: datetime) -> None:
    """Tell everybody with a place that the session will not be held."""
    query = select(Seat.person_id).where(
        Seat.session_id == row.id, Seat.status.in_(("booked", "waiting", "invited"))
    )
    for person_id in session().scalars(query).all():
        _tell(row, person_id, "cancelled", now)


def _seats_of(session_id: int, person_ids: Collection[int]) -> dict[int, Seat]:
    query = select(Seat).where(Seat.session_id == session_id, Seat.person_id.in_(person_ids))
    seats = session().scalars(query.execution_options(populate_existing=True))
    return {seat.person_id: seat for seat in seats}


def _set(
    row: CentralSession, seat: Seat | None, person_id: int, status: str, actor: Actor, now: datetime
) -> None:
    if seat is None:
        seat = Seat(session_id=row.id, person_id=person_id)
        session().add(seat)
    if status != "booked" or seat.status != "waiting":
        seat.queued_at = now
    seat.status, seat.booked_by = status, actor.person_id
    session().add(
        SeatStep(
            session_id=row.id,
            person_id=person_id,
            status=status,
            recorded_at=now,
            recorded_by=actor.person_id,
        )
    )
    if status in {"booked", "waiting", "invited"}:
        _tell(row, person_id, status, now)


def _tell(row: CentralSession, person_id: int, status: str, now: datetime) -> None:
    tell(
        person_id,
        f"central.{status}",
        f"central.{status}:{row.id}:{person_id}:{int(now.timestamp())}",
        LEARNER_PAGE,
        title=row.title,
        on=clock.local_date(row.starts_at).isoformat(),
        venue=row.venue,
    )
