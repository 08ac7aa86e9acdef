"""A hall whose time is up: all are closed, each once, whoever looks, whatever one of them has."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain

import pytest
import time_machine
from sqlalchemy import func, select, update

from exams import jobs
from exams.results.models import Result
from exams.sittings.closing import overdue
from exams.sittings.models import Attempt, SittingEvent
from exams.sittings.starting import start
from lms.core import clock
from lms.core.db import db, session
from lms.core.uow import unit_of_work
from tests.benchmarks.hall import seat_candidates
from tests.factories.exams import enter_person, fill_bank, learner, theory_event
from tests.statements import count_statements

SITTINGS = 24


@pytest.fixture
def late(site, cast):
    """The moment at which every sitting of the hall is overdue."""
    with site.app.app_context(), unit_of_work():
        now = clock.now()
        event = theory_event(cast, fill_bank(cast, now), now)
        entry = enter_person(event, cast.wang, cast, now)
        sitting = start(entry.id, learner(cast.wang), now)
        list(seat_candidates(site.app, entry, sitting, SITTINGS - 1, 0))
        return sitting.deadline + timedelta(seconds=sitting.grace_seconds + 1)


def count(what, **where):
    return session().scalar(select(func.count()).select_from(what).filter_by(**where))


def test_a_backlog_is_closed_in_one_tick_with_as_many_statements_for_each(site, late, monkeypatch):
    monkeypatch.setattr(jobs, "ROUND", 10)
    with site.app.app_context(), time_machine.travel(late, tick=False):
        with count_statements() as seen:
            assert jobs.close_overdue() == SITTINGS
        assert count(Attempt, state="concluded") == count(Result) == SITTINGS
        assert len(seen) < SITTINGS * 40


def test_a_backlog_is_read_a_page_at_a_time_and_never_as_a_whole(site, late):
    """Sittings of a longer grace time stand between those that are due, and are passed over."""
    with site.app.app_context(), time_machine.travel(late, tick=False):
        numbers = session().scalars(select(Attempt.id).order_by(Attempt.id)).all()
        longer = update(Attempt).where(Attempt.id.in_(numbers[::3]))
        with unit_of_work():
            session().execute(longer.values(grace_seconds=3600))
        after, pages = None, []
        with count_statements() as seen:
            while page := overdue(clock.now(), after, 5):
                pages.append([sitting.id for sitting in page])
                after = page[-1]
        assert list(chain(*pages)) == [n for n in numbers if n not in numbers[::3]]
        assert max(map(len, pages)) == 5
        assert all("LIMIT" in s or "DISTINCT" in s for s in seen if s.startswith("SELECT"))


def test_two_schedulers_close_each_sitting_once(site, late):
    def close(_n):
        with site.app.app_context():
            try:
                return jobs.close_overdue()
            finally:
                db.session.remove()

    with time_machine.travel(late, tick=False):
        with ThreadPoolExecutor(2) as pool:
            assert sum(pool.map(close, range(2))) == SITTINGS
        with site.app.app_context():
            assert count(Result) == count(SittingEvent, kind="timed_out") == SITTINGS


def test_one_that_cannot_be_closed_holds_up_no_other(site, late, monkeypatch):
    with site.app.app_context(), time_machine.travel(late, tick=False):
        broken = session().scalars(select(Attempt.id).order_by(Attempt.id)).all()[3]
        close_one = jobs.time_out_if_due

        def fail(attempt_id, now):
            if attempt_id == broken:
                raise LookupError("no key")
            return close_one(attempt_id, now)

        monkeypatch.setattr(jobs, "time_out_if_due", fail)
        assert jobs.close_overdue() == SITTINGS - 1
        assert list(session().scalars(select(Attempt.id).filter_by(state="open"))) == [broken]
