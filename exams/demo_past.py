"""A past event of the demo: entries, papers, answers, marks and results, written in bulk."""

import math
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import insert

from exams.bank.queries import Asked, Key, PoolItem, approved_pool, keys_of
from exams.entries.eligibility import decide_all
from exams.entries.models import Entry, ExamEvent, Release
from exams.entries.registering import TICKET_ALPHABET
from exams.marking import rules as marking
from exams.marking.models import Mark
from exams.papers.models import Paper
from exams.papers.operations import NewPaper, pin_all
from exams.papers.press import Press, open_press
from exams.papers.queries import SlotRow, slots_of
from exams.results import rules as results
from exams.results.models import Result, ResultRelease
from exams.sittings import rules as sittings
from exams.sittings.closing import RECEIPT_ALPHABET
from exams.sittings.models import AnswerStep, Attempt, SittingEvent
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import Json, session
from lms.core.rules import RuleVersion, rule_on

HARDNESS = {"easy": -1.6, "medium": -0.7, "hard": 0.5}
ABSENT = 0.04


class PastEvent:
    """Everybody sits: answers are drawn, everything else is the product's own rules."""

    def __init__(self, event: ExamEvent, bank_id: int, examiner: Actor, rng: random.Random) -> None:
        self.event, self.examiner, self.rng = event, examiner, rng
        pool = approved_pool(bank_id, event.rung)
        self.by_version: dict[int, PoolItem] = {item.version_id: item for item in pool}
        self.keys: dict[Asked, Key] = keys_of(
            (item.version_id, part)
            for item in pool
            for part in (range(len(item.shares)) if item.shares else [None])
        )
        self.rule: RuleVersion = rule_on("exams.parts", clock.local_date(event.opens_at))

    @cached_property
    def press(self) -> Press:
        """Makes the papers."""
        return open_press(self.event, self.event.opens_at)

    def sit(self, person_ids: Sequence[int]) -> int:
        """Let these people sit; returns how many results there are."""
        decisions, stamp = decide_all(
            person_ids, self.event.rung, clock.local_date(self.event.opens_at)
        )
        sat = 0
        for person_id in person_ids:
            if decisions[person_id].eligible:
                sat += self._one(person_id, decisions[person_id].as_json(), stamp)
        return sat

    def _enter(self, person_id: int, decision: Json, stamp: str) -> Entry:
        entry = Entry(
            event_id=self.event.id,
            person_id=person_id,
            ticket=self._ticket(),
            decision=decision,
            rule_stamp=stamp,
            registered_by=self.examiner.person_id,
            registered_at=self.event.opens_at - timedelta(days=7),
        )
        session().add(entry)
        session().flush()
        return entry

    def _one(self, person_id: int, decision: Json, stamp: str) -> bool:
        entry = self._enter(person_id, decision, stamp)
        if self.rng.random() < ABSENT:
            return False
        started = self.event.opens_at + timedelta(seconds=self.rng.randrange(3600))
        paper = self._paper(entry.id)
        slots = slots_of(paper.id)
        answers = self._answers(slots)
        steps = self._steps(answers, started)
        handed_in = steps[-1]["received_at"] + timedelta(seconds=self.rng.randrange(20, 200))
        attempt = self._attempt(entry.id, paper.id, len(slots), started, handed_in, answers)
        session().execute(
            insert(AnswerStep), [{**step, "attempt_id": attempt.id} for step in steps]
        )
        self._mark(attempt, person_id, slots, answers, handed_in)
        return True

    def _paper(self, entry_id: int) -> Paper:
        seed = f"{self.rng.getrandbits(128):032x}"
        made = self.press.make(seed)
        new = NewPaper(seed, made.chosen, made.expected, entry_id, 1)
        published = self.event.published_at or self.event.opens_at
        return pin_all(self.event.id, self.event.blueprint, [new], published)[0]

    def _ticket(self) -> str:
        letters = "".join(self.rng.choices(TICKET_ALPHABET, k=8))
        return f"{clock.local_date(self.event.opens_at):%y%m%d}{self.event.id:04d}{letters}"

    def _answers(self, slots: Sequence[SlotRow]) -> dict[int, Json]:
        """Answers of somebody of a drawn ability; some questions stay empty."""
        ability = self.rng.gauss(0.35, 0.75)
        answers = {}
        for slot in slots:
            hardness = HARDNESS[self.by_version[slot.version_id].difficulty]
            knows = self.rng.random() < 1 / (1 + math.exp(hardness - ability))
            if knows or self.rng.random() < 0.97:
                answers[slot.position] = self._answer(slot, knows)
        return answers

    def _answer(self, slot: SlotRow, knows: bool) -> Json:
        right = self.keys[slot.asked].key["right"]
        if isinstance(right, bool):
            return {"value": right if knows else not right}
        if knows:
            return {"picked": sorted(slot.order.index(option) for option in right)}
        places = range(len(slot.order))
        count = min(len(slot.order), max(1, len(right) + self.rng.choice((-1, 0, 0, 1))))
        return {"picked": sorted(self.rng.sample(places, 1 if len(right) == 1 else count))}

    def _steps(self, answers: dict[int, Json], started: datetime) -> list[dict[str, Any]]:
        moment, steps = started, []
        for seq, (position, answer) in enumerate(answers.items(), start=1):
            moment += timedelta(seconds=self.rng.randrange(8, 70))
            steps.append(
                {
                    "seq": seq,
                    "op": f"{self.rng.getrandbits(128):032x}",
                    "epoch": 1,
                    "position": position,
                    "answer": answer,
                    "client_at": moment,
                    "received_at": moment + timedelta(milliseconds=self.rng.randrange(80, 900)),
                    "late": False,
                }
            )
        return steps

    def _attempt(
        self,
        entry_id: int,
        paper_id: int,
        slots: int,
        started: datetime,
        handed_in: datetime,
        answers: dict[int, Json],
    ) -> Attempt:
        code = "".join(self.rng.choices(RECEIPT_ALPHABET, k=12))
        attempt = Attempt(
            entry_id=entry_id,
            number=1,
            paper_id=paper_id,
            slots=slots,
            state="concluded",
            started_at=started,
            deadline=started + timedelta(minutes=self.event.minutes),
            grace_seconds=self.event.grace_seconds,
            epoch=1,
            handed_in_at=handed_in,
            receipt="-".join(code[i : i + 4] for i in (0, 4, 8)),
            answered=len(answers),
        )
        session().add(attempt)
        session().flush()
        attempt.answers_digest = sittings.answers_digest(attempt.id, answers)
        return attempt

    def _mark(
        self,
        attempt: Attempt,
        person_id: int,
        slots: Sequence[SlotRow],
        answers: dict[int, Json],
        at: datetime,
    ) -> None:
        marked, rows = [], []
        for slot in slots:
            key = self.keys[slot.asked]
            question = marking.Markable(key.kind, key.key, slot.order)
            tenths = marking.mark(question, answers.get(slot.position), slot.tenths)
            marked.append(results.Marked(key.module, tenths, slot.tenths))
            rows.append(
                {
                    "attempt_id": attempt.id,
                    "slot_id": slot.id,
                    "item": key.module,
                    "tenths": tenths,
                    "stamp": marking.VERSION,
                    "marked_by": person_id,
                    "marked_at": at,
                    "key": f"auto:{attempt.id}:{slot.position}",
                }
            )
        session().execute(insert(Mark), rows)
        self._settle(attempt, person_id, marked, at)

    def _settle(
        self, attempt: Attempt, person_id: int, marked: list[results.Marked], at: datetime
    ) -> None:
        total = results.total(marked)
        result = Result(
            attempt_id=attempt.id,
            event_id=self.event.id,
            person_id=person_id,
            rung=self.event.rung,
            part=self.event.part,
            tenths=total,
            passed=total >= self.rule.value["pass_tenths"],
            by_module=results.by_module(marked),
            stamp=self.rule.stamp,
            decided_by=person_id,
            decided_at=at,
        )
        note = SittingEvent(
            attempt_id=attempt.id,
            kind="handed_in",
            at=at,
            by=person_id,
            details={"answered": attempt.answered},
        )
        session().add_all((result, note))
        session().flush()
        if self.event.release == Release.BY_EXAMINER:
            return
        session().add(ResultRelease(result_id=result.id, released_by=person_id, released_at=at))
