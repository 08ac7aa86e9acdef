"""A practice of the demo that asks a question of every kind that rules can mark."""

from datetime import datetime, timedelta

from sqlalchemy import select

from exams.bank.kinds import AUTOMATIC, SIMPLE
from exams.bank.models import Bank, Kind, Question
from exams.bank.queries import approved_pool
from exams.entries.models import ExamEvent
from exams.entries.operations import EventPlan, create_event, publish_event
from exams.entries.registering import register_candidates
from exams.papers import fixed
from exams.papers.rules import FULL_TENTHS
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import session
from lms.people.api import DemoWorld

#: How many of the kinds that every exam has, and of cases; two of every other.
FEW = {Kind.SINGLE: 2, Kind.MULTIPLE: 1, Kind.JUDGE: 1, Kind.CASE: 1}


def seed_practice(
    world: DemoWorld, bank: Bank, people: list[int], examiner: Actor, now: datetime
) -> ExamEvent:
    """A published practice with these people entered."""
    today = clock.start_of(clock.local_date(now))
    plan = EventPlan(
        title="各种题型练习",
        rung=2,
        part="theory",
        organisation_id=world.base_id,
        bank_id=bank.id,
        opens_at=today,
        closes_at=today + timedelta(days=60),
        minutes=45,
        paper_mode="fixed",
        practice=True,
    )
    event = create_event(plan, examiner, now)
    fixed.save(event, _picks(bank), examiner, now)
    register_candidates(event, people, examiner, now)
    publish_event(event, examiner, now)
    return event


def _picks(bank: Bank) -> list[fixed.Pick]:
    """A few of each kind, the case last; it takes what the marks leave over."""
    asked = select(Question.id, Question.code).where(Question.bank_id == bank.id)
    codes = {row.id: row.code for row in session().execute(asked)}
    pool = sorted(approved_pool(bank.id, 2), key=lambda item: codes[item.question_id])
    chosen: list[int] = []
    for kind in (*(kind for kind in SIMPLE if kind in AUTOMATIC), Kind.CASE):
        fits = [item.question_id for item in pool if item.kind == kind]
        chosen += fits[: FEW.get(kind, 2)]
    each = FULL_TENTHS // (len(chosen) + 1) // 5 * 5
    tenths = [each] * (len(chosen) - 1) + [FULL_TENTHS - each * (len(chosen) - 1)]
    return [fixed.Pick(number, marks) for number, marks in zip(chosen, tenths, strict=True)]
