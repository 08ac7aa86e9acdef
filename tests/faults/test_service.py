"""The real service under harm: two Granian workers and the jobs process, a few dozen sittings, and
a journal outside. The large storms are ``make faults`` (``tests/faults/large.py``)."""

import http.client
import random
from datetime import timedelta

import time_machine

from exams.jobs import close_overdue
from lms.core import clock
from tests.faults.facts import facts_of, faults_of
from tests.faults.phones import Journal
from tests.faults.service import Service, foreign_writer, install
from tests.faults.storms import Reader, end_soon, seats_in, storm
from tests.journeys.conftest import pause

SEATS, LATE = 24, 4
HOLD, READS = 3, 8  # seconds, beyond the two that a group waits; rounds of reading


def reader(service, seat):
    """Read what a candidate and what a stranger reads."""

    def ask():
        worst = 200
        for path in (f"/exams/room/{seat.attempt}/clock?unsent=1", "/exams", "/exams/receipt"):
            line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
            line.request("GET", path, headers={"Cookie": seat.cookies})
            worst = max(worst, line.getresponse().status)
            line.close()
        return worst

    return Reader(ask)


def hold(service, settings, seat, path, journal, seconds):
    """A foreign process writes for so long, and until somebody was refused and somebody could
    read; returns the one who read."""
    with foreign_writer(settings.database_url, path), reader(service, seat) as reading:
        until = clock.now() + timedelta(seconds=seconds)
        while clock.now() < until or not (journal.told.get(503) and reading.read >= READS):
            assert clock.now() < until + timedelta(seconds=60), "nobody could read"
            pause()
    return reading


def test_kills_and_a_foreign_writer_lose_nothing_and_reads_go_on(site, settings, cast, tmp_path):
    seats = seats_in(site.app, cast, SEATS)
    install(site)
    chance, readings, journal = random.Random(3), [], Journal(tmp_path / "journal")
    with Service(settings) as service:
        end_soon(site.app, seats[:LATE], 6, 2)

        def restart():
            service.kill()
            service.start()

        def write():
            path = tmp_path / "held"
            readings.append(hold(service, settings, seats[-1], path, journal, HOLD))

        harms = [write, lambda: service.kill_worker(chance), restart]
        storm(service.url, seats, seats[:LATE], journal, harms, seed=1)
    with site.app.app_context(), time_machine.travel(clock.now() + timedelta(seconds=10)):
        close_overdue()
        facts = facts_of([seat.attempt for seat in seats])
    assert faults_of(journal, facts) == []
    assert journal.broken > 0, "the kills hit nothing"
    assert journal.told.get(503, 0) > 0, "the writer held up nobody"
    assert len(journal.receipts) == SEATS - LATE
    assert {facts.sittings[seat.attempt].state for seat in seats} == {"concluded"}
    assert readings[0].bad == []
