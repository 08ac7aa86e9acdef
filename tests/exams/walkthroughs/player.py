"""Plays one sitting through the protocol, act by act; every act answers with a short text.

``acked 1 2``, ``acked 3 late 3``, ``refused 4``, ``409 other-device``, ``epoch 2`` …; the model in
``model.py`` answers with the same texts, and scripts write them down as what is expected.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from exams.entries.models import Entry
from exams.entries.registering import extend
from exams.invigilation.acts import pause, resume
from exams.sittings.closing import time_out_if_due
from exams.sittings.models import Attempt
from exams.sittings.queries import folded
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import DomainError
from lms.core.uow import unit_of_work
from tests.factories.exams import Room

Batch = list[dict[str, Any]]


@dataclass
class Phone:
    """One device: what it knows, and every batch it ever sent."""

    room: Room
    batches: list[Batch] = field(default_factory=list)


@dataclass
class Player:
    """The sitting, its phones, its invigilator and the server's clockwork."""

    app: Flask
    attempt: int
    entry: int
    staff: Actor
    started: datetime
    open_phone: Callable[[], Room]
    phones: dict[str, Phone] = field(default_factory=dict)
    receipt: dict[str, Any] = field(default_factory=dict)

    def phone(self, name: str) -> Phone:
        """The phone of that name, taken out of the bag when first named."""
        if name not in self.phones:
            self.phones[name] = Phone(self.open_phone())
        return self.phones[name]

    # what a candidate does

    def enter(self, name: str, take_over: bool = False) -> str:
        """Enter the room."""
        answer = self.phone(name).room.enter(take_over)
        return f"epoch {answer.json['epoch']}" if answer.status_code == 200 else _refusal(answer)

    def step(
        self, name: str, position: int, choice: int | None, typed: datetime | None = None
    ) -> dict[str, Any]:
        """A new step of a phone; ``choice`` None clears."""
        answer = {"picked": [] if choice is None else [choice]}
        return self.phone(name).room.step(position, answer, typed)

    def send(self, name: str, batch: Batch) -> str:
        """Send steps and remember the batch."""
        phone = self.phone(name)
        phone.batches.append(batch)
        return acknowledged(phone.room.send(*batch))

    def hand_in(self, name: str, batch: Batch) -> str:
        """Hand in, with what is still on the phone."""
        answer = self.phone(name).room.hand_in(*batch)
        if answer.status_code != 200:
            return _refusal(answer)
        known, self.receipt = self.receipt, answer.json
        if known:
            assert answer.json["receipt"] == known["receipt"]
            assert answer.json["digest"] == known["digest"]
        if "acked" not in answer.json:
            return "same receipt"
        return " ".join(["receipt", str(answer.json["answered"]), acknowledged(answer)])

    # what staff and the server do

    def _act(self, act: Callable[[Entry, datetime], object]) -> str:
        with self.app.app_context():
            try:
                with unit_of_work():
                    entry = session().get_one(Entry, self.entry)
                    done = act(entry, clock.now())
            except DomainError as refused:
                return f"{refused.status} {refused.code}"
            return {None: "done", True: "done", False: "nothing"}[done]  # type: ignore[index]

    def pause(self) -> str:
        """The invigilator stops the clock."""
        return self._act(lambda entry, now: pause(entry, "停电", self.staff, now))

    def resume(self) -> str:
        """The invigilator lets it run again."""
        return self._act(lambda entry, now: resume(entry, self.staff, now))

    def extend(self, minutes: int) -> str:
        """The invigilator adds minutes."""
        return self._act(lambda entry, now: extend(entry, minutes, "停电", self.staff, now))

    def time_out(self) -> str:
        """The scheduler looks whether this sitting is overdue."""
        return self._act(lambda _entry, now: time_out_if_due(self.attempt, now))

    # what is there

    def seen(self) -> dict[str, Any]:
        """What the database holds of the sitting."""
        with self.app.app_context():
            attempt = session().get_one(Attempt, self.attempt, populate_existing=True)
            return {
                "held": folded(self.attempt),
                "open": attempt.state == "open",
                "paused": attempt.paused_at is not None,
                "epoch": attempt.epoch,
                "deadline": attempt.deadline,
                "digest": attempt.answers_digest,
                "answered": attempt.answered,
            }

    @property
    def deadline(self) -> datetime:
        """When the sitting ends, as the database has it."""
        deadline: datetime = self.seen()["deadline"]
        return deadline


def acknowledged(answer: Any) -> str:
    """An answer to ``/answers`` as text."""
    if answer.status_code != 200:
        return _refusal(answer)
    words = [f"{key} {' '.join(map(str, sorted(answer.json[key])))}" for key in
             ("acked", "late", "refused") if answer.json[key]]  # fmt: skip
    return " ".join(words) or "nothing"


def _refusal(answer: Any) -> str:
    return f"{answer.status_code} {answer.json['code']}"


def fresh_op() -> str:
    """A new operation's name."""
    return secrets.token_hex(8)


def seconds(number: float) -> timedelta:
    """So many seconds."""
    return timedelta(seconds=number)
