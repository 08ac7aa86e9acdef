"""Writes about events: plan, publish, close; callers commit."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select

from exams.entries import errors
from exams.entries.models import Entry, ExamEvent, Part, Release
from exams.entries.policy import MANAGE
from exams.entries.readiness import gaps, refuses
from exams.papers.allotting import allot
from exams.papers.errors import NoPlan
from exams.papers.models import BlueprintVersion
from exams.papers.preparing import Trial, prepare
from exams.papers.queries import plan_for
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Invalid
from lms.core.notify import tell
from lms.core.rules import rule_on


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
    paper_mode: str = "own"
    forms: int = 2
    blueprint_id: int | None = None
    exposure_percent: int = 0
    tolerance_tenths: int | None = None
    multiple_rule: str = ""
    shuffle_options: bool = True
    issues_certificate: bool = True
    practice: bool = False
    admission: str = "open"
    switch_mode: str = "off"
    markers: int = 1
    spread_tenths: int | None = None
    results_at: datetime | None = None

    def settled(self) -> "EventPlan":
        """The plan with what follows from it: a practice shows everything at once, lets anybody
        entered begin, and leads to no certificate."""
        if not self.practice:
            return replace(self, results_at=self.results_at if self.release == "at_time" else None)
        return replace(
            self,
            release="at_once",
            feedback="explained",
            admission="open",
            switch_mode="off",
            results_at=None,
            make_up_of=None,
            issues_certificate=False,
        )


def create_event(plan: EventPlan, actor: Actor, now: datetime) -> ExamEvent:
    """Begin a draft. Raises Invalid for times or a part that cannot be."""
    plan = plan.settled()
    _check(plan)
    rule = rule_on("exams.sitting", clock.local_date(now)).value
    event = ExamEvent(
        **_values(plan, now),
        grace_seconds=int(rule["grace_seconds"]),
        switch_limit=int(rule["switch_limit"]),
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
    plan = plan.settled()
    _check(plan)
    for name, value in _values(plan, now).items():
        setattr(event, name, value)
    MANAGE.ensure(actor, event)
    session().flush()
    audit.record(actor, "exams.event.change", "exam_event", event.id)


def _values(plan: EventPlan, now: datetime) -> dict[str, Any]:
    """A plan as columns; an open tolerance is the rule's."""
    values = {name: getattr(plan, name) for name in EventPlan.__slots__}
    if plan.tolerance_tenths is None:
        rule = rule_on("exams.papers", clock.local_date(now))
        values["tolerance_tenths"] = int(rule.value["tolerance_tenths"])
    return values


def _check(plan: EventPlan) -> None:
    if plan.closes_at <= plan.opens_at:
        raise Invalid(_("结束时间要晚于开始时间。"))
    if plan.closes_at - plan.opens_at < timedelta(minutes=plan.minutes):
        raise Invalid(_("开放时间比考试时长还短，请放宽结束时间。"))
    if plan.part == Part.THEORY and plan.bank_id is None:
        raise Invalid(_("理论考试要选一个题库。"))
    if plan.practice and plan.part != Part.THEORY:
        raise Invalid(_("练习只有理论题。"))
    if plan.release == Release.AT_TIME and plan.results_at is None:
        raise Invalid(_("请填写公布成绩的时间。"))
    if plan.results_at is not None and plan.results_at < plan.closes_at:
        raise Invalid(_("公布成绩的时间不能早于考试结束时间。"))
    _check_make_up(plan)
    _check_blueprint(plan)


def _check_blueprint(plan: EventPlan) -> None:
    if plan.blueprint_id is None:
        return
    own = session().get(BlueprintVersion, plan.blueprint_id)
    if own is None or own.organisation_id != plan.organisation_id or own.rung != plan.rung:
        raise Invalid(_("组卷方案要是同一单位、同一等级的。"))


def _check_make_up(plan: EventPlan) -> None:
    if plan.make_up_of is None:
        return
    earlier = session().get_one(ExamEvent, plan.make_up_of)
    if (earlier.rung, earlier.part) != (plan.rung, plan.part) or earlier.practice:
        raise Invalid(_("补考要和原来的考试同一等级、同一内容。"))
    if plan.opens_at < earlier.closes_at:
        raise Invalid(_("补考要在原来的考试结束以后开始。"))


def publish_event(
    event: ExamEvent, actor: Actor, now: datetime, tried: Trial | None = None, reason: str = ""
) -> None:
    """Open an event to its candidates, pinning the plan in force, and make their papers. Papers
    that were ``tried`` before need not be tried again; ``reason`` is why questions may be used
    more than the exposure limit.

    Raises:
        EventNotDraft, NoPlan; BankTooSmall, NotBalanced, FixedPaperFault, TooExposed: there are no
        such papers.
        TooFewInvigilators: the rule forbids it while rooms lack people or seats.
    """
    MANAGE.ensure(actor, event)
    if event.status != "draft":
        raise errors.EventNotDraft
    if (lacking := gaps(event, now)) and refuses(now):
        raise errors.TooFewInvigilators(" ".join(lacking))
    if event.part == Part.THEORY:
        prepare(event, actor, now, tried, reason)
    else:
        rule = plan_for(event.rung, event.part, clock.local_date(now))
        if rule is None:
            raise NoPlan
        event.blueprint = rule.stamp
    event.status, event.published_by, event.published_at = "published", actor.person_id, now
    session().flush()
    audit.record(actor, "exams.event.publish", "exam_event", event.id, plan=event.blueprint)
    if event.part == Part.THEORY:
        allot(event, actor, now)
    people = list(session().scalars(_entered(event)))
    note_practice_keys(event, len(people), actor)
    for person_id in people:
        invite(event, person_id)


def close_event(event: ExamEvent, actor: Actor, now: datetime) -> None:
    """End an event early; sittings under way keep their time."""
    MANAGE.ensure(actor, event)
    if event.status != "published":
        raise errors.EventNotOpen
    event.status, event.closed_at = "closed", now
    session().flush()
    audit.record(actor, "exams.event.close", "exam_event", event.id)


def note_practice_keys(event: ExamEvent, entered: int, actor: Actor) -> None:
    """Put on record that a practice opens keys of its bank to everybody entered."""
    if event.practice and event.status == "published":
        audit.record(
            actor, "question.key.open", "bank", event.bank_id,
            purpose="practice", event=event.id, entered=entered,
        )  # fmt: skip


def invite(event: ExamEvent, person_id: int) -> None:
    """Tell a person that she is entered; once."""
    key = f"exams:event:{event.id}:{person_id}"
    tell(person_id, "exams.entered", key, "/exams", title=event.title)


def _entered(event: ExamEvent) -> Select[tuple[int]]:
    return select(Entry.person_id).where(Entry.event_id == event.id, Entry.withdrawn_at.is_(None))
