"""Events of one bank or blueprint side by side: who is in, the figures, and what is not claimed."""

from dataclasses import astuple
from datetime import timedelta

import pytest
from scipy import stats

from exams.analysis.comparing import Sums, compared, comparison
from exams.entries.models import Entry, ExamEvent
from exams.papers.models import Paper
from exams.results.models import Result
from exams.sittings.models import Attempt
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.cast import THEN
from tests.factories.bank import NOW, make_bank
from tests.factories.exams import examiner
from tests.factories.marking import candidate
from tests.statements import count_statements


def held(cast, bank_id, marks, title="一场", **changes):
    """A closed event with these results, in tenths."""
    opens = NOW - timedelta(days=changes.pop("ago", 1))
    plan = {
        "title": title, "rung": 2, "part": "theory", "organisation_id": cast.base,
        "bank_id": bank_id, "opens_at": opens, "closes_at": opens + timedelta(hours=3),
        "minutes": 60, "attempts": 1, "release": "at_once", "feedback": "marks",
        "grace_seconds": 0, "created_at": THEN, "created_by": cast.zhou, "status": "closed",
        "blueprint": "exams.blueprint.junior@1",
    }  # fmt: skip
    event = ExamEvent(**(plan | changes))
    session().add(event)
    session().flush()
    session().add(
        Paper(
            event_id=event.id, seed="s", blueprint="b", digest="d", created_at=NOW, expected=700
        )
    )  # fmt: skip
    for number, tenths in enumerate(marks):
        person = candidate(500 + 60 * event.id + number, f"考生{number}")
        entry = Entry(
            event_id=event.id, person_id=person, ticket=f"C{event.id}-{number}", decision={},
            rule_stamp="", registered_by=0, registered_at=NOW,
        )  # fmt: skip
        session().add(entry)
        session().flush()
        attempt = Attempt(
            entry_id=entry.id, number=1, slots=1, state="concluded", started_at=NOW, deadline=NOW,
            grace_seconds=0, handed_in_at=NOW,
        )  # fmt: skip
        session().add(attempt)
        session().flush()
        session().add(
            Result(
                attempt_id=attempt.id, event_id=event.id, person_id=person, rung=2, part="theory",
                tenths=tenths, passed=tenths >= 600, by_module={}, stamp="", decided_by=0,
                decided_at=NOW,
            )
        )  # fmt: skip
    session().flush()
    return event


@pytest.fixture
def bank(app, cast):
    return make_bank(cast.base, "compare")


def test_the_figures_are_those_of_scipy():
    marks = [400 + 13 * n % 500 for n in range(40)]
    found = Sums(40, sum(marks), sum(m * m for m in marks), sum(m >= 600 for m in marks))
    mean, deviation, within, passed = compared(found)
    assert (mean, deviation) == pytest.approx((sum(marks) / 40, stats.tstd(marks)))
    told = stats.t.interval(0.95, 39, loc=mean, scale=stats.sem(marks))
    assert (within.low, within.high) == pytest.approx(told, rel=1e-6)
    share = stats.binomtest(found.passed, 40).proportion_ci(method="wilson")
    assert (passed.low, passed.high) == pytest.approx((share.low, share.high), rel=1e-6)


def test_below_thirty_nothing_is_claimed():
    mean, deviation, within, passed = compared(Sums(29, 29 * 700, 29 * 490000, 29))
    assert (mean, deviation, within, passed) == (700, 0, None, None)
    assert compared(Sums(1, 650, 422500, 1)) == (650, None, None, None)


def test_events_of_the_same_bank_or_blueprint_stand_side_by_side(app, cast, bank, sign_in):
    with unit_of_work():
        other = make_bank(cast.base, "elsewhere").id
        held(cast, bank.id, [700] * 3, "去年那场", ago=400, blueprint="blueprint:own@2")
        here = held(cast, bank.id, [650 + 2 * n for n in range(30)], "今年这场")
        held(cast, other, [500, 600], "同方案别的题库", ago=30)
        held(cast, other, [500], "无关的", blueprint="fixed:9@1")
        held(cast, bank.id, [500], "别的等级", rung=3)
        held(cast, bank.id, [500], "练习一场", practice=True)
        held(cast, bank.id, [500], "别家的", organisation_id=cast.kangning)
        held(cast, bank.id, [], "还没成绩")
    client = sign_in(cast.zhou)
    rows = comparison(here, examiner(cast))
    assert [row.title for row in rows] == ["去年那场", "同方案别的题库", "今年这场"]
    assert [row.same_blueprint for row in rows] == [False, True, True]
    assert [row.above for row in rows] == [None, None, pytest.approx(-21)]
    # Nothing is published: who may not publish sees no figures.
    assert comparison(here, SYSTEM) == []
    page = client.get(f"/events/{here.id}/analysis/compare").text
    for said in ("去年那场", "组卷方案不同", "人数不足", "-2.1", "67.9", "<svg"):
        assert said in page, said
    with count_statements() as few:
        comparison(here, examiner(cast))
    assert len(few) <= 5
    assert astuple(rows[0])[4:6] == (3, 700)


def test_alone_it_says_what_is_missing(app, cast, bank, sign_in):
    with unit_of_work():
        only = held(cast, bank.id, [700])
    page = sign_in(cast.zhou).get(f"/events/{only.id}/analysis/compare").text
    assert "还没有可以比较的场次" in page
