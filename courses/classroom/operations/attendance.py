"""Coming in and going out: appended facts; a mistake is taken back by another fact."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from courses.classroom import codes, rules
from courses.classroom.attendance_sheet import Line
from courses.classroom.models import AttendanceFact, CentralSession, Seat
from courses.classroom.operations import seats
from courses.classroom.operations.sessions import locked, secret_of, stretches
from courses.classroom.rules import Mark
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.rules import rule_on


class NotInTime(Conflict):
    """Check-in is not open at that moment."""

    code = "check-in-closed"


class CodeExpired(Invalid):
    """The code on the hall's screen has changed."""

    code = "code-expired"


@dataclass(frozen=True, slots=True)
class Noted:
    """A fact as recorded; ``fresh`` is False when it was there already."""

    fact_id: int
    at: datetime
    fresh: bool


def code_seconds(row: CentralSession) -> int:
    """How long a code of the session's screen stands, by the rule of its first day: one number
    for the whole session, so that a code brought later is read as it was shown."""
    return int(rule_on(rules.RULE, clock.local_date(row.starts_at)).value["code_seconds"])


def check_code(row: CentralSession, code: str, at: datetime) -> int:
    """The step of a code shown on the session's screen just now.

    Raises:
        CodeExpired: it is an older one, of another session, or mistyped.
    """
    step = codes.accepted_step(secret_of(row), code, at, code_seconds(row))
    if step is None:
        raise CodeExpired(_("签到码不对或已经更换，请看大屏幕上的新码再试一次。"))
    return step


def scan(
    session_id: int, kind: str, code_step: int, method: str, device: str,
    actor: Actor, now: datetime,
) -> Noted:  # fmt: skip
    """A learner checks herself in or out with the screen's code; one scan counts once.

    Somebody without a place gets one while there is room.

    Raises:
        Conflict: the session is not open or full. NotInTime: outside its hours.
    """
    row = _open_now(session_id, now)
    person_id = actor.person_id
    ensure_seat(row, person_id, actor, now)
    marks = marks_of(row.id, person_id)
    if kind == "in" and rules.is_in(rules.on_day(marks, clock.local_date(now))):
        last = rules.standing(marks)[-1]
        return Noted(last.id, last.at, False)
    if kind == "out" and not rules.is_in(rules.on_day(marks, clock.local_date(now))):
        raise Conflict(_("您今天还没有签到，不用签退。"))
    op = f"{row.id}:{person_id}:{kind}:{code_step}"
    return append(row, person_id, kind, method, now, op, device, actor, now)


def note_by_teacher(
    session_id: int, person_id: int, kind: str, at: datetime, reason: str,
    actor: Actor, now: datetime,
) -> Noted:  # fmt: skip
    """A teacher notes that somebody came or left at ``at``; after closing with a reason.

    Raises:
        NotFound: the person has no place. Conflict: the session is planned or cancelled, or it is
        her own.
        Invalid: ``at`` lies ahead or outside the session; no reason after closing.
    """
    _ensure_not_own([person_id], actor)
    row = locked(session_id)
    _ensure_noting(row, reason)
    if at > now or not rules.checkin_open(stretches(row), at, *margins(now)):
        raise Invalid(_("时间应在上课时段之内，且不能晚于现在。"))
    if row.status == "open" and kind == "in":
        ensure_seat(row, person_id, actor, now)
    elif not has_place(row.id, person_id):
        raise NotFound
    op = f"{row.id}:{person_id}:{kind}:t{int(at.timestamp())}"
    noted = append(row, person_id, kind, "teacher", at, op, "", actor, now, reason)
    if row.status == "closed":
        _audit_correction(row, person_id, reason, actor)
    return noted


def note_sheet(
    session_id: int, lines: Collection[Line], reason: str, actor: Actor, now: datetime
) -> int:
    """Note everything that a sheet says; returns how many of its lines were new.

    Raises:
        Conflict: the session is planned or cancelled, or full, or a line is her own. Invalid: no
        reason after closing.
    """
    _ensure_not_own([line.person_id for line in lines], actor)
    row = locked(session_id)
    _ensure_noting(row, reason)
    fresh = 0
    for line in lines:
        if row.status == "open":
            ensure_seat(row, line.person_id, actor, now)
        op = f"{row.id}:{line.person_id}:{line.kind}:s{int(line.at.timestamp())}"
        noted = append(row, line.person_id, line.kind, "sheet", line.at, op, "", actor, now, reason)
        fresh += noted.fresh
    audit.record(
        actor, "attendance.sheet", "central_session", row.id,
        lines=len(lines), fresh=fresh, reason=reason.strip(),
    )  # fmt: skip
    return fresh


