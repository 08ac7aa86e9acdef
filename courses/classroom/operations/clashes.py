"""Who or what would be in two places at once: a venue, a person with a seat."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, or_, select

from courses.classroom.models import CentralSession, Seat, SessionPart, SessionTeacher
from courses.classroom.rules import Stretch
from lms.core.db import session

_STANDING = ("planned", "open")


def at_the_same_venue(
    organiser_id: int, venue: str, parts: Collection[Stretch], besides: int | None
) -> CentralSession | None:
    """Another session of the base that uses the venue at the same time, if there is one."""
    query = (
        select(CentralSession)
        .join(SessionPart, SessionPart.session_id == CentralSession.id)
        .where(
            CentralSession.organiser_id == organiser_id,
            CentralSession.venue == venue,
            CentralSession.status.in_(_STANDING),
            _overlapping(parts),
        )
        .order_by(CentralSession.id)
        .limit(1)
    )
    if besides is not None:
        query = query.where(CentralSession.id != besides)
    return session().scalar(query)


def teaching_elsewhere(
    teachers: Collection[int], parts: Collection[Stretch], besides: int | None
) -> set[int]:
    """Those of the teachers who teach another session at the same time."""
    query = (
        select(SessionTeacher.person_id)
        .join(CentralSession, CentralSession.id == SessionTeacher.session_id)
        .join(SessionPart, SessionPart.session_id == CentralSession.id)
        .where(
            SessionTeacher.person_id.in_(teachers),
            CentralSession.status.in_(_STANDING),
            _overlapping(parts),
        )
    )
    if besides is not None:
        query = query.where(CentralSession.id != besides)
    return set(session().scalars(query))


def seated_elsewhere(row: CentralSession, person_ids: Collection[int]) -> set[int]:
    """Those of the people who hold a seat in another session at the same time."""
    parts = [Stretch(part.starts_at, part.ends_at) for part in row.parts]
    query = (
        select(Seat.person_id)
        .join(CentralSession, CentralSession.id == Seat.session_id)
        .join(SessionPart, SessionPart.session_id == CentralSession.id)
        .where(
            Seat.person_id.in_(person_ids),
            Seat.status == "booked",
            Seat.session_id != row.id,
            CentralSession.status.in_(_STANDING),
            _overlapping(parts),
        )
    )
    return set(session().scalars(query))


def _overlapping(parts: Collection[Stretch]) -> ColumnElement[bool]:
    return or_(
        *(
            (SessionPart.starts_at < part.ends_at) & (SessionPart.ends_at > part.starts_at)
            for part in parts
        )
    )
