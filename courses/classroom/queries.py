"""Reads of central sessions: lists, the door, one person's sessions."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from courses.classroom import rules
from courses.classroom.models import (
    AttendanceFact,
    CentralSession,
    Seat,
    SessionOutcome,
)
from courses.classroom.policy import visible_to
from courses.classroom.rules import Mark
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.paging import SIZE, Page, offset_of
from lms.people.api import (
    OrganisationCard,
    organisation_cards,
)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in a list."""

    session: CentralSession
    organiser: OrganisationCard
    booked: int
    waiting: int

    @property
    def free(self) -> int:
        """Seats left."""
        return max(self.session.capacity - self.booked, 0)


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session as its learner sees it."""

    session: CentralSession
    organiser: str
    seat: str
    present: bool
    outcome: SessionOutcome | None


def find_session(session_id: int) -> CentralSession:
    """A session. Raises NotFound."""
    row = session().get(CentralSession, session_id)
    if row is None:
        raise NotFound
    return row


def session_by_ref(ref: str) -> CentralSession:
    """A session by the reference in its QR code. Raises NotFound."""
    row = session().scalar(select(CentralSession).where(CentralSession.ref == ref))
    if row is None:
        raise NotFound
    return row


def session_list(
    actor: Actor, year: int, status: str = "", region: str = "", number: int = 1
) -> Page[SessionRow]:
    """The sessions an actor may see, latest first; a fixed number of statements."""
    query = select(CentralSession).where(visible_to(actor), CentralSession.year == year)
    if status:
        query = query.where(CentralSession.status == status)
    if region:
        query = query.where(CentralSession.region.startswith(region))
    total = session().scalar(query.with_only_columns(func.count())) or 0
    shown = query.order_by(CentralSession.starts_at.desc(), CentralSession.id.desc())
    found = list(session().scalars(shown.limit(SIZE).offset(offset_of(number))))
    return Page(_rows(found), number, total)


def open_sessions(actor: Actor, year: int, now: datetime) -> list[SessionRow]:
    """Open sessions that have not ended and that the actor may book, soonest first."""
    query = (
        select(CentralSession)
        .where(
            visible_to(actor),
            CentralSession.year == year,
            CentralSession.status == "open",
            CentralSession.ends_at > now,
        )
        .order_by(CentralSession.starts_at, CentralSession.id)
        .limit(100)
    )
    return _rows(list(session().scalars(query)))


def sessions_on(actor: Actor, day: date) -> list[SessionRow]:
    """The sessions an actor may see that run on a day, soonest first; three statements."""
    query = select(CentralSession).where(
        visible_to(actor),
        CentralSession.status.in_(("planned", "open")),
        CentralSession.starts_at < clock.start_of(day + timedelta(days=1)),
        CentralSession.ends_at >= clock.start_of(day),
    )
    return _rows(list(session().scalars(query.order_by(CentralSession.starts_at).limit(30))))


def session_row(row: CentralSession) -> SessionRow:
    """A session with its numbers."""
    return _rows([row])[0]


def people_of(session_id: int) -> list[int]:
    """Everybody who has or had a place."""
    query = select(Seat.person_id).where(Seat.session_id == session_id).order_by(Seat.person_id)
    return list(session().scalars(query))


def seats_of(session_id: int) -> list[Seat]:
    """Every place of a session."""
    return list(session().scalars(select(Seat).where(Seat.session_id == session_id)))


def sessions_for(person_id: int, today: date, past: bool = False) -> list[OwnSession]:
    """A person's sessions from today on (``past``: those before too), soonest first."""
    query = (
        select(CentralSession, Seat.status)
        .join(Seat, Seat.session_id == CentralSession.id)
        .where(Seat.person_id == person_id, Seat.status != "cancelled")
        .options(selectinload(CentralSession.parts))
        .order_by(CentralSession.starts_at, CentralSession.id)
    )
    if not past:
        query = query.where(
            CentralSession.ends_at >= clock.start_of(today), CentralSession.status != "cancelled"
        )
    found = [row._tuple() for row in session().execute(query)]
    ids = [row.id for row, _seat in found]
    marks = _marks(person_id, ids)
    outcomes = {
        o.session_id: o
        for o in session().scalars(
            select(SessionOutcome)
            .where(SessionOutcome.person_id == person_id, SessionOutcome.session_id.in_(ids))
            .order_by(SessionOutcome.round)
        )
    }
    organisers = organisation_cards({row.organiser_id for row, _seat in found})
    return [
        OwnSession(
            row,
            organisers[row.organiser_id].name,
            seat,
            rules.is_in(rules.on_day(marks[row.id], today)),
            outcomes.get(row.id),
        )
        for row, seat in found
    ]


def check_in_choices(person_id: int, region: str, now: datetime) -> list[CentralSession]:
    """Open sessions near now that a person could check in to: hers first, then her region's."""
    mine = select(Seat.session_id).where(Seat.person_id == person_id, Seat.status == "booked")
    day = timedelta(days=1)
    near = (
        select(CentralSession)
        .where(
            CentralSession.status == "open",
            CentralSession.starts_at <= now + day,
            CentralSession.ends_at >= now - day,
            CentralSession.id.in_(mine)
            | CentralSession.region.in_([region[:2], region[:4], region[:6]]),
        )
        .order_by(CentralSession.starts_at, CentralSession.id)
        .limit(50)
    )
    return list(session().scalars(near))


def _rows(found: list[CentralSession]) -> list[SessionRow]:
    organisers = organisation_cards({row.organiser_id for row in found})
    counts: Counter[tuple[int, str]] = Counter()
    query = (
        select(Seat.session_id, Seat.status, func.count())
        .where(Seat.session_id.in_([row.id for row in found]))
        .group_by(Seat.session_id, Seat.status)
    )
    for key, status, count in session().execute(query):
        counts[key, status] = count
    return [
        SessionRow(
            row, organisers[row.organiser_id], counts[row.id, "booked"], counts[row.id, "waiting"]
        )
        for row in found
    ]


def _marks(person_id: int, session_ids: list[int]) -> defaultdict[int, list[Mark]]:
    found: defaultdict[int, list[Mark]] = defaultdict(list)
    query = select(AttendanceFact).where(
        AttendanceFact.person_id == person_id, AttendanceFact.session_id.in_(session_ids)
    )
    for fact in session().scalars(query):
        found[fact.session_id].append(Mark(fact.id, fact.kind, fact.at, fact.voids_id))
    return found
