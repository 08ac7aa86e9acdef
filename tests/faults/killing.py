"""Killing workers during a storm."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lms.core.config import Settings
from tests.benchmarks.hall import Seat
from tests.faults.storm import Candidate, Journal


@dataclass
class Keeper:
    """The server's parent process as seen from outside."""

    process: subprocess.Popen[str]
    port: int = 0
    workers: list[int] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def listen(self) -> None:
        """Learn the workers' numbers as they are told."""
        for line in self.process.stdout or ():
            name, number = line.split()
            with self.news:
                if name == "port":
                    self.port = int(number)
                else:
                    self.workers.append(int(number))
                self.news.notify_all()

    def wait_for(self, workers: int) -> None:
        """Wait until so many workers were ever started."""
        with self.news:
            if not self.news.wait_for(lambda: len(self.workers) >= workers, 60):
                raise AssertionError("no new worker")

    def kill_one(self, chance: random.Random) -> None:
        """SIGKILL one of the two living workers and wait until it is replaced."""
        started = len(self.workers)
        victim = self.workers.pop(len(self.workers) - 1 - chance.randint(0, 1))
        os.kill(victim, signal.SIGKILL)
        self.wait_for(started)


@contextlib.contextmanager
def keeper(settings: Settings, *defects: str) -> Iterator[Keeper]:
    """A server on a test's database."""
    command = [
        sys.executable, "-m", "tests.faults.keeper", str(settings.instance),
        settings.database_url, *defects,
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    ) as process:  # fmt: skip
        kept = Keeper(process)
        threading.Thread(target=kept.listen, daemon=True).start()
        try:
            kept.wait_for(2)
            yield kept
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(30)


def storm(kept: Keeper, seats: list[Seat], path: Path, kills: int, seed: int) -> Journal:
    """Let every seat answer while workers are killed; returns the journal."""
    journal, chance = Journal(path), random.Random(seed)
    phones = [Candidate(kept.port, seat, journal, random.Random(chance.random())) for seat in seats]
    for phone in phones:
        phone.start()
    for _ in range(kills):
        wanted = journal.count + 3
        until = time.monotonic() + 60
        while journal.count < wanted and time.monotonic() < until and not journal.strange:
            time.sleep(chance.uniform(0.001, 0.008))
        kept.kill_one(chance)
    for phone in phones:
        phone.ended.set()
    for phone in phones:
        phone.join(60)
    return journal
