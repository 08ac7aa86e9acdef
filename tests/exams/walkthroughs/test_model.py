"""Random sittings: whatever comes in whatever order, the room and the model agree."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.exams.walkthroughs.conftest import Hall
from tests.exams.walkthroughs.model import Model
from tests.exams.walkthroughs.player import Player, fresh_op, seconds

PHONES = st.sampled_from("AAB")
PLACES, CHOICES = st.integers(1, 5), st.sampled_from([None, 0, 1, 2])
TYPED = st.sampled_from(["now", "long ago", "later", "unsaid"])
SPANS = st.sampled_from([0.001, 1, 30, 59, 119, 121])


class Sitting(RuleBasedStateMachine):
    """One sitting from a minute before its deadline on."""

    hall: Hall
    moment: time_machine.Traveller

    def __init__(self) -> None:
        super().__init__()
        self.player: Player = self.hall.next_sitting()
        self.model = Model(self.player.attempt, self.player.deadline)
        self.now = self.model.deadline - seconds(60)
        self.moment.move_to(self.now)

    @initialize()
    def begin(self) -> None:
        """The first phone enters."""
        self.enter("A", False)

    @rule(phone=PHONES, take_over=st.booleans())
    def enter(self, phone: str, take_over: bool) -> None:
        """Enter, enter again, or take over."""
        told = self.player.enter(phone, take_over)
        assert told == self.model.enter(phone, take_over, self.now)

    def step(self, phone: str, place: int, choice: int | None, typed: str) -> dict[str, Any]:
        """A new step, typed when it says it was."""
        made = self.player.step(phone, place, choice, self.now)
        made["op"] = fresh_op()
        shift = {"now": 0, "long ago": -90_000, "later": 90_000}
        made["at"] = None if typed == "unsaid" else made["at"] + shift[typed]
        return made

    def send(self, phone: str, batch: list[dict[str, Any]]) -> None:
        """Send to both and compare."""
        assert self.player.send(phone, batch) == self.model.save(phone, batch, self.now)

    @rule(phone=PHONES, place=PLACES, choice=CHOICES, typed=TYPED)
    def save(self, phone: str, place: int, choice: int | None, typed: str) -> None:
        """One answer."""
        self.send(phone, [self.step(phone, place, choice, typed)])

    @rule(phone=PHONES, steps=st.lists(st.tuples(PLACES, CHOICES, TYPED), min_size=2, max_size=4),
          order=st.randoms(use_true_random=False))  # fmt: skip
    def save_many(self, phone: str, steps: list[tuple[int, int | None, str]], order: Any) -> None:
        """Several answers, in any order of their numbers."""
        batch = [self.step(phone, *step) for step in steps]
        order.shuffle(batch)
        self.send(phone, batch)

    @precondition(lambda self: any(p.batches for p in self.player.phones.values()))
    @rule(phone=PHONES, back=st.integers(1, 4), renumber=st.booleans())
    def send_again(self, phone: str, back: int, renumber: bool) -> None:
        """What was sent before, by either phone, as it was or numbered anew."""
        known = [batch for p in self.player.phones.values() for batch in p.batches]
        batch = known[-min(back, len(known))]
        if renumber:
            room = self.player.phone(phone).room
            room.seq += len(batch)
            batch = [{**s, "seq": room.seq - n} for n, s in enumerate(batch)]
        self.send(phone, batch)

    @precondition(lambda self: self.model.by_seq)
    @rule(phone=PHONES, place=PLACES)
    def use_a_taken_number(self, phone: str, place: int) -> None:
        """A good step and one whose number was used for something else."""
        good, bad = (self.step(phone, place, 1, "now") for _ in range(2))
        self.send(phone, [good, {**bad, "seq": self.model.last_seq}])

    @rule(span=SPANS)
    def wait(self, span: float) -> None:
        """Time passes."""
        self.now += seconds(span)
        self.moment.move_to(self.now)

    @rule()
    def wait_for_the_end(self) -> None:
        """Time passes up to the deadline or, after it, up to the end of the grace time."""
        for moment in (self.model.deadline, self.model.deadline + seconds(120)):
            if self.now < moment:
                self.now: datetime = moment
                self.moment.move_to(self.now)
                return

    @rule()
    def pause(self) -> None:
        """The invigilator stops the clock."""
        assert self.player.pause() == self.model.pause(self.now)

    @rule()
    def resume(self) -> None:
        """The invigilator lets it run."""
        assert self.player.resume() == self.model.resume(self.now)

    @rule(minutes=st.sampled_from([1, 5]))
    def extend(self, minutes: int) -> None:
        """The invigilator adds minutes."""
        assert self.player.extend(minutes) == self.model.extend(minutes)

    @rule()
    def time_out(self) -> None:
        """The scheduler looks."""
        assert self.player.time_out() == self.model.time_out(self.now)

    @rule(phone=PHONES, place=PLACES, with_step=st.booleans())
    def hand_in(self, phone: str, place: int, with_step: bool) -> None:
        """Hand in, the first time or again."""
        if self.model.open and place > 2:
            return  # not at every turn, or sittings would be short
        batch = [self.step(phone, place, 2, "now")] if with_step else []
        told = self.player.hand_in(phone, batch)
        assert told == self.model.hand_in(phone, batch, self.now)

    @invariant()
    def agree(self) -> None:
        """What is held, and how the sitting stands."""
        seen, model = self.player.seen(), self.model
        assert seen["held"] == model.held
        assert (seen["open"], seen["paused"]) == (model.open, model.paused_at is not None)
        assert (seen["epoch"], seen["deadline"]) == (model.epoch, model.deadline)
        if not model.open:
            assert (seen["digest"], seen["answered"]) == (model.digest, len(model.answered))


@pytest.mark.parametrize("part", range(4))
def test_the_room_and_the_model_always_agree(hall, part):
    with time_machine.travel(hall.now, tick=False) as moment:
        machine = type("Sitting", (Sitting,), {"hall": hall, "moment": moment})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=8, stateful_step_count=25, deadline=None, derandomize=False,
                database=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
