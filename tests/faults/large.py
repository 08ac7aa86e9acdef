"""The large storms: ``make faults``. Not part of the suite; the small ones are in test_service.py.

pytest tests/faults/large.py [--database postgresql]
"""

import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select, update

from exams.jobs import close_overdue
from exams.results.models import Result
from exams.sittings.models import Attempt, SittingEvent
from lms.core import clock
from lms.core.config import load_settings
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.faults.facts import facts_of, faults_of, unsound
from tests.faults.ground import Clock, disk, filled, may_mount, no_room_for, postgres_like
from tests.faults.phones import Journal
from tests.faults.service import Service, install
from tests.faults.storms import end_soon, hold, seats_in, storm, until_refused, wait_for_answers
from tests.journeys.conftest import ROOT, pause
from tests.site import Site

SEATS, LATE, BACKLOG = 36, 6, 10_000


def judge(app, journal, seats):
    """Nothing is wrong, and everybody who handed in has a receipt."""
    with app.app_context(), time_machine.travel(clock.now() + timedelta(seconds=60)):
        close_overdue()
        facts = facts_of([seat.attempt for seat in seats])
    assert faults_of(journal, facts) == []
    assert {facts.sittings[seat.attempt].state for seat in seats} == {"concluded"}
    print(len(journal.acked), "acknowledged,", journal.broken, "broken lines,", journal.told)  # noqa: T201


def test_many_kills_and_a_writer_of_a_minute(site, settings, cast, tmp_path):
    seats = seats_in(site.app, cast, SEATS)
    install(site)
    chance, journal = random.Random(5), Journal(tmp_path / "journal")
    with ExitStack() as stack:
        if not settings.is_sqlite:
            settings, database = stack.enter_context(postgres_like(settings, tmp_path / "pg"))
            site = stack.enter_context(Site.open(settings))
        with Service(settings) as service:

            def restart():
                service.kill()
                service.start()

            kill = [lambda: service.kill_worker(chance)]
            harms = [*kill * 10, restart, *kill * 5, restart]
            harms += [] if settings.is_sqlite else [database.restart] * 5
            minute = lambda: hold(service, settings, seats[-1], tmp_path / "held", journal, 60)  # noqa: E731
            end_soon(site.app, seats[:LATE], 20, 5)
            done = storm(service.url, seats, seats[:LATE], journal, [*harms, minute], seed=2)
            by_jobs = clock.now() + timedelta(seconds=60)
            while clock.now() < by_jobs and open_sittings(site.app, seats[:LATE]):
                pause()
            assert open_sittings(site.app, seats[:LATE]) == 0, "the jobs process closed nothing"
        judge(site.app, journal, seats)
    assert done[-1].bad == []
    print(done[-1].read, "rounds read in the minute, the slowest", round(done[-1].slowest, 2), "s")  # noqa: T201


def open_sittings(app, seats):
    """How many of some sittings are open."""
    ids = [seat.attempt for seat in seats]
    with app.app_context():
        query = select(func.count()).where(Attempt.id.in_(ids), Attempt.state == "open")
        return session().scalar(query)


def test_a_full_disk(site, settings, cast, tmp_path):
    """A tmpfs of a few megabytes where mounting is allowed; elsewhere the processes' file limit."""
    seats = seats_in(site.app, cast, SEATS)
    install(site)
    journal = Journal(tmp_path / "journal")
    small = may_mount(tmp_path / "probe")
    print("the full disk is", "a tmpfs" if small else "a limit of file sizes")  # noqa: T201
    with ExitStack() as stack:
        database = None
        if small and settings.is_sqlite:
            folder = stack.enter_context(disk(tmp_path / "disk", 64))
            shutil.copytree(settings.instance, folder / "instance")
            url = settings.database_url.replace(str(settings.instance), str(folder / "instance"))
            own = {"LMS_INSTANCE": str(folder / "instance"), "LMS_DATABASE_URL": url}
            settings = load_settings(own)
            site = stack.enter_context(Site.open(settings))
        elif small:
            folder = stack.enter_context(disk(tmp_path / "disk", 400))
            made = postgres_like(settings, folder / "pg")
            settings, database = stack.enter_context(made)
            site = stack.enter_context(Site.open(settings))
        with Service(settings) as service:

            def fill():
                with filled(folder) if small else no_room_for(service.workers()):
                    until_refused(journal, 20)
                if database is not None:
                    database.start()

            storm(service.url, seats, [], journal, [fill, fill, fill], seed=3)
        judge(site.app, journal, seats)
    assert journal.told[503] > 0


