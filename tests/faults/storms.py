"""A storm: phones that answer while one harm after another is done to the service."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import update

from exams.sittings.models import Attempt
from exams.sittings.starting import start
from lms.core import clock
from lms.core.config import Settings
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.benchmarks.hall import Seat, seat_candidates
from tests.cast import Cast
from tests.factories.exams import enter_person, fill_bank, learner, theory_event
from tests.faults.phones import Journal, Phone
from tests.faults.service import Service, foreign_writer
from tests.journeys.conftest import pause

Harm = Callable[[], object]
READS = 8  # rounds of reading that somebody must manage while a lock is held


def seats_in(app: Flask, cast: Cast, number: int) -> list[Seat]:
    """So many open sittings that nobody has entered yet."""
    with app.app_context(), unit_of_work():
        now = clock.now()
        event = theory_event(cast, fill_bank(cast, now), now)
        entry = enter_person(event, cast.wang, cast, now)
        sitting = start(entry.id, learner(cast.wang), now)
        seats = list(seat_candidates(app, entry, sitting, number, 0))
        session().execute(update(Attempt).values(epoch=0, device_hash=""))
        return seats


def end_soon(app: Flask, seats: Sequence[Seat], seconds: float, grace: int) -> None:
    """Let some sittings end so soon."""
    with app.app_context(), unit_of_work():
        deadline = (clock.now() + timedelta(seconds=seconds)).replace(microsecond=0)
        those = update(Attempt).where(Attempt.id.in_([seat.attempt for seat in seats]))
        session().execute(those.values(deadline=deadline, grace_seconds=grace))


def storm(
    url: str, seats: Sequence[Seat], late: Sequence[Seat], journal: Journal,
    harms: Sequence[Harm], seed: int, *, between: int = 40, patience: float = 120,
) -> list[Any]:  # fmt: skip
    """Let every seat answer (``late`` ones never hand in) while harms are done, each after so many
    more answers were acknowledged; returns what the harms returned."""
    gone = {seat.attempt for seat in late}
    phones = [
        Phone(url, seat, journal, seed * 1000 + n, hands_in=seat.attempt not in gone)
        for n, seat in enumerate(seats)
    ]
    for phone in phones:
        phone.start()
    done = []
    for harm in harms:
        wait_for_answers(journal, between, patience)
        done.append(harm())
    wait_for_answers(journal, between, patience)
    for phone in phones:
        phone.ended.set()
    for phone in phones:
        phone.join(patience)
        if phone.is_alive():
            journal.note("strange", phone.seat.attempt, "the phone never came to an end")
    return done


def wait_for_answers(journal: Journal, more: int, patience: float) -> None:
    """Return when so many more steps were acknowledged, or something strange was seen."""
    wanted, until = len(journal.acked) + more, time.monotonic() + patience
    while len(journal.acked) < wanted and not journal.strange:
        if time.monotonic() > until:
            journal.note("strange", 0, "nothing is acknowledged any more")
            return
        pause()


class Reader(threading.Thread):
    """Somebody who only reads, all the time; ``slowest`` is in seconds."""

    def __init__(self, ask: Callable[[], int]) -> None:
        super().__init__(daemon=True)
        self.ask, self.ended = ask, threading.Event()
        self.slowest, self.read, self.bad = 0.0, 0, list[object]()

    def __enter__(self) -> Reader:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.join()

    def run(self) -> None:
        """Read until told to stop."""
        while not self.ended.is_set():
            begun = time.monotonic()
            try:
                status: object = self.ask()
            except OSError as error:
                status = error
            self.slowest = max(self.slowest, time.monotonic() - begun)
            self.read += 1
            if status != 200:
                self.bad.append(status)
            pause()


def until_refused(journal: Journal, more: int, patience: float = 60) -> None:
    """Return when so many more requests were told to come back later."""
    wanted, until = journal.told.get(503, 0) + more, time.monotonic() + patience
    while journal.told.get(503, 0) < wanted and not journal.strange:
        assert time.monotonic() < until, "nobody was refused"
        pause()


def hold(
    service: Service, settings: Settings, seat: Seat, path: Path, journal: Journal, seconds: float
) -> Reader:
    """A foreign process holds the write lock for so long, and until somebody was refused and
    somebody could read; returns the one who read."""

    def ask() -> int:
        worst = 200
        for page in (f"/exams/room/{seat.attempt}/clock?unsent=1", "/exams", "/readyz"):
            line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
            line.request("GET", page, headers={"Cookie": seat.cookies})
            worst = max(worst, line.getresponse().status)
            line.close()
        return worst

    with foreign_writer(settings.database_url, path), Reader(ask) as reading:
        until = time.monotonic() + seconds
        until_refused(journal, 1)
        while time.monotonic() < until or reading.read < READS:
            assert time.monotonic() < until + 60, "nobody could read"
            pause()
    return reading
