"""Phones of candidates that nobody here wrote, and the journal of what they did and were told.

The journal lies outside the system: a line for each thing, written before the phone goes on. The
phones use the protocol's client (``tests/journeys/protocol_client.py``) and misbehave as networks
do: messages come twice, in another order, or long after.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.hall import Seat
from tests.journeys.protocol_client import Client, Refused, Sitting

Json = dict[str, Any]
PLACES = 20
WAIT = 0.05  # seconds between tries on a broken line
BUSY = 0.5  # seconds after a 503: ten times less patient than the server asks


@dataclass
class Typed:
    """One change as typed; ``order`` counts over the whole journal."""

    order: int
    attempt: int
    position: int
    answer: Json
    at: int


@dataclass
class Journal:
    """What the phones did and what they were told."""

    path: Path
    typed: dict[str, Typed] = field(default_factory=dict)
    acked: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    said: list[tuple[int, int]] = field(default_factory=list)
    receipts: dict[int, Json] = field(default_factory=dict)
    told: dict[int, int] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)
    broken: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    order: int = 0

    def note(self, what: str, attempt: int, value: Any) -> int:
        """Write a line down before anything else happens; returns its number."""
        with self.lock, self.path.open("a") as file:
            self.order += 1
            file.write(json.dumps([self.order, what, attempt, value]) + "\n")
            if what == "typed":
                self.typed[value["op"]] = Typed(
                    self.order, attempt, value["position"], value["answer"], value["at"]
                )
            elif what == "acked":
                self.acked.setdefault(value, self.order)
            elif what == "refused":
                self.refused.add(value)
            elif what == "saved":
                self.said.append((self.order, attempt))
            elif what == "receipt":
                self.receipts[attempt] = value
            elif what == "strange":
                self.strange.append(f"sitting {attempt}: {value}")
            else:
                self.told[value] = self.told.get(value, 0) + 1
            return self.order


class Line(Client):
    """The way to the server, which may break; a 503 without a time to come back is strange."""

    def __init__(self, url: str, seat: Seat, journal: Journal) -> None:
        super().__init__(url)
        self.cookies, self.token = {"session": seat.session, "form": seat.form}, seat.token
        self.journal, self.attempt = journal, seat.attempt

    def request(
        self, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, str, Any]:
        try:
            status, text, told = super().request(method, path, body, **headers)
        except (OSError, http.client.HTTPException) as broken:
            with self.journal.lock:
                self.journal.broken += 1
            raise ConnectionError from broken
        if status not in (200, 409):
            self.journal.note("status", self.attempt, status)
        if status >= 500 and (status != 503 or not told["Retry-After"]):
            self.journal.note("strange", self.attempt, f"{status} {text[:300]}")
        return status, text, told


class Phone(threading.Thread):
    """One candidate: types, sends until acknowledged, reloads now and then, hands in at the end
    unless she is one who never does."""

    def __init__(
        self, url: str, seat: Seat, journal: Journal, seed: int, *, hands_in: bool = True
    ) -> None:
        super().__init__(daemon=True)
        self.journal, self.seat, self.chance = journal, seat, random.Random(seed)
        self.line = Line(url, seat, journal)
        self.sitting = Sitting(self.line, f"/exams/room/{seat.attempt}")
        self.hands_in = hands_in
        self.ended = threading.Event()
        self.over = False
        self.stale: list[Json] = []

    def note(self, what: str, value: Any) -> None:
        """Into the journal."""
        self.journal.note(what, self.seat.attempt, value)

    def run(self) -> None:
        """Sit the exam."""
        try:
            self.insist(self.sitting.enter)
            while not (self.ended.is_set() or self.over):
                self.act()
            if self.hands_in and not self.over:
                self.deliver()
                self.insist(self.hand_in)
        except Exception as error:
            self.note("strange", f"{type(error).__name__}: {error}"[:300])

    def act(self) -> None:
        """Type a little and have it delivered, one way or another."""
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            self.type()
        if self.chance.random() < 0.05:
            old, self.sitting = self.sitting, Sitting(self.line, self.sitting.base)
            self.sitting.phone, self.sitting.device = old.phone, old.device
            self.insist(self.sitting.enter)
        if self.stale and self.chance.random() < 0.1:  # a message that was thought lost arrives
            self.insist(lambda: self.post(self.chance.choice(self.stale)))
        self.deliver()

    def type(self) -> None:
        """One change, on the phone and in the journal before it is sent."""
        answer = {"picked": [self.chance.randint(0, 3)]}
        self.sitting.type(self.chance.randint(1, PLACES), answer)
        self.note("typed", {k: v for k, v in self.sitting.phone[-1].items() if k != "seq"})

    def deliver(self) -> None:
        """Send until nothing is left on the phone; then the screen says so."""
        while self.sitting.phone and not self.over:
            message = self.sitting.message()
            steps = message["steps"]
            if len(steps) > 1 and self.chance.random() < 0.2:  # the later ones overtake
                half = len(steps) // 2
                self.insist(lambda m=message, s=steps[half:]: self.post(m | {"steps": s}))
                self.insist(lambda m=message, s=steps[:half]: self.post(m | {"steps": s}))
            else:
                self.insist(lambda m=message: self.post(m))
            if self.chance.random() < 0.1:
                self.insist(lambda m=message: self.post(m))
            self.stale = [*self.stale[-5:], message]
        if not self.sitting.phone and not self.over:
            self.note("saved", None)

    def post(self, message: Json) -> None:
        """One request; forgets what is acknowledged or refused."""
        told = self.sitting.call("/answers", message)
        by_seq = {step["seq"]: step["op"] for step in message["steps"]}
        for what in ("acked", "refused"):
            for seq in told[what]:
                self.note(what, by_seq[seq])
        gone = {by_seq[seq] for seq in [*told["acked"], *told["refused"]]}
        self.sitting.phone = [s for s in self.sitting.phone if s["op"] not in gone]

    def hand_in(self) -> None:
        """Close the sitting and keep the receipt."""
        told = self.sitting.call("/hand-in", self.sitting.message())
        self.note("receipt", {name: told[name] for name in ("receipt", "digest", "answered")})
        self.over = True

    def insist(self, work: Any) -> None:
        """Try until the server has said yes, or no for good."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                work()
                return
            except ConnectionError:
                time.sleep(WAIT)
            except Refused as no:
                if no.code in ("closed", "time-up"):
                    self.over = True
                    return
                if no.code == "sequence":  # another number is taken: as after a reload
                    self.insist(self.sitting.enter)
                    return
                if no.status not in (429, 503):
                    raise
                time.sleep(BUSY)
        raise TimeoutError("never answered")
