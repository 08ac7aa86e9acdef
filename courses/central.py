"""What crosses the rooms of ``courses``: after an act on a session or an exemption, the flags of
the people concerned are brought up to date in the same unit of work."""

from collections.abc import Collection
from datetime import datetime

from flask_babel import gettext as _

from courses.classroom.attendance_sheet import Line
from courses.classroom.operations import (
    attendance,
    closing,
    delivering,
    reviewing,
    seats,
    sessions,
)
from courses.classroom.queries import people_of
from courses.classroom.signed import Record
from courses.compliance import flags, operations, queries
from lms.core import clock
from lms.core.access import SYSTEM, Actor


def close_session(session_id: int, actor: Actor, now: datetime) -> closing.Closed:
    """Close a session, post the hours, clear the flags."""
    row = sessions.locked(session_id)
    closed = closing.close_session(session_id, actor, now)
    flags.refresh_today(closed.counted, [row.year], now)
    return closed


def recount(session_id: int, reason: str, actor: Actor, now: datetime) -> closing.Closed:
    """Count a closed session again, mend the hours, renew the flags."""
    row = sessions.locked(session_id)
    closed = closing.recount(session_id, reason, actor, now)
    flags.refresh_today(closed.counted, [row.year], now)
    return closed


def correct(
    session_id: int, person_id: int, kind: str, at: datetime, reason: str,
    actor: Actor, now: datetime,
) -> attendance.Noted:  # fmt: skip
    """Note attendance by a teacher; a closed session is counted again at once."""
    noted = attendance.note_by_teacher(session_id, person_id, kind, at, reason, actor, now)
    _settle(session_id, reason, actor, now)
    return noted


def take_back(
    session_id: int, fact_id: int, reason: str, actor: Actor, now: datetime
) -> attendance.Noted:
    """Take a fact back; a closed session is counted again at once."""
    noted = attendance.take_back(session_id, fact_id, reason, actor, now)
    _settle(session_id, reason, actor, now)
    return noted


def note_sheet(
    session_id: int, lines: Collection[Line], reason: str, actor: Actor, now: datetime
) -> int:
    """Note a typed sheet; a closed session is counted again once."""
    fresh = attendance.note_sheet(session_id, lines, reason, actor, now)
    _settle(session_id, reason, actor, now)
    return fresh


def deliver(record: Record, actor: Actor, now: datetime) -> delivering.Delivered:
    """Count a scan that a phone kept; where the session was closed meanwhile, by the rule alone."""
    delivered = delivering.deliver(record, actor, now)
    if delivered.fresh:
        _settle(delivered.session_id, _("没有信号时的签到后来送到"), SYSTEM, now)
    return delivered


def decide_check_in(
    session_id: int, fact_id: int, decision: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Accept or strike a doubtful check-in; a closed session is counted again at once."""
    decided = reviewing.decide(session_id, fact_id, decision, reason, actor, now)
    if decided.decision == "struck":
        _settle(session_id, reason, actor, now)


def book(session_id: int, person_ids: Collection[int], actor: Actor, now: datetime) -> seats.Booked:
    """Book seats in bulk and show it in the flags."""
    row = sessions.locked(session_id)
    booked = seats.book(row, person_ids, actor, now)
    flags.refresh_today([*booked.booked, *booked.waiting], [row.year], now)
    return booked


def invite_by_rule(session_id: int, actor: Actor, now: datetime) -> int:
    """Invite everybody of the session's region who still owes its year; returns how many."""
    row = sessions.locked(session_id)
    return seats.invite(row, queries.still_owing(row.region, row.year), actor, now)


def answer_invitation(session_id: int, comes: bool, actor: Actor, now: datetime) -> str:
    """The actor says whether she comes; her flag follows."""
    row = sessions.locked(session_id)
    got = seats.answer(row, actor.person_id, comes, actor, now)
    flags.refresh_today(people_of(session_id), [row.year], now)
    return got


def cancel_seat(session_id: int, person_id: int, actor: Actor, now: datetime) -> None:
    """Give a seat back; whoever waited first gets it."""
    row = sessions.locked(session_id)
    seats.cancel_seat(row, person_id, actor, now)
    flags.refresh_today(people_of(session_id), [row.year], now)


def change_session(
    session_id: int, revision: int, plan: sessions.SessionPlan, actor: Actor, now: datetime
) -> None:
    """Edit a session; the people with a seat may now stand differently."""
    before = sessions.locked(session_id).year
    row = sessions.edit_session(session_id, revision, plan, actor, now)
    flags.refresh_today(people_of(session_id), [before, row.year], now)


def cancel_session(session_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Cancel a session; its people are no longer scheduled."""
    row = sessions.cancel_session(session_id, reason, actor, now)
    flags.refresh_today(people_of(session_id), [row.year], now)


def propose_exemption(asked: operations.ExemptionRequest, actor: Actor, now: datetime) -> int:
    """Ask for an exemption; the flag says that it waits."""
    row = operations.propose_exemption(asked, actor, now)
    flags.refresh_today([row.person_id], [row.year], now)
    return row.id


def decide_exemption(
    exemption_id: int, step: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Decide on an exemption and renew the flag."""
    operations.decide_exemption(exemption_id, step, reason, actor, now)
    asked = operations.exemption(exemption_id)
    flags.refresh_today([asked.person_id], [asked.year], now)


def current_year(now: datetime) -> int:
    """The calendar year in Shanghai."""
    return clock.local_date(now).year


def _settle(session_id: int, reason: str, actor: Actor, now: datetime) -> None:
    if sessions.locked(session_id).status == "closed":
        recount(session_id, reason, actor, now)
