"""A storm of answers, its journal, and the check that nothing acknowledged was lost.

The clients know the protocol only (docs/exam-room.md). The journal is theirs: a line for each step
sent and each step acknowledged, flushed before the next request, in a file outside the system.
"""

from __future__ import annotations

import contextlib
import json
import random
import secrets
import socket
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from exams.sittings.models import AnswerStep
from lms.core.db import session
from tests.benchmarks.hall import Seat

PATIENCE = 20.0


def ask(port: int, raw: bytes) -> tuple[int, bytes] | None:
    """Send a request and return status and body; None if the connection broke."""
    answer = b""
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port), PATIENCE) as line,
    ):
        line.sendall(raw.replace(b"\r\nHost:", b"\r\nConnection: close\r\nHost:", 1))
        while got := line.recv(65536):
            answer += got
    head, ended, body = answer.partition(b"\r\n\r\n")
    length = [line[15:] for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"]
    if not ended or not length or len(body) < int(length[0]):
        return None
    return int(answer[9:12]), body


@dataclass
class Journal:
    """What was sent and what was acknowledged, by sitting."""

    path: Path
    sent: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)
    acknowledged: dict[int, dict[int, dict[str, Any]]] = field(default_factory=dict)
    broken: int = 0
    strange: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, attempt: int, step: dict[str, Any]) -> None:
        """Write one line down before going on."""
        with self.lock, self.path.open("a") as file:
            file.write(json.dumps([what, attempt, step]) + "\n")
            if what == "sent":
                self.sent[attempt, step["op"]] = step
            else:
                self.acknowledged.setdefault(attempt, {})[step["seq"]] = step

    @property
    def count(self) -> int:
        """How many steps were acknowledged."""
        return sum(len(steps) for steps in list(self.acknowledged.values()))


class Candidate(threading.Thread):
    """One phone: sends steps, sends again what was not acknowledged, now and then twice or late."""

    def __init__(self, port: int, seat: Seat, journal: Journal, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.port, self.seat, self.journal, self.chance = port, seat, journal, chance
        self.ended = threading.Event()
        self.known: list[dict[str, Any]] = []

    def run(self) -> None:
        """Answer until told to stop."""
        while not self.ended.is_set():
            fresh = [self._new() for _ in range(self.chance.choice((1, 1, 1, 2, 3)))]
            again = self.chance.sample(self.known, min(len(self.known), 2))
            steps = fresh + (again if self.chance.random() < 0.1 else [])
            self.chance.shuffle(steps)
            self.deliver(steps)
            self.known = (self.known + fresh)[-50:]

    def _new(self) -> dict[str, Any]:
        self.seat.seq += 1
        step = {
            "seq": self.seat.seq, "op": secrets.token_hex(8),
            "position": self.chance.randint(1, 100),
            "answer": {"picked": [self.chance.randint(0, 3)]}, "at": 1764000000000,
        }  # fmt: skip
        self.journal.note("sent", self.seat.attempt, step)
        return step

    def deliver(self, steps: list[dict[str, Any]]) -> None:
        """Send until acknowledged, the same steps each time."""
        body = {"device": self.seat.device, "epoch": 1, "steps": steps}
        raw = self.seat.post(f"/exams/room/{self.seat.attempt}/answers", body)
        for _ in range(200):
            answer = ask(self.port, raw)
            if answer is not None and answer[0] == 200:
                acked = set(json.loads(answer[1])["acked"])
                for step in steps:
                    if step["seq"] in acked:
                        self.journal.note("acked", self.seat.attempt, step)
                return
            if answer is None:
                self.journal.broken += 1
            elif answer[0] not in {503, 429}:
                self.journal.strange.append(f"{answer[0]} {answer[1][:200]!r}")
                return
            if self.ended.wait(0.02):
                return
        self.journal.strange.append("never answered")


def faults_of(journal: Journal) -> list[str]:
    """What is wrong with the database, by the journal; empty when all is well."""
    found = list(journal.strange)
    rows = session().execute(
        select(
            AnswerStep.attempt_id, AnswerStep.seq, AnswerStep.op, AnswerStep.position,
            AnswerStep.answer,
        ).where(AnswerStep.attempt_id.in_(list(journal.acknowledged)))
    )  # fmt: skip
    held: dict[int, dict[str, Any]] = {}
    applied: Counter[tuple[int, str]] = Counter()
    for row in rows:
        held.setdefault(row.attempt_id, {})[row.op] = row
        applied[row.attempt_id, row.op] += 1
        sent = journal.sent.get((row.attempt_id, row.op))
        if sent is None:
            found.append(f"C: {row.op} was never sent in sitting {row.attempt_id}")
        elif (sent["position"], sent["answer"], sent["seq"]) != (row.position, row.answer, row.seq):
            found.append(f"C: {row.op} is not what was sent")
    found += [f"B: {op} applied {n} times" for op, n in applied.items() if n > 1]
    for attempt, steps in journal.acknowledged.items():
        found += [
            f"A: sitting {attempt} lost step {seq}"
            for seq, step in steps.items()
            if step["op"] not in held.get(attempt, {})
        ]
    return found
