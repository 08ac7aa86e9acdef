"""Long work: runs once, shows progress, and ends with a result or a reason."""

import contextlib
from datetime import timedelta

import time_machine

from lms.core import clock, tasks
from lms.core.access import Actor
from lms.core.errors import Invalid
from lms.core.uow import unit_of_work


def start(kind="count", person=1):
    with unit_of_work():
        return tasks.start(kind, {"to": 3}, Actor(person, 1, "x")).ref


def state(ref, person=1):
    task = tasks.find(ref, Actor(person, 1, "x"))
    return task and (task.state, task.done, task.total, task.result)


def test_a_task_reports_and_ends_with_its_result(app):
    ref = start()

    def count(params, report):
        report(2, params["to"])
        assert state(ref)[:3] == ("running", 2, 3)
        return {"sum": 6}

    assert tasks.run_next({"count": count})
    assert state(ref) == ("done", 2, 3, {"sum": 6})
    assert not tasks.run_next({"count": count})


def test_a_refusal_is_kept_in_words(app):
    ref = start()

    def refuse(_params, _report):
        raise Invalid("第 3 行没有姓名")

    tasks.run_next({"count": refuse})
    assert state(ref)[0] == "failed"
    assert state(ref)[3] == {"error": "第 3 行没有姓名"}


def test_a_crash_shows_no_trace_to_the_owner(app):
    ref = start()

    def crash(_params, _report):
        raise RuntimeError("secret detail")

    tasks.run_next({"count": crash})
    assert state(ref)[3] == {"error": ""}


def test_a_task_belongs_to_its_owner(app):
    assert state(start(person=1), person=2) is None


def test_a_task_whose_process_died_is_marked_failed(app):
    ref = start()
    with time_machine.travel(clock.now(), tick=False) as travel:

        def dies(_params, _report):
            raise KeyboardInterrupt

        with contextlib.suppress(KeyboardInterrupt):
            tasks.run_next({"count": dies})
        assert state(ref)[0] == "running"
        travel.shift(timedelta(minutes=6))
        tasks.fail_stale()
    assert state(ref)[0] == "failed"
