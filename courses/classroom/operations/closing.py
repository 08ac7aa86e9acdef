"""Closing a session: attendance becomes outcomes, outcomes become hours; counted again after
a correction, by new outcomes and reversed entries."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from courses.classroom import rules
from courses.classroom.models import AttendanceFact, CentralSession, Seat, SessionOutcome
from courses.classroom.operations.sessions import locked, state, stretches
from courses.classroom.rules import Counting, Mark, Result
from courses.credits import operations as ledger
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.core.rules import rule_on

CATEGORY = "professional"


@dataclass(frozen=True, slots=True)
class Closed:
    """Who was counted: everybody with a place, and those of them who attended."""

    counted: tuple[int, ...]
    attended: tuple[int, ...]


def close_session(session_id: int, actor: Actor, now: datetime) -> Closed:
    """Close a session and post its hours; closing again changes nothing.

    Whoever came in and did not check out is taken to have stayed to the end of the day, or to the
    closing where that comes first: the teacher who closes vouches for it. What was not taught
    any more by then earns nobody an hour.

    Raises:
        Conflict: the session is not open, its last part has not begun, or it has not ended and
            the rule asks for that.
    """
    row = locked(session_id)
    if row.status == "closed":
        return _standing(row.id)
    if row.status != "open":
        raise Conflict(_("这场培训没有开放，不能结算。"))
    if now < max(part.starts_at for part in row.parts):
        raise Conflict(_("最后一个时段还没有开始，现在不能结算。"))
    if now < row.ends_at and not may_close_early(row):
        raise Conflict(_("培训还没有结束，现在不能结算。"))
    row.closed_at = now
    state(row, "closed", actor, now)
    closed = _count(row, actor, now)
    audit.record(
        actor, "session.close", "central_session", row.id,
        counted=len(closed.counted), attended=len(closed.attended),
    )  # fmt: skip
    return closed


def may_close_early(row: CentralSession) -> bool:
    """True if the rule lets a session be closed before its end, counted to that moment."""
    value = rule_on(rules.SCANS_RULE, clock.local_date(row.starts_at)).value
    return bool(value["early_close"] == "cut")


def recount(session_id: int, reason: str, actor: Actor, now: datetime) -> Closed:
    """Count a closed session again after its attendance was corrected.

    Raises:
        Conflict: the session is not closed. Invalid: no reason.
    """
    row = locked(session_id)
    if row.status != "closed":
        raise Conflict(_("这场培训还没有结算。"))
    if not reason.strip():
        raise Invalid(_("请写明重新结算的原因。"))
    closed = _count(row, actor, now, reason.strip())
    audit.record(actor, "session.recount", "central_session", row.id, reason=reason.strip())
    return closed


def _count(row: CentralSession, actor: Actor, now: datetime, reason: str = "") -> Closed:
    stamp, results = _results(row)
    before = _newest(row.id)
    for person_id, result in sorted(results.items()):
        old = before.get(person_id)
        if old is not None and (old.attended, old.tenths, old.minutes) == (
            result.attended, result.tenths, result.minutes,
        ):  # fmt: skip
            continue
        number = old.round + 1 if old else 1
        session().add(_outcome(row, person_id, number, result, stamp, actor, now))
        if old is not None and old.tenths:
            _take_back(row, person_id, old.round, reason, actor, now)
        if result.tenths:
            _post(row, person_id, number, result, actor, now)
    session().flush()
    attended = tuple(sorted(p for p, result in results.items() if result.attended))
    return Closed(tuple(sorted(results)), attended)


def _results(row: CentralSession) -> tuple[str, dict[int, Result]]:
    """The rule used, and what attendance comes to for all who have a seat or were seen."""
    rule = rule_on(rules.RULE, clock.local_date(row.starts_at))
    counting = Counting.read(rule.stamp, rule.value)
    parts = stretches(row)
    if row.closed_at is not None:
        parts = rules.taught(parts, row.closed_at)
    marks: defaultdict[int, list[Mark]] = defaultdict(list)
    for fact in session().scalars(
        select(AttendanceFact).where(AttendanceFact.session_id == row.id)
    ):
        marks[fact.person_id].append(Mark(fact.id, fact.kind, fact.at, fact.voids_id))
    seated = session().scalars(
        select(Seat.person_id).where(Seat.session_id == row.id, Seat.status == "booked")
    )
    found = {p: rules.count(marks[p], parts, counting) for p in {*seated, *marks}}
    return rule.stamp, found


def _outcome(
    row: CentralSession, person_id: int, number: int, result: Result, stamp: str,
    actor: Actor, now: datetime,
) -> SessionOutcome:  # fmt: skip
    return SessionOutcome(
        session_id=row.id,
        person_id=person_id,
        round=number,
        year=row.year,
        held_on=clock.local_date(row.ends_at),
        minutes=result.minutes,
        tenths=result.tenths,
        attended=result.attended,
        rule=stamp,
        recorded_at=now,
        recorded_by=actor.person_id,
    )


def _post(
    row: CentralSession, person_id: int, number: int, result: Result, actor: Actor, now: datetime
) -> None:
    ledger.post_hours(
        person_id, CATEGORY, result.tenths, row.year, _key(row.id, person_id, number), actor, now,
        source=row.title,
    )  # fmt: skip


def _take_back(
    row: CentralSession, person_id: int, number: int, reason: str, actor: Actor, now: datetime
) -> None:
    entry = ledger.entry_of(_key(row.id, person_id, number))
    if entry is not None:
        ledger.reverse(entry.id, reason, actor, now)


def _key(session_id: int, person_id: int, number: int) -> str:
    first = f"central:{session_id}:{person_id}"
    return first if number == 1 else f"{first}:{number}"


def _newest(session_id: int) -> dict[int, SessionOutcome]:
    query = (
        select(SessionOutcome)
        .where(SessionOutcome.session_id == session_id)
        .order_by(SessionOutcome.round)
    )
    return {outcome.person_id: outcome for outcome in session().scalars(query)}


def _standing(session_id: int) -> Closed:
    newest: Collection[SessionOutcome] = _newest(session_id).values()
    return Closed(
        tuple(sorted(o.person_id for o in newest)),
        tuple(sorted(o.person_id for o in newest if o.attended)),
    )
