"""Expelled: an outcome of its own, with evidence, and only another examiner takes it back."""

import pytest
from sqlalchemy import func, select

from exams.results.models import Result
from exams.results.queries import results_of, standings_of
from exams.sittings.models import Attempt, Expulsion, ResultVoiding, VoidingDecision
from lms.core import audit, clock
from lms.core.access import SYSTEM, Role
from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import grant_role
from tests.factories.exams import open_room, ready
from tests.forms import post

WHY = {"reason": "带了第二部手机，当场收走"}


@pytest.fixture
def room(site, cast, sign_in):
    return open_room(sign_in(cast.wang), ready(site.app, cast))


def expel(client, **data):
    return post(client, "/events/1/entries/1/expel", {**WHY, **data}, page="/events")


def results():
    return session().scalar(select(func.count()).select_from(Result))


def test_she_is_out_without_a_result_and_sees_why_and_how_to_appeal(room, site, cast, sign_in):
    room.answer(1, room.right(1))
    room.post("/left", {"device": room.device, "op": "report-one", "seconds": 5})
    client = sign_in(cast.zhou)
    assert "不算零分" in client.get("/events/1/entries/1/expel").text
    assert expel(client).status_code == 303
    assert room.answer(2, room.right(2)).json["code"] == "closed"
    with site.app.app_context():
        attempt = session().get_one(Attempt, 1)
        assert (attempt.state, attempt.answered, results()) == ("expelled", 1, 0)
        assert attempt.receipt
        evidence = session().scalars(select(Expulsion)).one().evidence
        assert (evidence["left"], evidence["devices"]) == (1, 1)
        said = session().scalars(select(AuditEvent).where(AuditEvent.action.like("%expel"))).one()
        assert said.details["reason"] == WHY["reason"]
        assert audit.first_broken() is None
    page = room.client.get("/exams/1").text
    assert WHY["reason"] in page
    assert "书面申诉" in page
    assert "取消资格" in room.client.get("/exams").text
    assert "取消资格" in client.get("/events/1").text
    assert "取消资格" in client.get("/events/1/results.csv").data.decode("utf-8-sig")
    again = post(room.client, "/exams/1/start", page="/exams")
    assert again.status_code == 409


def test_a_reason_is_needed_and_a_result_is_not_undone_here(room, site, cast, sign_in):
    client = sign_in(cast.zhou)
    assert expel(client, reason="").status_code == 200
    room.hand_in()
    assert "一个人不能取消资格" in expel(client).text
    with site.app.app_context():
        assert session().get_one(Attempt, 1).state == "concluded"


def test_only_another_examiner_takes_it_back_and_then_it_is_marked(room, site, cast, sign_in):
    room.send(*[room.step(n, room.right(n)) for n in range(1, 101)])
    client, fact = sign_in(cast.zhou), {"reason": "手机是监考员交给她的"}
    expel(client)
    own = post(client, "/events/1/entries/1/reinstate", fact, page="/events")
    assert "另一位考务人员来办" in own.text
    other = another_examiner(site, cast, sign_in)
    assert post(other, "/events/1/entries/1/reinstate", {"reason": ""}).status_code == 200
    assert post(other, "/events/1/entries/1/reinstate", fact, page="/events").status_code == 303
    with site.app.app_context():
        assert session().scalars(select(Result)).one().tenths == 1000
        assert session().get_one(Attempt, 1).state == "concluded"
        rows = list(session().scalars(select(Expulsion).order_by(Expulsion.id)))
        assert rows[1].reverses_id == rows[0].id
    again = post(other, "/events/1/entries/1/reinstate", fact, page="/events")
    assert "没有被取消资格" in again.text
    assert "100 分 合格" in room.client.get("/exams").text


def another_examiner(site, cast, sign_in):
    with site.app.app_context(), unit_of_work():
        now = clock.now()
        grant_role(
            cast.chen, Role.EXAMINER, SYSTEM, now, clock.local_date(now), organisation_id=cast.base
        )
    return sign_in(cast.chen)


def void(client, word="", **data):
    url = "/events/1/entries/1/void" + (f"/{word}" if word else "")
    return post(client, url, {**WHY, **data}, page="/events")


@pytest.fixture
def passed(room):
    """She handed everything in right, and has seen her result."""
    room.send(*[room.step(n, room.right(n)) for n in range(1, 101)])
    room.hand_in()
    assert "100 分 合格" in room.client.get("/exams").text
    return room


def test_after_a_result_it_takes_two_people_and_the_result_stays_but_counts_no_more(
    passed, site, cast, sign_in
):
    client, other = sign_in(cast.zhou), another_examiner(site, cast, sign_in)
    assert "没有等待决定" in void(other, "approve").text
    assert void(client, reason="").status_code == 200
    assert void(client).status_code == 303
    assert "已经有人提出" in void(other).text
    assert "另一位考务人员来办" in void(client, "approve").text
    assert "100 分 合格" in passed.client.get("/exams").text
    page = other.get("/events/1/entries/1/watch").text
    assert WHY["reason"] in page
    assert "不同意成绩作废" in page
    shown = passed.client.get("/exams").text.split("/exams/results/")[1].split('"')[0]
    assert void(other, "approve").status_code == 303
    assert "没有等待决定" in void(other, "refuse").text
    with site.app.app_context():
        result = session().scalars(select(Result)).one()
        assert result.tenths == 1000
        assert session().get_one(Attempt, 1).state == "expelled"
        assert standings_of(cast.wang, result.rung) == []
        assert results_of(cast.wang) == []
        done = session().scalars(select(VoidingDecision)).one()
        expulsion = session().scalars(select(Expulsion)).one()
        assert (done.approved, done.expulsion_id) == (True, expulsion.id)
        assert (done.by, expulsion.reason) == (cast.chen, WHY["reason"])
        assert session().scalars(select(ResultVoiding)).one().by == cast.zhou
        trail = set(session().scalars(select(AuditEvent.action)))
        assert {"exams.result.void.propose", "exams.result.void.approve"} <= trail
        assert audit.first_broken() is None
    assert passed.client.get(f"/exams/results/{shown}").status_code == 404
    assert "取消资格" in passed.client.get("/exams").text
    assert WHY["reason"] in passed.client.get("/exams/1").text
    log = client.get("/events/1/entries/1/watch").text
    assert "提出成绩作废" in log


def test_the_second_person_may_refuse_and_a_new_fact_lets_a_void_result_count_again(
    passed, site, cast, sign_in
):
    client, other = sign_in(cast.zhou), another_examiner(site, cast, sign_in)
    void(client)
    assert void(other, "refuse").status_code == 303
    assert "100 分 合格" in passed.client.get("/exams").text
    void(client)
    assert void(other, "approve").status_code == 303
    fact = {"reason": "手机是监考员交给她的"}
    refused = post(other, "/events/1/entries/1/reinstate", fact, page="/events")
    assert "另一位考务人员来办" in refused.text
    assert post(client, "/events/1/entries/1/reinstate", fact, page="/events").status_code == 303
    with site.app.app_context():
        assert results() == 1
        assert session().get_one(Attempt, 1).state == "concluded"
        assert [r.tenths for r in results_of(cast.wang)] == [1000]


def test_without_a_result_there_is_nothing_to_make_void(room, site, cast, sign_in):
    assert "没有可以作废的成绩" in void(sign_in(cast.zhou)).text
