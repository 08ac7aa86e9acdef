"""Reads at the door of a central session: who has a place, who came."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from courses.classroom import rules
from courses.classroom.models import AttendanceFact, CentralSession, Seat, SessionOutcome
from courses.classroom.rules import Mark
from lms.core.db import session
from lms.people.api import PersonCard, employers_on, organisation_cards, person_cards

_SEAT_ORDER = {"booked": 0, "waiting": 1, "invited": 2, "cancelled": 3}


@dataclass(frozen=True, slots=True)
class DoorRow:
    """One person on the teacher's list."""

    person: PersonCard
    home: str
    seat: str
    present: bool
    came_at: datetime | None
    facts: list[AttendanceFact]
    outcome: SessionOutcome | None


def door_list(row: CentralSession, today: date) -> list[DoorRow]:
    """Everybody with a place or a fact, by home and name: six statements whatever the size."""
    seats = {
        seat.person_id: seat
        for seat in session().scalars(select(Seat).where(Seat.session_id == row.id))
    }
    facts: defaultdict[int, list[AttendanceFact]] = defaultdict(list)
    for fact in session().scalars(
        select(AttendanceFact)
        .where(AttendanceFact.session_id == row.id)
        .order_by(AttendanceFact.at, AttendanceFact.id)
    ):
        facts[fact.person_id].append(fact)
    people = person_cards({*seats, *facts})
    homes = _homes(people, today)
    outcomes = outcomes_of(row.id)
    rows = [
        _door_row(p, homes.get(p.id, ""), seats.get(p.id), facts[p.id], outcomes.get(p.id), today)
        for p in people.values()
    ]  # fmt: skip
    return sorted(rows, key=lambda r: (_SEAT_ORDER.get(r.seat, 9), r.home, r.person.name))


def outcomes_of(session_id: int) -> dict[int, SessionOutcome]:
    """The standing outcome of each person."""
    query = (
        select(SessionOutcome)
        .where(SessionOutcome.session_id == session_id)
        .order_by(SessionOutcome.round)
    )
    return {outcome.person_id: outcome for outcome in session().scalars(query)}


def _homes(people: Collection[int], today: date) -> dict[int, str]:
    employers = employers_on(today, people)
    cards = organisation_cards({o for ids in employers.values() for o in ids})
    return {p: "、".join(cards[o].name for o in ids) for p, ids in employers.items()}


def _door_row(
    person: PersonCard, home: str, seat: Seat | None, facts: list[AttendanceFact],
    outcome: SessionOutcome | None, today: date,
) -> DoorRow:  # fmt: skip
    marks = [Mark(f.id, f.kind, f.at, f.voids_id) for f in facts]
    ins = [mark.at for mark in rules.standing(marks) if mark.kind == "in"]
    return DoorRow(
        person,
        home,
        seat.status if seat else "",
        rules.is_in(rules.on_day(marks, today)),
        ins[-1] if ins else None,
        facts,
        outcome,
    )
