"""What staff see of stations: the board of an event, an examiner's stations and candidates."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from exams.entries.models import Entry, ExamEvent
from exams.marking.policy import events_of
from exams.marking.stations.models import PanelMember, Sheet, Station, StationTemplate
from exams.marking.stations.scoring import Standing, settled, standings_of
from lms.core.access import Actor
from lms.core.db import session
from lms.people.api import PersonCard, person_cards


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A candidate and how far her stations are."""

    entry_id: int
    name: str
    stations: list[Standing]
    settled: bool


def board_of(event: ExamEvent, now: datetime) -> list[BoardRow]:
    """Every candidate of an event with stations."""
    entries = _entries(event.id)
    cards = person_cards([entry.person_id for entry in entries])
    return [
        BoardRow(
            entry.id,
            cards[entry.person_id].name,
            standings_of(entry, event, now),
            settled(entry.id),
        )
        for entry in entries
    ]


def _entries(event_id: int) -> list[Entry]:
    query = select(Entry).where(Entry.event_id == event_id, Entry.withdrawn_at.is_(None))
    return list(session().scalars(query.order_by(Entry.id)))


@dataclass(frozen=True, slots=True)
class OwnStation:
    """A station whose panel this examiner is of; how many she has signed."""

    id: int
    event: str
    title: str
    module: str
    total: int
    signed: int


def stations_for(actor: Actor) -> list[OwnStation]:
    """The stations this examiner judges at, newest event first."""
    rows = (
        session()
        .execute(
            select(Station.id, ExamEvent.id, ExamEvent.title, StationTemplate)
            .join(PanelMember, PanelMember.station_id == Station.id)
            .join(ExamEvent, ExamEvent.id == Station.event_id)
            .join(StationTemplate, StationTemplate.id == Station.template_id)
            .where(events_of(actor), ExamEvent.status != "draft")
            .where(PanelMember.person_id == actor.person_id, PanelMember.removed_at.is_(None))
            .order_by(ExamEvent.id.desc(), Station.position)
        )
        .all()
    )
    found = []
    for station_id, event_id, title, template in rows:
        signed = _signed(station_id, actor)
        total = len(_entries(event_id))
        found.append(
            OwnStation(station_id, title, template.title, template.module, total, len(signed))
        )
    return found


def _signed(station_id: int, actor: Actor) -> set[int]:
    query = select(Sheet.entry_id).where(
        Sheet.station_id == station_id,
        Sheet.examiner_id == actor.person_id,
        Sheet.signed_at.is_not(None),
    )
    return set(session().scalars(query))


@dataclass(frozen=True, slots=True)
class OwnCandidate:
    """A candidate as her examiner sees her; ``state`` is waiting, open or signed."""

    entry_id: int
    card: PersonCard
    ticket: str
    state: str


def candidates_at(station: Station, actor: Actor) -> list[OwnCandidate]:
    """The candidates of a station and what this examiner has done with each."""
    entries = _entries(station.event_id)
    cards = person_cards([entry.person_id for entry in entries])
    signed = _signed(station.id, actor)
    begun = set(
        session().scalars(
            select(Sheet.entry_id).where(
                Sheet.station_id == station.id,
                Sheet.examiner_id == actor.person_id,
                Sheet.signed_at.is_(None),
            )
        )
    )
    return [
        OwnCandidate(
            e.id,
            cards[e.person_id],
            e.ticket,
            "open" if e.id in begun else "signed" if e.id in signed else "waiting",
        )
        for e in entries
    ]
