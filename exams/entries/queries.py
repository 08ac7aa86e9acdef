"""A learner's reads of exams: frozen values, a fixed number of statements."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from exams.entries.admission import is_admitted
from exams.entries.models import Entry, ExamEvent, ExamRoom, ExamSite
from exams.results.queries import ResultCard, results_of
from exams.sittings.models import Attempt
from lms.core.db import session
from lms.people.api import organisation_cards


class Stage(StrEnum):
    """Where a candidate stands with an exam."""

    UPCOMING = "upcoming"
    OPEN = "open"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    MISSED = "missed"
    EXPELLED = "expelled"


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a candidate sits and how to find it."""

    room: str
    number: int
    site: str
    address: str
    directions: str


@dataclass(frozen=True, slots=True)
class ExamCard:
    """One exam on a learner's list."""

    entry_id: int
    event_id: int
    title: str
    rung: int
    part: str
    place: str
    opens_at: datetime
    closes_at: datetime
    minutes: int
    ticket: str
    stage: Stage
    attempt_id: int | None
    result: ResultCard | None
    practice: bool
    admission: str
    admitted: bool
    switch_mode: str
    switch_limit: int
    seat: Seat | None
    make_up: bool


def exams_for(person_id: int, now: datetime) -> list[ExamCard]:
    """A person's exams, those that want something first; four statements."""
    entries = (
        session()
        .execute(
            select(Entry, ExamEvent, ExamRoom, ExamSite)
            .join(ExamEvent, ExamEvent.id == Entry.event_id)
            .outerjoin(ExamRoom, ExamRoom.id == Entry.room_id)
            .outerjoin(ExamSite, ExamSite.id == ExamRoom.site_id)
            .where(
                Entry.person_id == person_id,
                Entry.withdrawn_at.is_(None),
                ExamEvent.status != "draft",
            )
        )
        .all()
    )
    attempts = attempts_of([row[0].id for row in entries])
    results = {card.attempt_id: card for card in results_of(person_id)}
    places = organisation_cards({row[1].organisation_id for row in entries})
    cards = []
    for entry, event, room, site in entries:
        mine = attempts[entry.id]
        last = mine[-1] if mine else None
        cards.append(
            ExamCard(
                entry.id,
                event.id,
                event.title,
                event.rung,
                event.part,
                places[event.organisation_id].name,
                event.opens_at,
                event.closes_at,
                event.minutes + entry.extra_minutes,
                entry.ticket,
                stage(event, mine, results, now),
                last.id if last and last.state == "open" else None,
                results.get(last.id) if last else None,
                event.practice,
                event.admission,
                is_admitted(
                    event.admission, entry.admitted_at, last.handed_in_at if last else None
                ),
                event.switch_mode,
                event.switch_limit,
                _seat(entry, room, site),
                event.make_up_of is not None,
            )
        )
    order = list(Stage)
    first = (
        Stage.RUNNING, Stage.OPEN, Stage.UPCOMING, Stage.WAITING, Stage.EXPELLED, Stage.DONE,
        Stage.MISSED,
    )  # fmt: skip
    order.sort(key=first.index)
    return sorted(cards, key=lambda c: (order.index(c.stage), _by_time(c), c.entry_id))


def _by_time(card: ExamCard) -> float:
    """Coming exams soonest first, past ones newest first."""
    past = card.stage not in (Stage.RUNNING, Stage.OPEN, Stage.UPCOMING)
    return -card.closes_at.timestamp() if past else card.opens_at.timestamp()


def _seat(entry: Entry, room: ExamRoom | None, site: ExamSite | None) -> Seat | None:
    if room is None or site is None or entry.seat is None:
        return None
    return Seat(room.name, entry.seat, site.name, site.address, site.directions)


def stage(
    event: ExamEvent, attempts: Sequence[Attempt], results: dict[int, ResultCard], now: datetime
) -> Stage:
    """Where a candidate stands."""
    last = attempts[-1] if attempts else None
    if last is not None and last.state == "open":
        over = last.deadline + timedelta(seconds=last.grace_seconds) < now
        over = over and last.paused_at is None
        return Stage.WAITING if over else Stage.RUNNING
    if last is not None and last.state == "expelled":
        return Stage.EXPELLED
    allowed = event.practice or len(attempts) < event.attempts
    more = allowed and event.status == "published"
    shown = results.get(last.id) if last else None
    if last is not None and event.practice and more and now < event.closes_at:
        return Stage.OPEN
    if last is not None and not (more and shown and not shown.passed and now < event.closes_at):
        return Stage.DONE if shown else Stage.WAITING
    if now < event.opens_at and event.status == "published":
        return Stage.UPCOMING
    if more and now < event.closes_at:
        return Stage.OPEN
    return Stage.MISSED if last is None else Stage.DONE


def attempts_of(entry_ids: Sequence[int]) -> dict[int, list[Attempt]]:
    """Entry id → attempts in order; one statement."""
    found: dict[int, list[Attempt]] = defaultdict(list)
    query = select(Attempt).where(Attempt.entry_id.in_(entry_ids)).order_by(Attempt.number)
    for attempt in session().scalars(query):
        found[attempt.entry_id].append(attempt)
    return found
