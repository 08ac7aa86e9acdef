"""The demo province's exams: one to sit now, one being sat, skills and essays to judge, past ones
with real statistics.

Past papers are assembled and marked by the very rules of the product; only the answers are
simulated, from an ability drawn for each person and the difficulty of each question.
"""

import math
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from exams.bank.demo import seed_bank
from exams.bank.models import Bank
from exams.bank.starter_bank import load_starter_questions
from exams.demo_hall import JUDGES, SEATED, add_hall, seed_running
from exams.demo_kinds import seed_practice
from exams.demo_marking import SAT, seed_analysis, seed_essays, seed_stations
from exams.demo_past import PastEvent
from exams.entries.models import ExamEvent
from exams.entries.operations import (
    EventPlan,
    create_event,
    publish_event,
)
from exams.entries.registering import register_candidates
from exams.results.models import Result
from lms.core import clock
from lms.core.access import SYSTEM, Actor, Grant, Role
from lms.core.db import session
from lms.people.api import DemoStaff, DemoWorld

Report = Callable[[int, int], None]
BANK = "caregiver-junior"
PAST_EVENTS = 6
#: So many of the newest past events have an analysis to look at.
ANALYSED = 2
MOST_PAST = 420
ENTERED_NOW = 24


def seed_demo(
    world: DemoWorld, rng: random.Random, now: datetime, report: Report
) -> dict[str, object]:
    """Fill a demo database's exam rooms; returns counts and samples."""
    load_starter_questions(SYSTEM, now)
    own = seed_bank(world, now)
    bank = session().scalars(select(Bank).where(Bank.code == BANK)).one()
    examiner = Actor(world.logins["examiner"], 0, "demo", (Grant(Role.EXAMINER, world.base_id),))
    candidates = _candidates(world)
    people = candidates[:ENTERED_NOW]
    judges = [world.logins[login] for login in JUDGES]
    for plan in _plans_now(world, bank.id, now):
        event = create_event(plan, examiner, now)
        if plan.opens_at > now:
            add_hall(event, _groups(world, judges), examiner, now)
        register_candidates(event, people, examiner, now)
        publish_event(event, examiner, now)
        if plan.part == "skills":
            seed_stations(event, world, people[1:], judges, examiner, now)
    seed_practice(world, bank, people, examiner, now)
    others = candidates[ENTERED_NOW:]
    # A small province keeps some people for its past.
    seated, sat = min(SEATED, len(others) // 3), min(SAT, len(others) // 4)
    seed_running(world, bank, others[:seated], judges, examiner, rng, now)
    seed_essays(world, bank, others[seated : seated + sat], examiner, rng, now)
    busy = {*people, *others[: seated + sat]}
    _past(world, bank, examiner, busy, rng, now, report)
    return {
        "exam_events": 6 + PAST_EVENTS,
        "exam_entries_open": len(people),
        "exam_results": session().scalar(select(func.count(Result.id))) or 0,
        "base_questions": own,
    }


def _groups(world: DemoWorld, judges: list[int]) -> list[tuple[int, int]]:
    """Who watches over which room: two and two."""
    return [
        (world.logins["examiner"], judges[0]),
        (world.logins["marker"], judges[1]),
    ]


def _candidates(world: DemoWorld) -> list[int]:
    """王桂兰 first, then the caregivers below 初级工 of her home and of the homes after it."""
    order = {home.organisation_id: n for n, home in enumerate(world.homes)}
    fits = [s for s in world.staff if s.post == "caregiver" and (s.rung or 0) < 2]
    fits.sort(key=lambda s: order[s.organisation_id])
    first = world.logins["caregiver"]
    return [first, *(s.person_id for s in fits if s.person_id != first)]


def _plans_now(world: DemoWorld, bank_id: int, now: datetime) -> list[EventPlan]:
    today = clock.start_of(clock.local_date(now))
    common: dict[str, Any] = {"rung": 2, "organisation_id": world.base_id}
    theory = EventPlan(
        title=f"{world.year} 年第四期 初级工理论考试",
        part="theory",
        bank_id=bank_id,
        opens_at=today - timedelta(days=1),
        closes_at=today + timedelta(days=15),
        minutes=90,
        attempts=2,
        **common,
    )
    skills = EventPlan(
        title=f"{world.year} 年第四期 初级工技能考核",
        part="skills",
        bank_id=None,
        opens_at=today,
        closes_at=today + timedelta(days=20),
        minutes=60,
        **common,
    )
    later = EventPlan(
        title="初级工理论考试（下一期）",
        part="theory",
        bank_id=bank_id,
        opens_at=today + timedelta(days=40, hours=9),
        closes_at=today + timedelta(days=40, hours=17),
        minutes=90,
        release="by_examiner",
        **common,
    )
    return [theory, skills, later]


def _past(
    world: DemoWorld,
    bank: Bank,
    examiner: Actor,
    busy: set[int],
    rng: random.Random,
    now: datetime,
    report: Report,
) -> None:
    pool: list[DemoStaff] = [
        s
        for s in world.staff
        if s.post == "caregiver" and (s.rung or 0) < 2 and s.person_id not in busy
    ]
    rng.shuffle(pool)
    chosen = pool[: min(MOST_PAST, len(pool) * 3 // 4)]
    # Enough in the newest for figures of single questions.
    newest = len(chosen) * 2 // 5
    share = max(1, math.ceil((len(chosen) - newest) / (PAST_EVENTS - 1)))
    bounds = [0, *(newest + share * number for number in range(PAST_EVENTS))]
    for number in range(PAST_EVENTS):
        some = chosen[bounds[number] : bounds[number + 1]]
        opens = clock.start_of(clock.local_date(now)) - timedelta(days=45 * (number + 1), hours=-9)
        event = _past_event(world, bank.id, examiner, number, opens)
        PastEvent(event, bank.id, examiner, rng).sit([s.person_id for s in some])
        if number < ANALYSED:
            seed_analysis(event, examiner, now)
        report(number + 1, PAST_EVENTS)


def _past_event(
    world: DemoWorld, bank_id: int, examiner: Actor, number: int, opens: datetime
) -> ExamEvent:
    day = clock.local_date(opens)
    plan = EventPlan(
        title=f"{day.year} 年 {day.month} 月 初级工理论考试",
        rung=2,
        part="theory",
        organisation_id=world.base_id,
        bank_id=bank_id,
        opens_at=opens,
        closes_at=opens + timedelta(hours=9),
        minutes=90,
    )
    before = opens - timedelta(days=10)
    event = create_event(plan, examiner, before)
    publish_event(event, examiner, before)
    event.status, event.closed_at = "closed", event.closes_at
    return event
