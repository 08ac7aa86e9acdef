"""What happens to a sitting after it was handed in: a corrected key, a slip in the marks, a score
review. Every act answers with a short text, as in ``player.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from exams.entries.models import Entry
from exams.marking.corrections.operations import decide, propose, remark
from exams.marking.models import Mark
from exams.papers.models import Slot
from exams.papers.queries import slots_of
from exams.results import reviewing
from exams.results.errors import SecondPerson
from exams.results.models import Result, ScoreReview
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.access import Actor, Grant, Role
from lms.core.db import session
from lms.core.errors import DomainError
from lms.core.uow import unit_of_work


@dataclass
class Afterwards:
    """One closed sitting and two examiners, of whom the second decides."""

    app: Flask
    attempt: int
    first: Actor
    second: Actor

    def correct(self, place: str, way: str) -> str:
        """The key of a question is corrected by two people and the sitting marked again."""
        return self._act(lambda: self._correct(int(place), way))

    def _correct(self, place: int, way: str) -> str:
        attempt, now = session().get_one(Attempt, self.attempt), clock.now()
        asked = next(s.asked for s in slots_of(attempt.paper_id or 0) if s.position == place)
        event = session().get_one(Entry, attempt.entry_id).event
        row = propose(event, asked, way, "", "选项写反了", self.first, now)
        decide(row, True, "", self.second, now)
        again = [remark(row, self.attempt, self.second, now) for _twice in range(2)]
        assert again == [True, False], "a sitting is marked again once"
        return "marked again"

    def slip(self, place: str) -> str:
        """A mark of nothing that no rule gave."""
        return self._act(lambda: self._slip(int(place)))

    def _slip(self, place: int) -> str:
        paper = session().get_one(Attempt, self.attempt).paper_id
        slot = select(Slot.id).where(Slot.paper_id == paper, Slot.position == place)
        mark: dict[str, Any] = {
            "attempt_id": self.attempt, "slot_id": session().scalar(slot), "item": "x",
            "tenths": 0, "stamp": "exams.marking@1", "marked_by": 0, "marked_at": clock.now(),
            "key": f"slip:{self.attempt}:{place}",
        }  # fmt: skip
        session().execute(insert(Mark), mark)
        return "done"

    def ask(self) -> str:
        """The candidate asks that her newest result be added up again."""
        return self._act(self._ask)

    def _ask(self) -> str:
        newest = self._results()[-1]
        candidate = Actor(newest.person_id, 0, "考生", (Grant(Role.LEARNER),))
        reviewing.ask(newest.id, "总分不对", candidate, clock.now())
        return "asked"

    def review(self) -> str:
        """Who marked again by the corrected key checks and may not decide; the other does."""
        return self._act(self._review)

    def _review(self) -> str:
        newest = self._results()[-1]
        query = select(ScoreReview).where(ScoreReview.result_id == newest.id)
        review, now = session().scalars(query).one(), clock.now()
        reviewing.check(review, "", self.second, now)
        with pytest.raises(SecondPerson):
            reviewing.decide(review, "", self.second, now)
        return str(reviewing.decide(review, "", self.first, now).outcome)

    def results(self) -> str:
        """Every result ever written, oldest first: each supersedes the one before."""
        with self.app.app_context():
            rows = self._results()
            assert [r.supersedes_id for r in rows] == [None, *(r.id for r in rows[:-1])]
            slots = slots_of(session().get_one(Attempt, self.attempt).paper_id or 0)
            third = next(slot.tenths for slot in slots if slot.position == 3)
            words = {0: "nothing", third: "question 3"}
            return " then ".join(words.get(row.tenths, str(row.tenths)) for row in rows)

    def _results(self) -> list[Result]:
        query = select(Result).where(Result.attempt_id == self.attempt).order_by(Result.id)
        return list(session().scalars(query))

    def _act(self, act: Callable[[], str]) -> str:
        with self.app.app_context():
            try:
                with unit_of_work():
                    return act()
            except DomainError as refused:
                return f"{refused.status} {refused.code}"
