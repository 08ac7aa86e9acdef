"""Each reminder happens once, to whom it concerns, not at night, whatever clocks do."""

import random
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from courses.api import HANDLERS, materialise
from courses.compliance.models import DutyFlag
from courses.reminders import delivery, planning
from courses.reminders.planning import plan
from courses.reminders.rules import Stage, awake, due_stages
from lms.core import clock, outbox
from lms.core.clock import SHANGHAI
from lms.core.db import db, session
from lms.core.notify import Notice
from lms.core.uow import unit_of_work

VALUE = {
    "late_days": 21,
    "quiet": {"from": "20:30", "to": "08:00"},
    "stages": [
        {"code": "begin", "begins": "07-01", "states": ["at_risk"], "tell": ["person"]},
        {"code": "last", "begins": "11-15", "states": ["at_risk"], "tell": ["person", "hr"]},
        {"code": "missed", "begins": "+01-05", "states": ["missed"], "tell": ["person"]},
    ],
}


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        ("2026-06-30", []), ("2026-07-01", ["begin"]), ("2026-07-21", ["begin"]),
        ("2026-07-22", []), ("2026-11-23", ["last"]), ("2027-01-04", []),
        ("2027-01-05", ["missed"]), ("2027-01-26", []),
    ],
)  # fmt: skip
def test_which_stages_are_due(day, codes):
    found = due_stages(VALUE, date.fromisoformat(day))
    assert [stage.code for stage in found] == codes


def test_what_is_told_in_january_is_about_the_year_before():
    (stage,) = due_stages(VALUE, date(2027, 1, 6))
    assert stage.year == 2026


@pytest.mark.parametrize(
    ("moment", "arrives"),
    [
        ("2026-11-23T03:10", "2026-11-23T08:00"), ("2026-11-23T08:00", "2026-11-23T08:00"),
        ("2026-11-23T12:00", "2026-11-23T12:00"), ("2026-11-23T20:29", "2026-11-23T20:29"),
        ("2026-11-23T20:30", "2026-11-24T08:00"), ("2026-11-23T23:59", "2026-11-24T08:00"),
    ],
)  # fmt: skip
def test_nobody_is_woken(moment, arrives):
    assert awake(VALUE, local(moment)) == local(arrives)


def notices(do):
    return do(lambda: list(session().scalars(select(Notice).where(Notice.kind.like("duty.%")))))


def night_of(do, day):
    """The flags and the letters of a night, as the jobs make them."""
    with time_machine.travel(local(f"{day}T02:15"), tick=False):
        do(materialise, int(day[:4]), date.fromisoformat(day), clock.now())
    with time_machine.travel(local(f"{day}T03:10"), tick=False):
        return do(plan, clock.now())


def deliver_at(do, moment):
    with time_machine.travel(local(moment), tick=False):
        while do(outbox.deliver_due, HANDLERS):
            pass


def test_the_person_her_hr_and_the_county_hear_of_it_once(do, cast):
    # 王桂兰 and 赵秀英, their two homes, their two counties
    assert night_of(do, "2026-11-15") == 6
    deliver_at(do, "2026-11-15T04:00")
    assert notices(do) == []
    deliver_at(do, "2026-11-15T08:00")
    told = Counter((n.person_id, n.kind) for n in notices(do))
    assert told == {
        (cast.wang, "duty.remind"): 1, (cast.zhao, "duty.remind"): 1,
        (cast.li, "duty.digest"): 1, (cast.sun, "duty.digest"): 1,
        (cast.county, "duty.digest"): 1, (cast.other_county, "duty.digest"): 1,
    }  # fmt: skip
    assert night_of(do, "2026-11-16") == 0
    deliver_at(do, "2026-11-16T09:00")
    assert len(notices(do)) == 6


def test_who_has_done_it_by_morning_is_not_told(do, cast):
    night_of(do, "2026-07-01")
    do(mark_done, cast.wang)
    deliver_at(do, "2026-07-01T08:00")
    assert [n.person_id for n in notices(do)] == [cast.zhao]


def mark_done(person_id):
    with unit_of_work():
        flag = session().scalars(select(DutyFlag).where(DutyFlag.person_id == person_id)).one()
        flag.state = "done"


class Killed(BaseException):
    """The process ended here."""


def test_two_schedulers_killed_and_frozen_two_hundred_times_tell_everybody_once(
    do, cast, monkeypatch
):
    """Each round is a stage of its own. Somebody is killed before or after a notice is written,
    the clock jumps back and forth, another scheduler plans and delivers again."""
    chance, real = random.Random(20261115), delivery.tell
    night_of(do, "2026-11-15")
    begins, kills = local("2026-11-15T09:00"), 0
    for number in range(200):
        stage = Stage(
            f"s{number}", 2026, begins.date(), frozenset({"at_risk"}), frozenset({"person"})
        )
        monkeypatch.setattr(planning, "due_stages", lambda _value, _today, one=stage: [one])
        dying = chance.choice(("before", "after"))

        def tell(*args, how=dying, **more):
            if how == "after":
                real(*args, **more)
            raise Killed

        monkeypatch.setattr(delivery, "tell", tell)
        with time_machine.travel(begins + timedelta(minutes=number), tick=False):
            do(plan, clock.now())
            with pytest.raises(Killed):
                do(outbox.deliver_due, HANDLERS)
            kills += 1
        monkeypatch.setattr(delivery, "tell", real)
        jump = timedelta(minutes=number + chance.randint(-60, 600))
        with time_machine.travel(begins + jump, tick=False):
            do(db.session.rollback)
            do(plan, clock.now())
            do(deliver_two)
    deliver_at(do, "2026-12-20T09:00")
    told = Counter(n.key for n in notices(do) if ":s" in n.key)
    assert kills == 200
    assert set(told.values()) == {1}
    assert told.keys() == {
        f"duty:2026:s{n}:p{person}" for n in range(200) for person in (cast.wang, cast.zhao)
    }


def deliver_two():
    """Two schedulers, one after the other."""
    outbox.deliver_due(HANDLERS)
    outbox.deliver_due(HANDLERS)
