"""Staff's reads of events and candidates: frozen values, a fixed number of statements."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from exams.entries.models import Entry, ExamEvent, Part
from exams.entries.policy import visible_to
from exams.entries.queries import attempts_of
from exams.results.queries import StaffResult, results_of_attempts
from exams.sittings.models import Attempt
from exams.sittings.queries import Progress, progress_of
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import session
from lms.people.api import employers_on, organisation_cards, person_cards

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event on the examiner's list."""

    id: int
    title: str
    rung: int
    part: str
    status: str
    opens_at: datetime
    closes_at: datetime
    entered: int
    sat: int


@dataclass(frozen=True, slots=True)
class EventList:
    """One page of events."""

    rows: list[EventRow]
    total: int
    number: int
    pages: int


def events_for(
    actor: Actor, q: str = "", status: str = "", part: str = "", page: int = 1
) -> EventList:
    """Events this member of staff may see, newest first; three statements."""
    query = select(ExamEvent).where(visible_to(actor))
    if q:
        query = query.where(ExamEvent.title.contains(q, autoescape=True))
    if status:
        query = query.where(ExamEvent.status == status)
    if part:
        query = query.where(ExamEvent.part == part)
    total = session().scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, page), pages)
    chosen = query.order_by(ExamEvent.opens_at.desc(), ExamEvent.id.desc())
    events = list(session().scalars(chosen.limit(PER_PAGE).offset((page - 1) * PER_PAGE)))
    return EventList(_event_rows(events), total, page, pages)


def events_on(actor: Actor, now: datetime) -> list[EventRow]:
    """Published events this member of staff may see that are open now; two statements."""
    query = select(ExamEvent).where(
        visible_to(actor),
        ExamEvent.status == "published",
        ExamEvent.opens_at <= now,
        ExamEvent.closes_at > now,
    )
    return _event_rows(list(session().scalars(query.order_by(ExamEvent.closes_at).limit(PER_PAGE))))


def _event_rows(events: list[ExamEvent]) -> list[EventRow]:
    counts = _counts([event.id for event in events])
    return [
        EventRow(
            e.id, e.title, e.rung, e.part, e.status, e.opens_at, e.closes_at,
            *counts.get(e.id, (0, 0)),
        )
        for e in events
    ]  # fmt: skip


def _counts(event_ids: list[int]) -> dict[int, tuple[int, int]]:
    query = (
        select(
            Entry.event_id, func.count(Entry.id.distinct()), func.count(Attempt.entry_id.distinct())
        )
        .outerjoin(Attempt, Attempt.entry_id == Entry.id)
        .where(Entry.event_id.in_(event_ids), Entry.withdrawn_at.is_(None))
        .group_by(Entry.event_id)
    )
    return {row[0]: (row[1], row[2]) for row in session().execute(query)}


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A candidate of an event as staff see her."""

    entry_id: int
    person_id: int
    room_id: int | None
    name: str
    id_masked: str
    place: str
    ticket: str
    extra_minutes: int
    waiver: str
    attempt_id: int | None
    state: str
    slots: int
    progress: Progress | None
    deadline: datetime | None
    handed_in_at: datetime | None
    receipt: str | None
    result: StaffResult | None


@dataclass(frozen=True, slots=True)
class CandidateList:
    """One page of candidates, and the totals of the event."""

    rows: list[CandidateRow]
    total: int
    number: int
    pages: int


def candidates_of(
    event: ExamEvent, now: datetime, page: int | None = 1, *, unpublished: bool = False
) -> CandidateList:
    """Candidates by ticket, one page (None: all); a fixed number of statements. Results that were
    not published are there only with ``unpublished``, for those who may publish them."""
    query = (
        select(Entry)
        .where(Entry.event_id == event.id, Entry.withdrawn_at.is_(None))
        .order_by(Entry.id)
    )
    total = session().scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(1, -(-total // PER_PAGE))
    number = min(max(1, page or 1), pages)
    if page is not None:
        query = query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    entries = list(session().scalars(query))
    return CandidateList(_rows(entries, event, now, unpublished), total, number, pages)


def _rows(
    entries: list[Entry], event: ExamEvent, now: datetime, unpublished: bool
) -> list[CandidateRow]:
    people = person_cards([entry.person_id for entry in entries])
    employers = employers_on(
        clock.local_date(event.opens_at), [entry.person_id for entry in entries]
    )
    places = organisation_cards({ids[0] for ids in employers.values()})
    attempts = attempts_of([entry.id for entry in entries])
    last = {entry.id: attempts[entry.id][-1] for entry in entries if attempts[entry.id]}
    ids = [attempt.id for attempt in last.values()]
    progress, found = progress_of(ids), results_of_attempts(ids)
    results = {aid: r for aid, r in found.items() if unpublished or r.released_at is not None}
    rows = []
    for entry in entries:
        attempt = last.get(entry.id)
        employer = employers.get(entry.person_id, (None,))[0]
        rows.append(
            CandidateRow(
                entry.id,
                entry.person_id,
                entry.room_id,
                people[entry.person_id].name,
                people[entry.person_id].id_masked,
                places[employer].name if employer in places else "",
                entry.ticket,
                entry.extra_minutes,
                entry.decision.get("waiver", ""),
                attempt.id if attempt else None,
                _state(attempt) if attempt else _absent(event, now),
                attempt.slots if attempt else 0,
                progress.get(attempt.id) if attempt else None,
                attempt.deadline if attempt else None,
                attempt.handed_in_at if attempt else None,
                attempt.receipt if attempt else None,
                results.get(attempt.id) if attempt else None,
            )
        )
    return rows


def _state(attempt: Attempt) -> str:
    return "paused" if attempt.paused_at is not None else attempt.state


def _absent(event: ExamEvent, now: datetime) -> str:
    if event.part != Part.THEORY:
        return "unmarked"
    return "absent" if event.status == "closed" or now >= event.closes_at else "waiting"
