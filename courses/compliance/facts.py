"""What is known about one person, as plain values, and what of it was known at a moment.

Facts arrive in any order. Each kind is folded by its own number (round, step, revision,
stage), so the order in which they were read changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar


class Recorded(Protocol):
    """Anything that was learnt at a moment."""

    @property
    def recorded_at(self) -> datetime:
        """When it was learnt."""


R = TypeVar("R", bound=Recorded)


@dataclass(frozen=True, slots=True)
class Employment:
    """One statement about a stay with an employer, until ``superseded_at``."""

    spell: str
    organisation_id: int
    region: str
    post: str
    started_on: date
    ended_on: date | None
    recorded_at: datetime
    superseded_at: datetime | None = None

    def covers(self, day: date) -> bool:
        """True if the stay includes ``day``."""
        return self.started_on <= day and (self.ended_on is None or self.ended_on >= day)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a closed session came to for the person; a recount has a higher ``round``."""

    session_id: int
    round: int
    year: int
    held_on: date
    tenths: int
    attended: bool
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class SeatFact:
    """A change of the person's seat; ``step`` grows."""

    session_id: int
    step: int
    status: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class SessionFact:
    """What a session announced; ``revision`` grows."""

    session_id: int
    revision: int
    status: str
    year: int
    starts_on: date
    ends_on: date
    tenths: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ExemptionFact:
    """A request for one year, for a stretch of days or without one."""

    exemption_id: int
    year: int
    kind: str
    starts_on: date | None
    ends_on: date | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """Stage 1 approves or refuses a request, stage 2 revokes an approval."""

    exemption_id: int
    stage: int
    step: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that bears on one person's duty."""

    person_id: int
    employments: tuple[Employment, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    seats: tuple[SeatFact, ...] = ()
    sessions: tuple[SessionFact, ...] = ()
    exemptions: tuple[ExemptionFact, ...] = ()
    decisions: tuple[DecisionFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Booking:
    """A seat in a session that is still to be held or counted."""

    session_id: int
    status: str
    ends_on: date
    tenths: int


def known(facts: Iterable[R], moment: datetime | None) -> list[R]:
    """Those recorded by ``moment`` (None: all)."""
    return [f for f in facts if moment is None or f.recorded_at <= moment]


def stays(facts: Facts, moment: datetime | None) -> list[Employment]:
    """The statements about employment that stood at ``moment``, by start."""
    standing = [
        e
        for e in known(facts.employments, moment)
        if e.superseded_at is None or (moment is not None and e.superseded_at > moment)
    ]
    return sorted(standing, key=lambda e: (e.started_on, e.organisation_id, e.spell))


def outcomes(facts: Facts, moment: datetime | None) -> list[Outcome]:
    """The standing outcome of each session, by day."""
    newest: dict[int, Outcome] = {}
    for outcome in known(facts.outcomes, moment):
        seen = newest.get(outcome.session_id)
        if seen is None or outcome.round > seen.round:
            newest[outcome.session_id] = outcome
    return sorted(newest.values(), key=lambda o: (o.held_on, o.session_id))


def bookings(facts: Facts, year: int, moment: datetime | None) -> list[Booking]:
    """Seats held or waited for in this year's sessions that are not closed or cancelled."""
    if not facts.seats:
        return []
    seats: dict[int, SeatFact] = {}
    for seat in known(facts.seats, moment):
        if seat.session_id not in seats or seat.step > seats[seat.session_id].step:
            seats[seat.session_id] = seat
    sessions: dict[int, SessionFact] = {}
    for told in known(facts.sessions, moment):
        seen = sessions.get(told.session_id)
        if seen is None or told.revision > seen.revision:
            sessions[told.session_id] = told
    found = [
        Booking(key, seat.status, sessions[key].ends_on, sessions[key].tenths)
        for key, seat in seats.items()
        if seat.status in {"booked", "waiting"}
        and key in sessions
        and sessions[key].year == year
        and sessions[key].status in {"planned", "open"}
    ]
    return sorted(found, key=lambda b: (b.ends_on, b.session_id))


def exemptions(facts: Facts, year: int, moment: datetime | None) -> list[tuple[ExemptionFact, str]]:
    """This year's requests with where they stand: proposed, approved, refused or revoked."""
    asked = [e for e in known(facts.exemptions, moment) if e.year == year]
    if not asked:
        return []
    steps: dict[int, DecisionFact] = {}
    for step in known(facts.decisions, moment):
        seen = steps.get(step.exemption_id)
        if seen is None or step.stage > seen.stage:
            steps[step.exemption_id] = step
    return [
        (e, steps[e.exemption_id].step if e.exemption_id in steps else "proposed")
        for e in sorted(asked, key=lambda e: e.exemption_id)
    ]
