"""The demo's exam that is being sat just now: rooms, invigilators, and a wall to look at."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from exams.bank.models import Bank
from exams.demo_past import PastEvent
from exams.entries.eligibility import decide_all
from exams.entries.models import Entry, ExamEvent
from exams.entries.operations import EventPlan, create_event, publish_event
from exams.entries.places import RoomPlan, add_room, assign, seat_waiting
from exams.papers.queries import slots_of
from exams.sittings.models import AnswerStep, Attempt, Presence, SittingEvent
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import session
from lms.people.api import DemoWorld

SITE = RoomPlan(
    site="太原实训基地考点",
    address="太原市小店区长风街 66 号",
    directions="公交 824 路到长风街站，进南门，考试楼在右手边。",
    name="",
    seats=12,
)
#: Markers of the base who watch over a room beside the examiner and the first of them.
JUDGES = ("marker2", "marker3")
BEGUN = timedelta(minutes=35)
#: What is told of the candidates, seat by seat; whoever is not named here is answering.
FATES = {
    1: "left",
    3: "unsent",
    4: "paused",
    6: "lost",
    8: "device",
    11: "handed_in",
    12: "handed_in",
    16: "admitted",
    17: "absent",
    18: "absent",
}
SEATED = 18


def add_hall(
    event: ExamEvent, watchers: Sequence[Sequence[int]], examiner: Actor, now: datetime
) -> None:
    """A room for each group of invigilators."""
    for number, group in enumerate(watchers, start=1):
        plan = RoomPlan(SITE.site, SITE.address, SITE.directions, f"{number} 号机房", SITE.seats)
        room = add_room(event, plan, examiner)
        for person_id in group:
            assign(room, person_id, examiner, now)


def seed_running(
    world: DemoWorld,
    bank: Bank,
    people: Sequence[int],
    judges: Sequence[int],
    examiner: Actor,
    rng: random.Random,
    now: datetime,
) -> ExamEvent:
    """An exam in two rooms that began a while ago, with something of everything on its wall."""
    before = now - timedelta(days=9)
    plan = EventPlan(
        title="今天的初级工理论机考",
        rung=2,
        part="theory",
        organisation_id=world.base_id,
        bank_id=bank.id,
        opens_at=now - BEGUN,
        closes_at=now + timedelta(hours=8),
        minutes=180,
        release="by_examiner",
        admission="code",
        switch_mode="warn",
    )
    event = create_event(plan, examiner, before)
    marker = world.logins["marker"]
    groups = [(examiner.person_id, judges[0]), (marker, judges[1])]
    add_hall(event, groups, examiner, before)
    publish_event(event, examiner, before)
    RunningEvent(event, bank.id, examiner, rng).fill(people, now)
    return event


class RunningEvent(PastEvent):
    """Candidates in the middle of it; those who handed in wait for publication."""

    def fill(self, person_ids: Sequence[int], now: datetime) -> None:
        """Seat everybody and let each meet her fate."""
        decisions, stamp = decide_all(
            person_ids, self.event.rung, clock.local_date(self.event.opens_at)
        )
        entries = [self._enter(p, decisions[p].as_json(), stamp) for p in person_ids]
        seat_waiting(self.event, self.examiner)
        for number, entry in enumerate(entries, start=1):
            self._meet(entry, FATES.get(number, "answering"), now)

    def _meet(self, entry: Entry, fate: str, now: datetime) -> None:
        started = self.event.opens_at + timedelta(seconds=self.rng.randrange(30, 240))
        if fate == "absent":
            return
        entry.admitted_at = started - timedelta(seconds=20)
        if fate == "admitted":
            return
        paper = self._paper(entry.id)
        slots = slots_of(paper.id)
        answers = self._answers(slots)
        steps = self._hurried(self._steps(answers, started), started, now, fate)
        if fate == "handed_in":
            attempt = self._attempt(entry.id, paper.id, len(slots), started, now, answers)
            self._keep(attempt, steps)
            self._mark(attempt, entry.person_id, slots, answers, now)
            return
        attempt = self._open(entry, paper.id, len(slots), started)
        self._keep(attempt, steps)
        self._tell(attempt, entry, fate, now)

    def _hurried(
        self, steps: list[dict[str, Any]], started: datetime, now: datetime, fate: str
    ) -> list[dict[str, Any]]:
        """The steps so far: all of them, faster, of who handed in; those until now of the others,
        and until she was lost."""
        if fate == "handed_in":
            pace = (now - started) * 0.9 / len(steps)
            for number, step in enumerate(steps, start=1):
                step["client_at"] = started + pace * number
                step["received_at"] = step["client_at"] + timedelta(milliseconds=300)
            return steps
        until = now - timedelta(minutes=7 if fate == "lost" else 0)
        return [step for step in steps if step["received_at"] <= until]

    def _keep(self, attempt: Attempt, steps: list[dict[str, Any]]) -> None:
        session().execute(
            insert(AnswerStep), [{**step, "attempt_id": attempt.id} for step in steps]
        )

    def _open(self, entry: Entry, paper_id: int, slots: int, started: datetime) -> Attempt:
        attempt = Attempt(
            entry_id=entry.id,
            number=1,
            paper_id=paper_id,
            slots=slots,
            state="open",
            started_at=started,
            deadline=started + timedelta(minutes=self.event.minutes),
            grace_seconds=self.event.grace_seconds,
            device_hash=f"{self.rng.getrandbits(256):064x}",
            epoch=1,
        )
        session().add(attempt)
        session().flush()
        return attempt

    def _tell(self, attempt: Attempt, entry: Entry, fate: str, now: datetime) -> None:
        """What the log and the wall show. Phones of the demo's candidates stay in touch until
        their time is up, so that the wall is alive whenever somebody looks."""
        self._note(attempt, "entered", attempt.started_at, entry.person_id)
        if fate == "left":
            attempt.left_count = 3
            for minutes in (24, 15, 6):
                when = now - timedelta(minutes=minutes)
                self._note(attempt, "left", when, entry.person_id, seconds=8)
        elif fate == "device":
            attempt.epoch = 2
            self._note(attempt, "taken_over", now - timedelta(minutes=12), entry.person_id)
        elif fate == "paused":
            attempt.paused_at = now - timedelta(minutes=2)
            why = {"reason": "考场停电"}
            self._note(attempt, "paused", attempt.paused_at, self.examiner.person_id, **why)
        if fate != "lost":
            unsent = 4 if fate == "unsent" else 0
            row = Presence(attempt_id=attempt.id, seen_at=attempt.deadline, unsent=unsent)
            session().add(row)
        session().flush()

    def _note(self, attempt: Attempt, kind: str, at: datetime, by: int, **details: Any) -> None:
        session().add(SittingEvent(attempt_id=attempt.id, kind=kind, at=at, by=by, details=details))
