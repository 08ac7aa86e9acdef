"""What the wall and the log of one candidate show: frozen values, a fixed number of statements."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import aliased

from exams.entries.admission import invigilation_rule
from exams.entries.models import Entry, ExamEvent, ExamRoom
from exams.invigilation.rules import Seen, State, state_of, trouble
from exams.sittings.models import AnswerStep, Attempt, Presence, SittingEvent
from exams.sittings.queries import Progress, progress_of
from lms.core.db import session
from lms.people.api import person_cards

NOTHING = Progress(0, None, 0)


@dataclass(frozen=True, slots=True)
class Tile:
    """One candidate on the wall; ``unsent`` are answers her phone still held when it last asked."""

    entry_id: int
    name: str
    seat: int | None
    room: str
    state: State
    minutes_lost: int
    answered: int
    questions: int
    last_seen: datetime | None
    deadline: datetime | None
    unsent: int
    left: int
    devices: int
    late: int
    trouble: int


def tiles(
    event: ExamEvent, rooms: Collection[int] | None, now: datetime, entry_id: int | None = None
) -> list[Tile]:
    """The candidates of an event (None), or of some of its rooms, or one of them; trouble first;
    five statements whatever their number."""
    query = _rows(event.id, rooms)
    if entry_id is not None:
        query = query.where(Entry.id == entry_id)
    rows = session().execute(query).all()
    names = person_cards([row.person_id for row in rows])
    ids = [row.attempt_id for row in rows if row.attempt_id is not None]
    progress, how = progress_of(ids), _closings(ids)
    lost_after = timedelta(seconds=int(invigilation_rule(now).value["lost_after_seconds"]))
    made = [
        _tile(
            row, names[row.person_id].name, progress.get(row.attempt_id, NOTHING),
            how.get(row.attempt_id, ""), now, lost_after,
        )
        for row in rows
    ]  # fmt: skip
    return sorted(made, key=lambda t: (t.trouble, -t.minutes_lost, t.room, t.seat or 0, t.entry_id))


def _rows(event_id: int, rooms: Collection[int] | None) -> Select[Any]:
    other = aliased(Attempt)
    last = (
        select(func.max(other.number))
        .where(other.entry_id == Entry.id)
        .correlate(Entry)
        .scalar_subquery()
    )
    query = (
        select(
            Entry.id,
            Entry.person_id,
            Entry.seat,
            Entry.admitted_at,
            ExamRoom.name.label("room"),
            Attempt.id.label("attempt_id"),
            Attempt.state,
            Attempt.slots,
            Attempt.started_at,
            Attempt.deadline,
            Attempt.paused_at,
            Attempt.left_count,
            Attempt.epoch,
            Presence.seen_at,
            Presence.unsent,
        )
        .outerjoin(ExamRoom, ExamRoom.id == Entry.room_id)
        .outerjoin(Attempt, (Attempt.entry_id == Entry.id) & (Attempt.number == last))
        .outerjoin(Presence, Presence.attempt_id == Attempt.id)
        .where(Entry.event_id == event_id, Entry.withdrawn_at.is_(None))
    )
    return query if rooms is None else query.where(Entry.room_id.in_(rooms))


def _closings(attempt_ids: Collection[int]) -> dict[int, str]:
    """How each closed sitting was closed; the state itself moves on to concluded."""
    rows = session().execute(
        select(SittingEvent.attempt_id, SittingEvent.kind).where(
            SittingEvent.attempt_id.in_(attempt_ids), SittingEvent.kind == "timed_out"
        )
    )
    return {row.attempt_id: row.kind for row in rows}


def _tile(
    row: Row[Any], name: str, done: Progress, how: str, now: datetime, lost_after: timedelta
) -> Tile:
    signs = [sign for sign in (row.seen_at, done.last_seen, row.started_at) if sign is not None]
    last_seen = min(now, max(signs)) if signs else None
    seen = Seen(
        row.admitted_at is not None,
        row.state,
        how,
        row.paused_at is not None,
        row.deadline,
        last_seen,
    )
    state = state_of(seen, now, lost_after)
    # What the phone said it held counts until answers came after that.
    stale = row.seen_at is None or (done.last_seen is not None and done.last_seen > row.seen_at)
    unsent = 0 if stale or row.state != "open" else row.unsent
    left, devices = row.left_count or 0, row.epoch or 0
    return Tile(
        entry_id=row.id,
        name=name,
        seat=row.seat,
        room=row.room or "",
        state=state,
        minutes_lost=int((now - last_seen).total_seconds() // 60)
        if state is State.LOST and last_seen is not None
        else 0,
        answered=done.answered,
        questions=row.slots or 0,
        last_seen=last_seen,
        deadline=row.deadline if row.state == "open" else None,
        unsent=unsent,
        left=left,
        devices=devices,
        late=done.late,
        trouble=trouble(state, unsent, left, devices, done.late),
    )


def tally(shown: Collection[Tile]) -> dict[str, int]:
    """How many stand in each state."""
    counts = {str(state): 0 for state in State}
    for tile in shown:
        counts[tile.state] += 1
    return counts


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a candidate's log; ``by`` names the person who did it, empty for the server."""

    at: datetime
    kind: str
    attempt: int
    by: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """An answer delivered after the deadline: what the phone claims, when the server got it, and
    the last contact before that."""

    attempt: int
    position: int
    claimed: datetime | None
    received: datetime
    contact: datetime | None


def log_of(entry_id: int) -> list[LogLine]:
    """Everything that happened in a candidate's sittings, newest first; two statements."""
    rows = session().execute(
        select(SittingEvent, Attempt.number)
        .join(Attempt, Attempt.id == SittingEvent.attempt_id)
        .where(Attempt.entry_id == entry_id)
        .order_by(SittingEvent.id.desc())
    )
    found = [(row[0], row[1]) for row in rows]
    names = person_cards({event.by for event, _number in found if event.by})
    return [
        LogLine(
            event.at, event.kind, number,
            names[event.by].name if event.by in names else "", event.details,
        )
        for event, number in found
    ]  # fmt: skip


def late_answers(entry_id: int) -> list[LateAnswer]:
    """Answers that came in the grace time, oldest first; one statement."""
    steps = session().execute(
        select(
            AnswerStep.attempt_id, AnswerStep.position, AnswerStep.client_at,
            AnswerStep.received_at, AnswerStep.late, Attempt.number, Attempt.started_at,
        )
        .join(Attempt, Attempt.id == AnswerStep.attempt_id)
        .where(Attempt.entry_id == entry_id)
        .order_by(AnswerStep.received_at, AnswerStep.seq)
    )  # fmt: skip
    found: list[LateAnswer] = []
    contact: datetime | None = None
    held: tuple[int, datetime] | None = None
    for step in steps:
        # Steps of one delivery share their instant and the contact before it.
        if held != (step.attempt_id, step.received_at):
            contact = (
                held[1] if held is not None and held[0] == step.attempt_id else step.started_at
            )
            held = (step.attempt_id, step.received_at)
        if step.late:
            found.append(
                LateAnswer(step.number, step.position, step.client_at, step.received_at, contact)
            )
    return found
