"""Writes about candidates: enter, withdraw, give more time; callers commit."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from exams.bank.models import Bank
from exams.bank.policy import OPEN_KEYS
from exams.entries import errors
from exams.entries.chains import chain_of
from exams.entries.eligibility import decide_all
from exams.entries.holding import hold
from exams.entries.make_ups import refused_for_make_up
from exams.entries.models import Entry, ExamEvent, Part
from exams.entries.operations import invite, note_practice_keys
from exams.entries.places import has_rooms, seat_waiting, watchers_among
from exams.entries.policy import INVIGILATE, MANAGE
from exams.entries.rules import Decision
from exams.papers.allotting import allot
from exams.sittings.models import Attempt, SittingEvent
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Invalid

TICKET_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of a list of people."""

    entered: tuple[int, ...]
    already: tuple[int, ...]
    refused: dict[int, Decision]


def register_candidates(
    event: ExamEvent,
    person_ids: Collection[int],
    actor: Actor,
    now: datetime,
    waiver: str = "",
) -> Registered:
    """Enter people who are eligible; with a typed ``waiver`` the others too, so noted.

    Raises:
        EntryClosed: the event is over.
    """
    MANAGE.ensure(actor, event)
    if event.status == "closed" or now >= event.closes_at:
        raise errors.EntryClosed
    known = {
        entry.person_id: entry
        for entry in session().scalars(select(Entry).where(Entry.event_id == event.id))
    }
    new = [pid for pid in dict.fromkeys(person_ids) if pid not in known]
    returning = [known[pid] for pid in person_ids if pid in known and known[pid].withdrawn_at]
    decisions, stamp = decide_all(new, event.rung, clock.local_date(now))
    # Nobody waives a condition for herself.
    waived = set(decisions) - {actor.person_id} if waiver.strip() else set()
    refused = {p: d for p, d in decisions.items() if not d.eligible and p not in waived}
    asked = [*new, *(entry.person_id for entry in returning)]
    refused |= _barred(event, asked, actor)
    returning = [entry for entry in returning if entry.person_id not in refused]
    for entry in returning:
        entry.withdrawn_at = None
    entered = [pid for pid in decisions if pid not in refused]
    for person_id in entered:
        decision = decisions[person_id].as_json()
        if not decisions[person_id].eligible:
            decision["waiver"] = waiver.strip()
        _enter(event, person_id, decision, stamp, actor, now)
    session().flush()
    if event.part == Part.THEORY:
        allot(event, actor, now)
    if has_rooms(event.id):
        seat_waiting(event, actor)
    note_practice_keys(event, len(entered) + len(returning), actor)
    audit.record(
        actor, "exams.entry.register", "exam_event", event.id,
        entered=len(entered), refused=len(refused), waiver=waiver.strip(),
    )  # fmt: skip
    back = {entry.person_id for entry in returning}
    already = tuple(pid for pid in known if pid in set(person_ids) - back)
    return Registered((*entered, *back), already, refused)


def _barred(event: ExamEvent, person_ids: list[int], actor: Actor) -> dict[int, Decision]:
    """Those whom no waiver lets in: who watches over this exam, who has no claim to a make-up,
    and whoever would enter herself to read keys that she may not open."""
    why = dict.fromkeys(watchers_among(event.id, person_ids), _("是这场考试的监考员"))
    if event.make_up_of is not None:
        why |= refused_for_make_up(event, chain_of(event), person_ids)
    if event.practice and actor.person_id in person_ids and not _may_open(event, actor):
        why[actor.person_id] = _("无权看这个题库的答案，不能给自己报名练习")
    return {person_id: Decision(False, "", (text,)) for person_id, text in why.items()}


def _may_open(event: ExamEvent, actor: Actor) -> bool:
    bank = session().get(Bank, event.bank_id)
    return bank is None or OPEN_KEYS.may(actor, bank)


def _enter(
    event: ExamEvent, person_id: int, decision: dict[str, object], stamp: str, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    session().add(
        Entry(
            event_id=event.id,
            person_id=person_id,
            ticket=new_ticket(event),
            decision=decision,
            rule_stamp=stamp,
            registered_by=actor.person_id,
            registered_at=now,
        )
    )
    if event.status == "published":
        invite(event, person_id)


def new_ticket(event: ExamEvent) -> str:
    """An admission ticket number: the day it opens, the event, eight random characters."""
    random = "".join(secrets.choice(TICKET_ALPHABET) for _n in range(8))
    return f"{clock.local_date(event.opens_at):%y%m%d}{event.id:04d}{random}"


def withdraw(entry: Entry, actor: Actor, now: datetime) -> None:
    """Take a candidate off the list. Raises Invalid once she has started."""
    INVIGILATE.ensure(actor, entry)
    # The same row that a start holds: either she has begun, or she is off the list.
    hold(entry)
    if session().scalar(select(Attempt.id).where(Attempt.entry_id == entry.id).limit(1)):
        raise Invalid(_("考生已经开考，不能取消报名。"))
    entry.withdrawn_at, entry.admitted_at = now, None
    entry.room_id = entry.seat = None
    session().flush()
    audit.record(actor, "exams.entry.withdraw", "exam_entry", entry.id)


def extend(entry: Entry, minutes: int, reason: str, actor: Actor, now: datetime) -> None:
    """Give a candidate more minutes, before or during her sitting, with a reason.

    Raises:
        Invalid: no reason, or minutes out of range.
    """
    INVIGILATE.ensure(actor, entry)
    if not reason.strip():
        raise Invalid(_("请写明延长时间的原因。"))
    hold(entry)
    if minutes < 1 or entry.extra_minutes + minutes > 240:
        raise Invalid(_("延长的分钟数应在 1 到 240 之间。"))
    entry.extra_minutes += minutes
    query = select(Attempt).where(Attempt.entry_id == entry.id, Attempt.state == "open")
    attempt = session().scalar(query.with_for_update())
    if attempt is not None:
        attempt.deadline += timedelta(minutes=minutes)
        session().add(
            SittingEvent(
                attempt_id=attempt.id,
                kind="extended",
                at=now,
                by=actor.person_id,
                details={"minutes": minutes, "reason": reason.strip()},
            )
        )
    session().flush()
    audit.record(
        actor, "exams.entry.extend", "exam_entry", entry.id, minutes=minutes, reason=reason.strip()
    )
