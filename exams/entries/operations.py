"""Writes about events and entries; callers commit."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import Select, select

from exams.bank.queries import approved_pool
from exams.entries import errors
from exams.entries.eligibility import decide_all
from exams.entries.models import Entry, ExamEvent, Part
from exams.entries.policy import INVIGILATE, MANAGE
from exams.entries.rules import Decision
from exams.papers.queries import plan_for
from exams.papers.rules import Blueprint, Shortfall, parse, shortfalls
from exams.sittings.models import Attempt, SittingEvent
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Invalid
from lms.core.notify import tell
from lms.core.rules import rule_on

TICKET_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class EventPlan:
    """What an examiner decides about an event."""

    title: str
    rung: int
    part: str
    organisation_id: int
    bank_id: int | None
    opens_at: datetime
    closes_at: datetime
    minutes: int
    attempts: int = 1
    make_up_of: int | None = None
    release: str = "at_once"
    feedback: str = "explained"
    per_candidate: bool = True
    shuffle_options: bool = True
    issues_certificate: bool = True


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of a list of people."""

    entered: tuple[int, ...]
    already: tuple[int, ...]
    refused: dict[int, Decision]


def create_event(plan: EventPlan, actor: Actor, now: datetime) -> ExamEvent:
    """Begin a draft. Raises Invalid for times or a part that cannot be."""
    _check(plan)
    grace = int(rule_on("exams.sitting", clock.local_date(now)).value["grace_seconds"])
    event = ExamEvent(
        **{name: getattr(plan, name) for name in EventPlan.__slots__},
        grace_seconds=grace,
        created_by=actor.person_id,
        created_at=now,
    )
    MANAGE.ensure(actor, event)
    session().add(event)
    session().flush()
    audit.record(actor, "exams.event.create", "exam_event", event.id)
    return event


def change_event(event: ExamEvent, plan: EventPlan, actor: Actor, now: datetime) -> None:
    """Change a draft. Raises EventNotDraft once it is published."""
    if event.status != "draft":
        raise errors.EventNotDraft
    _check(plan)
    for name in EventPlan.__slots__:
        setattr(event, name, getattr(plan, name))
    MANAGE.ensure(actor, event)
    session().flush()
    audit.record(actor, "exams.event.change", "exam_event", event.id)


def _check(plan: EventPlan) -> None:
    if plan.closes_at <= plan.opens_at:
        raise Invalid(_("结束时间要晚于开始时间。"))
    if plan.closes_at - plan.opens_at < timedelta(minutes=plan.minutes):
        raise Invalid(_("开放时间比考试时长还短，请放宽结束时间。"))
    if plan.part == Part.THEORY and plan.bank_id is None:
        raise Invalid(_("理论考试要选一个题库。"))
    if plan.part == Part.REVIEW:
        raise Invalid(_("综合评审不在这里安排。"))


def blueprint_for(event: ExamEvent, now: datetime) -> tuple[Blueprint, str]:
    """The blueprint in force for a theory event, and its stamp. Raises NoPlan."""
    rule = plan_for(event.rung, Part.THEORY, clock.local_date(now))
    if rule is None:
        raise errors.NoPlan
    return parse(rule.value), rule.stamp


def feasibility(event: ExamEvent, now: datetime) -> list[Shortfall]:
    """What the bank lacks for this event: every attempt and make-up needs questions of its own."""
    blueprint, _stamp = blueprint_for(event, now)
    papers = event.attempts + sum(earlier.attempts for earlier in chain_of(event))
    return shortfalls(approved_pool(event.bank_id or 0, event.rung), blueprint, papers)


def chain_of(event: ExamEvent) -> list[ExamEvent]:
    """The events this one is a make-up of, nearest first."""
    chain: list[ExamEvent] = []
    parent = event.make_up_of
    while parent is not None and parent not in {e.id for e in chain} and len(chain) < 10:
        chain.append(session().get_one(ExamEvent, parent))
        parent = chain[-1].make_up_of
    return chain


