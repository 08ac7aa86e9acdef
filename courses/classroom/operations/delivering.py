"""Scans that a phone kept without a signal: its key is registered beforehand, its records are
judged when they arrive, by the time that the code itself proves."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from courses.classroom import codes, rules, signed
from courses.classroom.models import CentralSession
from courses.classroom.operations import attendance, seats
from courses.classroom.operations.attendance import NotInTime
from courses.classroom.operations.sessions import locked, secret_of, stretches
from courses.classroom.scan_models import HallKey, KeptScan
from courses.classroom.signed import Record
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.core.rules import rule_on


class ForeignScan(Conflict):
    """Another person's phone signed it."""

    code = "scan-foreign"


class ForgedScan(Invalid):
    """Signature or code are not right."""

    code = "scan-forged"


class LateScan(Conflict):
    """It came later than the rule allows."""

    code = "scan-late"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a kept scan; ``fresh`` is False when it counted before."""

    session_id: int
    at: datetime
    fresh: bool


def register_key(public: bytes, device: str, actor: Actor, now: datetime) -> HallKey:
    """Bind a phone's public key to the person signed in on it."""
    row = HallKey(
        ref=secrets.token_hex(16),
        person_id=actor.person_id,
        device=device,
        public_key=public,
        recorded_at=now,
        recorded_by=actor.person_id,
    )
    session().add(row)
    session().flush()
    return row


def deliver(record: Record, actor: Actor, now: datetime) -> Delivered:
    """Count a scan kept without a signal; the same scan again changes nothing.

    Raises:
        ForeignScan: it is not the actor's own. ForgedScan: signature or code are not right.
        NotInTime: the code was shown outside the hours. LateScan: it comes too late.
        Conflict: the session is not held, is full, or she went without having come.
    """
    key = session().scalar(select(HallKey).where(HallKey.ref == record.key))
    if key is None or not signed.is_genuine(record, key.public_key):
        raise ForgedScan(_("签名不对：这条签到不是这部手机记下的，不能采用。"))
    if key.person_id != actor.person_id:
        raise ForeignScan(_("这条签到是另一个人的，请由本人登录后送出。"))
    row = _session_of(record)
    known = session().scalar(select(KeptScan).where(KeptScan.scan == record.scan))
    if known is not None:
        return _again(known, record)
    at = _proven_moment(row, key, record, now)
    fact_id = _count(row, key, record, at, actor, now)
    _keep(row, key, record, at, fact_id, now)
    return Delivered(row.id, at, True)


def _session_of(record: Record) -> CentralSession:
    found = session().scalar(select(CentralSession.id).where(CentralSession.ref == record.ref))
    if found is None:
        raise ForgedScan(_("没有这场培训，请核对扫的是不是签到码。"))
    row = locked(found)
    if row.status not in {"open", "closed"}:
        raise Conflict(_("这场培训没有开放签到。"))
    return row


def _again(known: KeptScan, record: Record) -> Delivered:
    if (known.kind, known.code) != (record.kind, record.code):
        raise ForgedScan(_("同一条签到记录不能改了再送。"))
    return Delivered(known.session_id, known.code_at, False)


def _proven_moment(row: CentralSession, key: HallKey, record: Record, now: datetime) -> datetime:
    """When the code was on the screen."""
    seconds = attendance.code_seconds(row)
    parts, margins = stretches(row), attendance.margins(row.starts_at)
    steps = rules.steps_in(parts, *margins, seconds)
    step = codes.proven_step(secret_of(row), record.code, steps)
    if step is None:
        raise ForgedScan(_("签到码不对，不是这场培训大屏幕上的。"))
    at = codes.step_began(step, seconds)
    if at > now:
        raise ForgedScan(_("这个签到码还没有出现过，不能采用。"))
    # A key cannot have signed in the hall what was shown before there was the key.
    if key.recorded_at - at > timedelta(seconds=2 * seconds):
        raise ForgedScan(_("这部手机是在那个签到码之后才准备好的，不能采用。"))
    if not rules.checkin_open(parts, at, *margins):
        raise NotInTime(_("这个签到码不在签到时间之内。"))
    hours = int(rule_on(rules.SCANS_RULE, clock.local_date(at)).value["deliver_hours"])
    if now - at > timedelta(hours=hours):
        raise LateScan(_("送到得太晚：离线签到要在 %(n)s 小时内送到，请找老师补记。", n=hours))
    return at


def _count(
    row: CentralSession, key: HallKey, record: Record, at: datetime, actor: Actor, now: datetime
) -> int:
    """The fact that the scan stands for; an earlier one when she was in already."""
    if row.status == "open":
        attendance.ensure_seat(row, key.person_id, actor, now)
    elif not attendance.has_place(row.id, key.person_id):
        _ensure_room(row)
    day = clock.local_date(at)
    marks = attendance.marks_of(row.id, key.person_id)
    before = rules.on_day([m for m in marks if m.at <= at or m.kind == "void"], day)
    is_in = rules.is_in(before)
    if record.kind == "in" and is_in:
        return rules.standing(before)[-1].id
    if record.kind == "out" and not is_in:
        raise Conflict(_("那时还没有签到，不用签退。"))
    step = codes.step_of(at, attendance.code_seconds(row))
    op = f"{row.id}:{key.person_id}:{record.kind}:{step}"
    method = codes.method_of(record.code)
    noted = attendance.append(
        row, key.person_id, record.kind, method, at, op, key.device, actor, now
    )
    return noted.fact_id


def _ensure_room(row: CentralSession) -> None:
    if seats.booked_count(row.id) >= row.capacity:
        raise Conflict(_("名额已满，您不在参训名单上，请找现场老师。"))


def _keep(
    row: CentralSession, key: HallKey, record: Record, at: datetime, fact_id: int, now: datetime
) -> None:
    session().add(
        KeptScan(
            scan=record.scan,
            key_id=key.id,
            session_id=row.id,
            person_id=key.person_id,
            kind=record.kind,
            code=record.code,
            code_at=at,
            phone_at=record.phone_at,
            signature=record.signature,
            fact_id=fact_id,
            recorded_at=now,
            recorded_by=key.person_id,
        )
    )
    session().flush()