def may_note(row: CentralSession, at: datetime) -> bool:
    """True if somebody may have come or left then."""
    return rules.checkin_open(stretches(row), at, *margins(row.starts_at))


def take_back(session_id: int, fact_id: int, reason: str, actor: Actor, now: datetime) -> Noted:
    """Take a wrong fact back by a new one that says why.

    Raises:
        NotFound: no such fact in this session. Conflict: it is her own. Invalid: no reason.
    """
    row = locked(session_id)
    fact = session().get(AttendanceFact, fact_id)
    if fact is None or fact.session_id != row.id or fact.kind == "void":
        raise NotFound
    _ensure_not_own([fact.person_id], actor)
    if not reason.strip():
        raise Invalid(_("请写明更正的原因。"))
    op = f"{row.id}:{fact.person_id}:void:{fact.id}"
    noted = append(row, fact.person_id, "void", "teacher", now, op, "", actor, now, reason, fact.id)
    _audit_correction(row, fact.person_id, reason, actor)
    return noted


def _ensure_not_own(person_ids: Collection[int], actor: Actor) -> None:
    if actor.person_id in person_ids:
        raise Conflict(_("自己的出勤要请别人登记或更正。"))


def marks_of(session_id: int, person_id: int) -> list[Mark]:
    """One person's facts as plain values."""
    query = select(AttendanceFact).where(
        AttendanceFact.session_id == session_id, AttendanceFact.person_id == person_id
    )
    return [Mark(f.id, f.kind, f.at, f.voids_id) for f in session().scalars(query)]


def _open_now(session_id: int, now: datetime) -> CentralSession:
    row = locked(session_id)
    if row.status != "open":
        raise Conflict(_("这场培训没有开放签到。"))
    before, after = margins(now)
    if not rules.checkin_open(stretches(row), now, before, after):
        raise NotInTime(_("现在不是签到时间。开课前 %(minutes)s 分钟起可以签到。", minutes=before))
    return row


def margins(now: datetime) -> tuple[int, int]:
    """Minutes before a part begins and after it ends in which check-in is open."""
    value = rule_on(rules.RULE, clock.local_date(now)).value
    return value["opens_minutes_before"], value["closes_minutes_after"]


def has_place(session_id: int, person_id: int) -> bool:
    """True if the person has or had a place."""
    query = select(Seat.id).where(Seat.session_id == session_id, Seat.person_id == person_id)
    return session().scalar(query) is not None


def ensure_seat(row: CentralSession, person_id: int, actor: Actor, now: datetime) -> None:
    """Give a free seat to somebody without one. Raises Conflict when there is none."""
    query = select(Seat.status).where(Seat.session_id == row.id, Seat.person_id == person_id)
    if session().scalar(query) == "booked":
        return
    if seats.booked_count(row.id) >= row.capacity:
        raise Conflict(_("名额已满，您不在参训名单上，请找现场老师。"))
    seats.take_place(row, person_id, actor, now)


def _ensure_noting(row: CentralSession, reason: str) -> None:
    if row.status not in {"open", "closed"}:
        raise Conflict(_("这场培训没有开放签到。"))
    if row.status == "closed" and not reason.strip():
        raise Invalid(_("已经结算的培训，补记时请写明原因。"))


def append(
    row: CentralSession, person_id: int, kind: str, method: str, at: datetime, op: str,
    device: str, actor: Actor, now: datetime, reason: str = "", voids_id: int | None = None,
) -> Noted:  # fmt: skip
    """Append a fact; one with the same ``op`` stands already and is returned."""
    known = session().scalar(select(AttendanceFact).where(AttendanceFact.op == op))
    if known is not None:
        return Noted(known.id, known.at, False)
    fact = AttendanceFact(
        op=op,
        session_id=row.id,
        person_id=person_id,
        kind=kind,
        method=method,
        at=at,
        device=device,
        reason=reason.strip()[:200],
        voids_id=voids_id,
        recorded_at=now,
        recorded_by=actor.person_id,
    )
    session().add(fact)
    session().flush()
    return Noted(fact.id, fact.at, True)


def _audit_correction(row: CentralSession, person_id: int, reason: str, actor: Actor) -> None:
    audit.record(
        actor, "attendance.correct", "central_session", row.id,
        person=person_id, reason=reason.strip(),
    )  # fmt: skip