def describe(missing: list[Shortfall]) -> str:
    """A shortage in words."""
    kinds = {"single": _("单选题"), "multiple": _("多选题"), "judge": _("判断题")}
    levels = {"easy": _("容易的"), "medium": _("中等的"), "hard": _("困难的")}
    return " ".join(
        _(
            "需要 %(needed)s 道%(level)s%(module)s%(kind)s，题库只有 %(available)s 道。",
            needed=s.needed,
            level=levels.get(s.difficulty or "", ""),
            module=s.module,
            kind=kinds.get(s.kind, s.kind),
            available=s.available,
        )
        for s in missing
    )


def publish_event(event: ExamEvent, actor: Actor, now: datetime) -> None:
    """Open an event to its candidates, pinning the plan in force.

    Raises:
        EventNotDraft, NoPlan; BankTooSmall: the bank cannot fill the papers.
    """
    MANAGE.ensure(actor, event)
    if event.status != "draft":
        raise errors.EventNotDraft
    if event.part == Part.THEORY:
        _blueprint, event.blueprint = blueprint_for(event, now)
        if missing := feasibility(event, now):
            raise errors.BankTooSmall(describe(missing))
    else:
        rule = plan_for(event.rung, event.part, clock.local_date(now))
        if rule is None:
            raise errors.NoPlan
        event.blueprint = rule.stamp
    event.status, event.published_by, event.published_at = "published", actor.person_id, now
    session().flush()
    audit.record(actor, "exams.event.publish", "exam_event", event.id, plan=event.blueprint)
    for person_id in session().scalars(_entered(event)):
        _invite(event, person_id)


def close_event(event: ExamEvent, actor: Actor, now: datetime) -> None:
    """End an event early; sittings under way keep their time."""
    MANAGE.ensure(actor, event)
    if event.status != "published":
        raise errors.EventNotOpen
    event.status, event.closed_at = "closed", now
    session().flush()
    audit.record(actor, "exams.event.close", "exam_event", event.id)


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
    refused = {} if waiver.strip() else {p: d for p, d in decisions.items() if not d.eligible}
    for entry in returning:
        entry.withdrawn_at = None
    entered = [pid for pid in decisions if pid not in refused]
    for person_id in entered:
        decision = decisions[person_id].as_json()
        if not decisions[person_id].eligible:
            decision["waiver"] = waiver.strip()
        _enter(event, person_id, decision, stamp, actor, now)
    session().flush()
    audit.record(
        actor, "exams.entry.register", "exam_event", event.id,
        entered=len(entered), refused=len(refused), waiver=waiver.strip(),
    )  # fmt: skip
    back = {entry.person_id for entry in returning}
    already = tuple(pid for pid in known if pid in set(person_ids) - back)
    return Registered((*entered, *back), already, refused)


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
        _invite(event, person_id)


def new_ticket(event: ExamEvent) -> str:
    """An admission ticket number: the day it opens, the event, eight random characters."""
    random = "".join(secrets.choice(TICKET_ALPHABET) for _n in range(8))
    return f"{clock.local_date(event.opens_at):%y%m%d}{event.id:04d}{random}"


def _invite(event: ExamEvent, person_id: int) -> None:
    key = f"exams:event:{event.id}:{person_id}"
    tell(person_id, "exams.entered", key, "/exams", title=event.title)


def withdraw(entry: Entry, actor: Actor, now: datetime) -> None:
    """Take a candidate off the list. Raises Invalid once she has started."""
    INVIGILATE.ensure(actor, entry.event)
    if session().scalar(select(Attempt.id).where(Attempt.entry_id == entry.id).limit(1)):
        raise Invalid(_("考生已经开考，不能取消报名。"))
    entry.withdrawn_at = now
    session().flush()
    audit.record(actor, "exams.entry.withdraw", "exam_entry", entry.id)


def extend(entry: Entry, minutes: int, reason: str, actor: Actor, now: datetime) -> None:
    """Give a candidate more minutes, before or during her sitting, with a reason.

    Raises:
        Invalid: no reason, or minutes out of range.
    """
    INVIGILATE.ensure(actor, entry.event)
    if not reason.strip():
        raise Invalid(_("请写明延长时间的原因。"))
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


def _entered(event: ExamEvent) -> Select[tuple[int]]:
    return select(Entry.person_id).where(Entry.event_id == event.id, Entry.withdrawn_at.is_(None))
