"""Who lets questions come up too often says why; who opens keys by a practice is on record; the
platform's bank can be picked from without reading its keys."""

import pytest
from sqlalchemy import select

from exams.bank.models import Bank, Question
from exams.entries.models import Entry, ExamEvent
from exams.papers.models import FixedPaper
from lms.core import clock
from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.cast import citizen_id
from tests.factories.exams import CANARY, draft_event, enter_person, picked_event
from tests.forms import post


def audited(action):
    query = select(AuditEvent.actor_id, AuditEvent.details)
    return session().execute(query.where(AuditEvent.action == action)).all()


@pytest.fixture
def client(sign_in, cast):
    return sign_in(cast.zhou)


@pytest.fixture
def platform(app, cast, bank):
    """The bank of the papers' tests belongs to the platform."""
    with unit_of_work():
        session().get_one(Bank, bank.id).organisation_id = None
    return bank


def test_a_bank_too_small_for_the_limit_is_published_only_with_a_reason(client, cast, bank, app):
    with unit_of_work():
        event = draft_event(cast, bank, clock.now(), exposure_percent=10, tolerance_tenths=1000)
        for person in (cast.wang, cast.zhao, cast.sun):
            enter_person(event, person, cast, clock.now())
    page = client.get("/events/1").text
    assert "为什么仍要发布" in page
    for reason in ("", "   "):
        post(client, "/events/1/publish", {"reason": reason}, page="/events")
        assert "请写明理由" in client.get("/events/1").text
        assert session().scalars(select(ExamEvent.status)).one() == "draft"
    post(client, "/events/1/publish", {"reason": "题库下月扩充"}, page="/events")
    assert session().scalars(select(ExamEvent.status)).one() == "published"
    (kept,) = audited("exams.exposure.accept")
    assert kept.actor_id == cast.zhou
    assert (kept.details["reason"], kept.details["limit"]) == ("题库下月扩充", 10)
    assert kept.details["worst"] > 10


def test_without_a_limit_nobody_is_asked(client, cast, bank, app):
    with unit_of_work():
        draft_event(cast, bank, clock.now())
    assert "为什么仍要发布" not in client.get("/events/1").text
    post(client, "/events/1/publish", page="/events")
    assert session().scalars(select(ExamEvent.status)).one() == "published"
    assert audited("exams.exposure.accept") == []


def test_a_practice_opens_keys_on_record_and_not_to_who_may_not_open_them(
    client, cast, platform, app, sign_in
):
    with unit_of_work():
        event = draft_event(cast, platform, clock.now(), practice=True)
        enter_person(event, cast.zhao, cast, clock.now())
    assert audited("question.key.open") == []
    post(client, "/events/1/publish", page="/events")
    (opened,) = audited("question.key.open")
    assert opened.actor_id == cast.zhou
    assert opened.details == {"purpose": "practice", "event": 1, "entered": 1}
    numbers = {"numbers": f"{citizen_id(1)}\n{citizen_id(6)}", "waiver": "自己试试"}
    told = post(client, "/events/1/candidates", numbers, page="/events", follow_redirects=True)
    assert "无权看这个题库的答案" in told.text
    assert set(session().scalars(select(Entry.person_id))) == {cast.zhao, cast.wang}
    assert [row.details["entered"] for row in audited("question.key.open")] == [1, 1]


def test_who_may_open_the_keys_may_practise_herself(client, cast, bank, app):
    with unit_of_work():
        draft_event(cast, bank, clock.now(), practice=True)
    numbers = {"numbers": citizen_id(6), "waiver": "先试一遍"}
    told = post(client, "/events/1/candidates", numbers, page="/events", follow_redirects=True)
    assert "不能给自己报名练习" not in told.text


def test_a_fixed_paper_is_picked_from_the_platforms_bank_without_its_keys(
    client, cast, platform, app
):
    with unit_of_work():
        picked_event(cast, platform, clock.now())
    page = client.get("/events/1/papers/fixed")
    assert page.status_code == 200
    assert CANARY not in page.text
    first = session().scalars(select(Question.id).where(Question.bank_id == platform.id)).first()
    made = post(
        client, "/events/1/papers/fixed", {"add": [str(first)], "worth": "2"}, page="/events"
    )
    assert made.status_code == 303
    assert session().scalars(select(FixedPaper.picks)).one() == [
        {"question_id": first, "tenths": 20}
    ]
    assert client.get(f"/banks/{platform.code}").status_code == 404
