"""Expelled: an outcome of its own, with evidence, and only another examiner takes it back."""

import pytest
from sqlalchemy import func, select

from exams.results.models import Result
from exams.sittings.models import Attempt, Expulsion
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
    assert "成绩已经产生" in expel(client).text
    with site.app.app_context():
        assert session().get_one(Attempt, 1).state == "concluded"


def test_only_another_examiner_takes_it_back_and_then_it_is_marked(room, site, cast, sign_in):
    room.send(*[room.step(n, room.right(n)) for n in range(1, 101)])
    client, fact = sign_in(cast.zhou), {"reason": "手机是监考员交给她的"}
    expel(client)
    own = post(client, "/events/1/entries/1/reinstate", fact, page="/events")
    assert "不能自己撤销" in own.text
    with site.app.app_context(), unit_of_work():
        now = clock.now()
        grant_role(
            cast.chen, Role.EXAMINER, SYSTEM, now, clock.local_date(now), organisation_id=cast.base
        )
    other = sign_in(cast.chen)
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
