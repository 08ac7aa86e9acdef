"""Planning a session and moving it through its states; callers commit."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from courses.classroom import rules
from courses.classroom.models import (
    CentralSession,
    SessionPart,
    SessionStatement,
    SessionTeacher,
)
from courses.classroom.operations import clashes, seats
from courses.classroom.rules import Stretch
from lms.core import audit, clock
from lms.core.access import Actor, Role
from lms.core.db import session
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.rules import rule_on
from lms.core.vault import vault
from lms.people.api import person_cards, role_holders

MOST_SEATS = 2000
MOST_DAYS = 31
#: Who may be named as a teacher of a base's session.
TEACHING = (Role.TEACHER, Role.AUTHOR)


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """What an organiser decides."""

    title: str
    topic: str
    region: str
    year: int
    venue: str
    capacity: int
    parts: tuple[Stretch, ...]
    teachers: tuple[int, ...] = ()


def plan_session(
    organiser_id: int, plan: SessionPlan, actor: Actor, now: datetime
) -> CentralSession:
    """Record a planned session of a base. Raises Invalid when the plan cannot be held."""
    tenths = _checked_tenths(plan)
    _ensure_venue(organiser_id, plan, None)
    _ensure_teachers(organiser_id, plan, None, now)
    ref = secrets.token_hex(8)  # short: it is part of the QR code read from the last row
    row = CentralSession(
        ref=ref,
        organiser_id=organiser_id,
        secret_sealed=vault().seal(secrets.token_bytes(32), _place(ref)),
        status="planned",
        revision=0,
        created_at=now,
        created_by=actor.person_id,
    )
    _take(row, plan, tenths)
    session().add(row)
    session().flush()
    state(row, "planned", actor, now)
    audit.record(actor, "session.plan", "central_session", row.id)
    return row


def edit_session(
    session_id: int, revision: int, plan: SessionPlan, actor: Actor, now: datetime
) -> CentralSession:
    """Change a session that is not closed or cancelled.

    Raises:
        Conflict: somebody else changed it since the form was drawn, or it is over.
        Invalid: the plan cannot be held, or has fewer seats than are booked.
    """
    row = locked(session_id)
    if row.revision != revision or row.status not in {"planned", "open"}:
        raise Conflict
    tenths = _checked_tenths(plan)
    _ensure_venue(row.organiser_id, plan, row.id)
    _ensure_teachers(row.organiser_id, plan, row, now)
    if plan.capacity < seats.booked_count(row.id):
        raise Invalid(_("名额不能少于已经预订的人数。"))
    _take(row, plan, tenths)
    session().flush()
    state(row, row.status, actor, now)
    seats.promote(row, actor, now)
    audit.record(actor, "session.edit", "central_session", row.id, revision=row.revision)
    return row


def open_session(session_id: int, actor: Actor, now: datetime) -> CentralSession:
    """Open a planned session for bookings and check-in; does nothing when it is open."""
    row = locked(session_id)
    if row.status == "open":
        return row
    if row.status != "planned":
        raise Conflict(_("这场培训已经结束或取消，不能再开放。"))
    state(row, "open", actor, now)
    audit.record(actor, "session.open", "central_session", row.id)
    return row


def cancel_session(session_id: int, reason: str, actor: Actor, now: datetime) -> CentralSession:
    """Cancel a session that is not closed; everybody loses the seat and is told."""
    row = locked(session_id)
    if row.status == "cancelled":
        return row
    if row.status == "closed":
        raise Conflict(_("这场培训已经结算，不能取消。"))
    if not reason.strip():
        raise Invalid(_("请写明取消的原因。"))
    state(row, "cancelled", actor, now)
    seats.tell_cancelled(row, now)
    audit.record(actor, "session.cancel", "central_session", row.id, reason=reason.strip())
    return row


def locked(session_id: int) -> CentralSession:
    """The session's row, held against other writers until the unit of work ends."""
    row = session().scalar(
        select(CentralSession)
        .where(CentralSession.id == session_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


def state(row: CentralSession, status: str, actor: Actor, now: datetime) -> None:
    """Move a session to ``status`` and append what is announced from now on."""
    row.status = status
    row.revision += 1
    session().flush()
    session().add(
        SessionStatement(
            session_id=row.id,
            revision=row.revision,
            status=status,
            year=row.year,
            starts_on=clock.local_date(row.starts_at),
            ends_on=clock.local_date(row.ends_at),
            tenths=row.tenths,
            recorded_at=now,
            recorded_by=actor.person_id,
        )
    )
    session().flush()


def secret_of(row: CentralSession) -> bytes:
    """The key of the session's check-in codes."""
    return vault().open(row.secret_sealed, _place(row.ref))


def stretches(row: CentralSession) -> list[Stretch]:
    """The session's parts as plain values."""
    return [Stretch(part.starts_at, part.ends_at) for part in row.parts]


def _place(ref: str) -> str:
    return f"central_session.secret:{ref}"


def _take(row: CentralSession, plan: SessionPlan, tenths: int) -> None:
    row.title, row.topic = plan.title.strip(), plan.topic.strip()
    row.region, row.year, row.venue = plan.region, plan.year, plan.venue.strip()
    row.capacity, row.tenths = plan.capacity, tenths
    row.starts_at = min(part.starts_at for part in plan.parts)
    row.ends_at = max(part.ends_at for part in plan.parts)
    if [(p.starts_at, p.ends_at) for p in row.parts] != [
        (p.starts_at, p.ends_at) for p in plan.parts
    ]:
        row.parts = [SessionPart(starts_at=p.starts_at, ends_at=p.ends_at) for p in plan.parts]
    kept = {teacher.person_id: teacher for teacher in row.teachers}
    row.teachers = [
        kept.get(p) or SessionTeacher(person_id=p) for p in dict.fromkeys(plan.teachers)
    ]


def _ensure_venue(organiser_id: int, plan: SessionPlan, besides: int | None) -> None:
    other = clashes.at_the_same_venue(organiser_id, plan.venue.strip(), plan.parts, besides)
    if other is not None:
        raise Invalid(
            _("“%(title)s”同一时间也用这个地点。请换时间或地点，或写清是哪间教室。",
              title=other.title)
        )  # fmt: skip


def _ensure_teachers(
    organiser_id: int, plan: SessionPlan, row: CentralSession | None, now: datetime
) -> None:
    """Teachers hold a role at the base (or taught the session before) and are free."""
    allowed = set(role_holders(organiser_id, TEACHING, clock.local_date(now)))
    known = {teacher.person_id for teacher in row.teachers} if row else set()
    if not set(plan.teachers) <= allowed | known:
        raise Invalid(_("授课教师应是主办基地的教师。"))
    busy = clashes.teaching_elsewhere(plan.teachers, plan.parts, row.id if row else None)
    if busy:
        names = _("、").join(card.name for card in person_cards(busy).values())
        raise Invalid(_("%(names)s 同一时间在别的培训授课。", names=names))


def _checked_tenths(plan: SessionPlan) -> int:
    if not plan.title.strip() or not plan.venue.strip():
        raise Invalid(_("请填写培训名称和地点。"))
    if not 1 <= plan.capacity <= MOST_SEATS:
        raise Invalid(_("名额应在 1 到 %(most)s 之间。", most=MOST_SEATS))
    if not plan.parts:
        raise Invalid(_("请至少填写一个上课时段。"))
    if any(part.ends_at <= part.starts_at for part in plan.parts):
        raise Invalid(_("每个时段的结束时间应晚于开始时间。"))
    if rules.overlapping(plan.parts):
        raise Invalid(_("上课时段互相重叠，请核对。"))
    first = min(part.starts_at for part in plan.parts)
    last = max(part.ends_at for part in plan.parts)
    if (last - first).days > MOST_DAYS:
        raise Invalid(_("一场培训的时段应在一个月之内。"))
    rule = rule_on(rules.RULE, clock.local_date(first))
    minutes = sum(part.minutes for part in plan.parts)
    tenths = rules.class_tenths(minutes, rule.value["minutes_per_hour"])
    if tenths <= 0:
        raise Invalid(_("上课时间太短，不足以计算学时。"))
    return tenths