@pytest.mark.parametrize("jump", [7200, -7200])
def test_the_clock_jumps(site, settings, cast, tmp_path, jump):
    """By two hours, while people sit; it is put right after a while, as by a time server."""
    seats = seats_in(site.app, cast, SEATS)
    install(site)
    with site.app.app_context(), unit_of_work():  # nobody's time is up in these two hours
        session().execute(update(Attempt).values(deadline=clock.now() + timedelta(hours=9)))
    journal, moved = Journal(tmp_path / "journal"), Clock(tmp_path)
    with Service(settings, **moved.environment) as service:

        def wrong():
            moved.jump(jump)
            wait_for_answers(journal, 100, 60)
            service.kill_worker(random.Random(1))

        def restart():
            service.kill()
            service.start()

        storm(service.url, seats, seats[:LATE], journal, [wrong, restart, lambda: moved.jump(0)], 4)
        # Back at the right time the jobs do their work at once, whatever leases said meanwhile.
        end_soon(site.app, seats[:LATE], -60, 5)
        until = clock.now() + timedelta(seconds=60)
        while clock.now() < until and open_sittings(site.app, seats[:LATE]):
            pause()
        assert open_sittings(site.app, seats[:LATE]) == 0, "the jobs process stands still"
    with site.app.app_context():
        facts = facts_of([seat.attempt for seat in seats])
    assert [fault for fault in faults_of(journal, facts) if fault[0] != "E"] == []


SWEEP = """
import resource, sys
from exams.jobs import close_overdue
from lms.app import create_app
from lms.core import clock
with create_app().app_context():
    print("begun", flush=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while closed := close_overdue():
        print(closed, flush=True)
    print("grown", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_ten_thousand_overdue_sittings(site, settings, cast, tmp_path):
    """Closed in batches and flat memory; killed in the middle twice, each is closed once."""
    seats_in(site.app, cast, BACKLOG - 1)  # and the one that they are copied from
    with site.app.app_context(), unit_of_work():
        over = clock.now() - timedelta(hours=1)
        session().execute(update(Attempt).values(deadline=over))

    def begin():
        env = os.environ | {
            "LMS_INSTANCE": str(settings.instance), "LMS_DATABASE_URL": settings.database_url,
        }  # fmt: skip
        command = [sys.executable, "-c", SWEEP]
        return subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def closed():
        with site.app.app_context():
            session().rollback()
            return session().scalar(select(func.count()).where(Attempt.state == "concluded"))

    for wanted in (BACKLOG // 10, BACKLOG // 5):
        with begin() as process:
            while closed() < wanted:
                assert process.poll() is None
                pause()
            os.kill(process.pid, signal.SIGKILL)
    with begin() as process:
        told = process.communicate()[0].split()
    assert closed() == BACKLOG
    with site.app.app_context():
        once = select(func.count(), func.count(SittingEvent.attempt_id.distinct()))
        row = session().execute(once.where(SittingEvent.kind == "timed_out")).one()
        assert tuple(row) == (BACKLOG, BACKLOG)
        results = select(func.count(), func.count(Result.attempt_id.distinct()))
        assert tuple(session().execute(results).one()) == (BACKLOG, BACKLOG)
        assert unsound() == []
    grown = int(told[-1])  # KiB
    print("grown by", grown // 1024, "MiB")  # noqa: T201
    assert grown < 60 * 1024
