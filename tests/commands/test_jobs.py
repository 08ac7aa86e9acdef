"""The scheduler: every job has its place, changes reach the flags, one of two acts."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from lms import jobs
from lms.core import clock, lease, tasks
from lms.core.access import Actor
from lms.core.db import db, session
from lms.core.outbox import Letter
from lms.core.uow import unit_of_work
from lms.people.api import actor_of
from lms.people.models import EmploymentSpell
from lms.people.staff.operations import record_leaving


def test_every_job_can_be_timed_and_runs(app):
    names = [name for name, _when, _work in jobs.all_jobs()]
    assert len(names) == len(set(names)) >= 3
    for _name, when, work in jobs.all_jobs():
        assert set(when) <= {"second", "minute", "hour", "day", "day_of_week"}
        work()


def test_somebody_who_left_is_looked_at_anew(app, cast):
    actor = actor_of(cast.li, clock.now())
    spell = (
        session()
        .scalars(select(EmploymentSpell).where(EmploymentSpell.person_id == cast.wang))
        .one()
    )
    with unit_of_work():
        record_leaving(spell.id, date(2026, 1, 31), actor, clock.now())
    scheduler = jobs.Scheduler(app, "one")
    scheduler.tick("outbox", scheduler.deliver)
    letters = session().scalars(select(Letter).execution_options(populate_existing=True)).all()
    assert [letter.done_at is not None for letter in letters] == [True]


def test_of_two_schedulers_one_acts(app):
    done = []
    first, second = jobs.Scheduler(app, "one"), jobs.Scheduler(app, "two")
    first.tick("tasks", lambda: done.append("one"))
    second.tick("tasks", lambda: done.append("two"))
    first.tick("tasks", lambda: done.append("one"))
    assert done == ["one", "one"]


def test_a_job_that_fails_does_not_stop_the_next(app):
    done = []
    scheduler = jobs.Scheduler(app, "one")

    def broken():
        raise RuntimeError

    scheduler.tick("tasks", broken)
    scheduler.tick("tasks", lambda: done.append(1))
    assert done == [1]


@pytest.mark.parametrize("name", ["tasks", "outbox"])
def test_a_lease_is_asked_for_by_name(app, name):
    scheduler = jobs.Scheduler(app, "one")
    with app.app_context():
        assert scheduler.holds(name)
        with unit_of_work():
            assert lease.take(name, "two", jobs.TERM) is None


def test_waiting_tasks_are_all_run(app, monkeypatch):
    ran = []
    monkeypatch.setattr(
        jobs, "all_runners", lambda: {"t": lambda p, _report: ran.append(p["n"]) or {}}
    )
    with unit_of_work():
        for n in range(3):
            tasks.start("t", {"n": n}, Actor(1, 1, "x"))
    jobs.Scheduler(app, "one").run_tasks()
    assert ran == [0, 1, 2]


def test_a_long_write_ahead_log_begins_again_at_its_start(app, monkeypatch):
    if db.engine.dialect.name != "sqlite":
        assert not app.extensions["settings"].is_sqlite
        return
    monkeypatch.setattr(jobs, "LONG_LOG", 0)
    scheduler = jobs.Scheduler(app, "one")
    with db.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        raw.execute("PRAGMA wal_autocheckpoint = 0")
        raw.execute("CREATE TABLE filler (text TEXT)")
        sizes = []
        for _ in range(4):
            raw.execute("INSERT INTO filler VALUES (hex(randomblob(100000)))")
            scheduler.checkpoint_tick()
            sizes.append(Path(f"{db.engine.url.database}-wal").stat().st_size)
        connection.invalidate()
    assert sizes[-1] == sizes[1]
