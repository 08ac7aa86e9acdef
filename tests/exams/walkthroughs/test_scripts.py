"""Walkthroughs: each ``scripts/*.walk`` is a sitting told line by line.

A line is: when, who does what, what comes of it; columns stand two or more spaces apart. ``start``
is when the room is first entered and ``end`` the deadline as it then stands, in seconds. ``1=2``
chooses place 2 of question 1, ``1=-`` clears it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import time_machine

from lms.core.access import Actor
from tests.exams.walkthroughs.afterwards import Afterwards
from tests.exams.walkthroughs.player import Batch, Player, fresh_op, seconds

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.walk"))


class Teller:
    """Reads lines and has the player act them."""

    def __init__(self, player: Player, second: Actor) -> None:
        self.player = player
        self.after = Afterwards(player.app, player.attempt, player.staff, second)

    def moment(self, text: str) -> datetime:
        """``start+5`` or ``end-1``."""
        found = re.fullmatch(r"(start|end)([+-]\d+)", text)
        assert found, text
        base = self.player.started if found[1] == "start" else self.player.deadline
        return base + seconds(int(found[2]))

    def act(self, text: str) -> str:
        """Do what the second column says and return what came of it."""
        acts: dict[str, Callable[..., str]] = {
            r"(\w) enters": self.player.enter,
            r"(\w) takes over": lambda name: self.player.enter(name, take_over=True),
            r"(\w) saves (.+)": lambda name, what: self.player.send(name, self.steps(name, what)),
            r"(\w) saves-as (.+)": self.save_as,
            r"(\w) repeats (\d+)": self.repeat,
            r"(\w) renumbers (\d+)": self.renumber,
            r"(\w) hands in": lambda name: self.player.hand_in(name, []),
            r"(\w) hands in with (.+)": lambda name, what: self.player.hand_in(
                name, self.steps(name, what)
            ),
            r"the clockwork looks": self.player.time_out,
            r"the invigilator pauses": self.player.pause,
            r"the invigilator resumes": self.player.resume,
            r"the invigilator extends (\d+)": lambda n: self.player.extend(int(n)),
            r"the key of (\d+) is (full|void)": self.after.correct,
            r"a slip in the mark of (\d+)": self.after.slip,
            r"she asks for a review": self.after.ask,
            r"the review": self.after.review,
            r"the results": self.after.results,
            r"held (.+)": self.held,
            r"state": lambda: "open" if self.player.seen()["open"] else "closed",
        }
        for pattern, do in acts.items():
            if found := re.fullmatch(pattern, text):
                return do(*found.groups())
        raise AssertionError(f"nobody knows how to: {text}")

    def steps(self, name: str, text: str) -> Batch:
        """``1=2, 3=- typed end-1`` as steps."""
        made = []
        for part in text.split(", "):
            what, _typed, typed = part.partition(" typed ")
            position, choice = what.split("=")
            step = self.player.step(name, int(position), None if choice == "-" else int(choice))
            step["op"] = fresh_op()
            if typed:
                never = typed == "never"
                step["at"] = None if never else round(self.moment(typed).timestamp() * 1000)
            made.append(step)
        return made

    def save_as(self, name: str, text: str) -> str:
        """Steps under numbers of the script's choosing: ``8 4=0 and 7 5=0``."""
        room, batch = self.player.phone(name).room, []
        before = room.seq
        for part in text.split(" and "):
            number, what = part.split(" ", 1)
            batch += [{**step, "seq": int(number)} for step in self.steps(name, what)]
        room.seq = before
        return self.player.send(name, batch)

    def repeat(self, name: str, number: str) -> str:
        """Send the phone's n-th batch again as it was."""
        return self.player.send(name, self.player.phone(name).batches[int(number) - 1])

    def renumber(self, name: str, number: str) -> str:
        """Enter again, then send the n-th batch under new numbers, as after a reload."""
        phone = self.player.phone(name)
        assert self.player.enter(name).startswith("epoch")
        batch = [
            {**step, "seq": phone.room.seq + n}
            for n, step in enumerate(phone.batches[int(number) - 1], 1)
        ]
        phone.room.seq += len(batch)
        return self.player.send(name, batch)

    def held(self, text: str) -> str:
        """Compare what the server holds."""
        pairs = (pair.split("=") for pair in text.split())
        wanted = {int(p): {"picked": [] if c == "-" else [int(c)]} for p, c in pairs}
        held = self.player.seen()["held"]
        return "yes" if held == wanted else f"no, {held}"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_walkthrough_comes_out_as_written(hall, path):
    lines = [line for line in path.read_text().splitlines() if line and line[0] != "#"]
    assert len(lines) > 5
    teller = Teller(hall.next_sitting(), hall.second)
    with time_machine.travel(hall.now, tick=False) as traveller:
        for line in lines:
            when, what, wanted = re.split(r" {2,}", line.strip())
            traveller.move_to(teller.moment(when))
            assert (line, teller.act(what)) == (line, wanted)
