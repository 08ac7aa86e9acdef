"""One scheduler acts; a frozen one that wakes up finds its fence outdated."""

from datetime import timedelta

import pytest
import time_machine

from lms.core import clock, lease
from lms.core.errors import Conflict
from lms.core.uow import unit_of_work

TERM = timedelta(seconds=90)


def take(holder):
    with unit_of_work():
        return lease.take("jobs", holder, TERM)


def test_a_held_lease_is_refused_and_renewed_by_its_holder(app):
    with time_machine.travel(clock.now(), tick=False) as travel:
        assert take("a")
        assert take("b") is None
        travel.shift(timedelta(seconds=80))
        assert take("a")
        travel.shift(timedelta(seconds=80))
        assert take("b") is None


def test_a_frozen_holder_cannot_act_after_its_lease_passed_on(app):
    with time_machine.travel(clock.now(), tick=False) as travel:
        frozen = take("a")
        travel.shift(timedelta(minutes=5))
        newer = take("b")
        assert newer > frozen
        with pytest.raises(Conflict), unit_of_work():
            lease.check("jobs", frozen)
        with unit_of_work():
            lease.check("jobs", newer)


def test_a_clock_put_back_does_not_leave_the_work_undone_for_hours(app):
    now = clock.now()
    with time_machine.travel(now + timedelta(hours=2), tick=False):
        assert take("killed")
    with time_machine.travel(now, tick=False):
        assert take("b")
        assert take("c") is None
