"""A person says that her verdict is wrong; her county answers; facts, not answers, change it."""

import pytest
import time_machine
from sqlalchemy import select

from courses.api import duties_of
from courses.appeals.models import DutyAppeal, DutyAppealStep
from courses.appeals.operations import appeal
from lms.core import clock
from lms.core.db import session
from lms.core.errors import Conflict
from lms.core.notify import unread
from lms.core.uow import unit_of_work
from lms.people.api import actor_of
from tests.factories.central import NINE
from tests.forms import post
from tests.together import at_once, refusals


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel(NINE, tick=False):
        yield


def appeals(do):
    return do(lambda: list(session().scalars(select(DutyAppeal))))


def steps(do):
    return do(lambda: [s.step for s in session().scalars(select(DutyAppealStep))])


def send(client, text="我在五月参加过培训", year=2026):
    return post(client, "/learn/duty/appeal", {"year": str(year), "text": text})


def test_she_appeals_her_county_answers_and_she_reads_it(do, cast, sign_in):
    wang, county = sign_in(cast.wang), sign_in(cast.county)
    assert "觉得不对？可以申诉" in wang.get("/learn/duty").text
    assert send(wang).status_code == 303
    page = wang.get("/learn/duty").text
    assert "民政部门还没有答复" in page
    assert "觉得不对？可以申诉" not in page
    (row,) = appeals(do)
    assert (row.state, row.rule, row.region) == ("at_risk", "compliance.central@1", "140105")
    assert "我在五月参加过培训" in county.get("/flags/appeals").text
    told = post(county, f"/flags/appeals/{row.id}/accepted", {"text": "已请老师补记签到"})
    assert told.status_code == 303
    assert "已请老师补记签到" in wang.get("/learn/duty").text
    assert [n.kind for n in do(unread, cast.wang)] == ["duty.appeal.accepted"]
    assert "我在五月参加过培训" not in county.get("/flags/appeals").text


def test_an_answer_changes_no_verdict(do, cast, sign_in):
    send(sign_in(cast.wang))
    before = do(duties_of, cast.wang, 2026, clock.today())
    post(sign_in(cast.county), f"/flags/appeals/{appeals(do)[0].id}/accepted", {"text": "情况属实"})
    assert do(duties_of, cast.wang, 2026, clock.today()) == before


def test_one_appeal_at_a_time_and_one_answer(do, cast, sign_in):
    wang, county = sign_in(cast.wang), sign_in(cast.county)
    send(wang)
    send(wang, "再说一遍我参加过")
    assert len(appeals(do)) == 1
    number = appeals(do)[0].id
    post(county, f"/flags/appeals/{number}/rejected", {"text": " "})
    assert steps(do) == []
    for step in ("rejected", "rejected", "accepted"):
        post(county, f"/flags/appeals/{number}/{step}", {"text": "签到表上没有您"})
    assert steps(do) == ["rejected"]
    send(wang, "签到表拍错页了")
    assert len(appeals(do)) == 2


def test_she_may_withdraw_and_nobody_else(do, cast, sign_in):
    send(sign_in(cast.wang))
    number = appeals(do)[0].id
    assert post(sign_in(cast.zhao), f"/learn/duty/appeal/{number}/withdraw").status_code == 404
    assert post(sign_in(cast.wang), f"/learn/duty/appeal/{number}/withdraw").status_code == 303
    assert steps(do) == ["withdrawn"]


def test_another_county_neither_sees_nor_answers(do, cast, sign_in):
    send(sign_in(cast.wang))
    other = sign_in(cast.other_county)
    assert "王桂兰" not in other.get("/flags/appeals").text
    number = appeals(do)[0].id
    told = post(other, f"/flags/appeals/{number}/accepted", {"text": "情况属实"})
    assert told.status_code == 404
    assert sign_in(cast.li).get("/flags/appeals").status_code == 403
    assert steps(do) == []


def test_without_a_flag_or_words_there_is_nothing_to_appeal(do, cast, sign_in):
    send(sign_in(cast.li))  # a clerk owes nothing
    send(sign_in(cast.wang), "  ")
    assert appeals(do) == []


@pytest.mark.parametrize("year", [0, 2019, 2027, 10_000, 10**12])
def test_a_year_that_cannot_be_judged_yet_or_at_all_is_refused(do, cast, sign_in, year):
    assert send(sign_in(cast.wang), year=year).status_code == 303
    assert appeals(do) == []


def test_appeals_sent_at_once_leave_one(site, do, cast):
    def say() -> None:
        with unit_of_work():
            appeal(2026, "我在五月参加过培训", actor_of(cast.wang, clock.now()), clock.now())

    results = at_once(site.app, 8, say)
    assert refusals(results) == [Conflict] * 7
    assert results.count(None) == 1
    assert len(appeals(do)) == 1
