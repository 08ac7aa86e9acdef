"""The real service under harm: two Granian workers and the jobs process, a few dozen sittings, and
a journal outside. The large storms are ``make faults`` (``tests/faults/large.py``)."""

import os
import random
import signal
from contextlib import ExitStack
from datetime import timedelta

import time_machine

from exams.jobs import close_overdue
from lms.core import clock
from tests.faults.facts import facts_of, faults_of
from tests.faults.ground import no_room_for, postgres_like
from tests.faults.phones import Journal
from tests.faults.service import Service, install
from tests.faults.storms import end_soon, hold, seats_in, storm, until_refused
from tests.journeys.conftest import pause, wait_until_ready
from tests.site import Site

SEATS, LATE = 24, 4
HOLD = 3  # seconds, beyond the two that a group waits


def test_kills_a_full_disk_and_a_foreign_writer_lose_nothing(site, settings, cast, tmp_path):
    """On SQLite the workers cannot write a byte for a while; on PostgreSQL its postmaster is
    killed. On both: a foreign writer, a worker killed, the whole service killed and restarted."""
    seats = seats_in(site.app, cast, SEATS)
    install(site)
    chance, journal = random.Random(3), Journal(tmp_path / "journal")
    with ExitStack() as stack:
        if not settings.is_sqlite:
            settings, database = stack.enter_context(postgres_like(settings, tmp_path / "pg"))
            site = stack.enter_context(Site.open(settings))
        with Service(settings) as service:

            def fill():
                with no_room_for(service.workers()):
                    until_refused(journal, 3)

            def restart():
                service.kill()
                service.start()

            harms = [
                lambda: hold(service, settings, seats[-1], tmp_path / "held", journal, HOLD),
                fill if settings.is_sqlite else database.restart,
                lambda: service.kill_worker(chance),
                restart,
            ]
            end_soon(site.app, seats[:LATE], 6, 2)
            done = storm(service.url, seats, seats[:LATE], journal, harms, seed=1)
        with site.app.app_context(), time_machine.travel(clock.now() + timedelta(seconds=10)):
            close_overdue()
            facts = facts_of([seat.attempt for seat in seats])
    assert faults_of(journal, facts) == []
    assert journal.broken > 0, "the kills hit nothing"
    assert len(journal.receipts) == SEATS - LATE
    assert {facts.sittings[seat.attempt].state for seat in seats} == {"concluded"}
    assert done[0].bad == []


def test_workers_that_die_as_they_are_born_do_not_end_the_service(site, settings):
    """Granian gives up then; the service begins anew, and stops when it is told to."""
    install(site)
    with Service(settings) as service:
        born = set(service.workers())
        for _ in range(2):  # the second of these dies within seconds of its birth
            (victim, *_others) = sorted(set(service.workers()) - born) or sorted(born)
            os.kill(victim, signal.SIGKILL)
            for _ in range(100):
                if victim not in service.workers() and len(service.workers()) == len(born):
                    break
                pause()
        wait_until_ready(service.process, service.url)
        assert not born & set(service.workers()), "not begun anew"
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(30) == 0
