"""The examiner's side: plan, feasibility, publish, candidates, progress, export, scope."""

import pytest
from sqlalchemy import select

from exams.entries.models import Entry, ExamEvent
from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.cast import citizen_id, credit_code
from tests.factories.exams import enter_person, fill_bank, open_room, ready, theory_event
from tests.forms import post
from tests.statements import count_statements

PLAN = {
    "title": "十二月初级工理论考试", "rung": "2", "part": "theory", "opens_at": "2026-12-01T09:00",
    "closes_at": "2026-12-01T17:00", "minutes": "90", "attempts": "1", "release": "at_once",
    "feedback": "explained", "paper_mode": "own", "shuffle_options": "y",
}  # fmt: skip


@pytest.fixture
def bank(site, cast):
    with site.app.app_context(), unit_of_work():
        return fill_bank(cast, clock.now(), papers=1).id


def plan(cast, bank, **changes):
    return {**PLAN, "organisation_id": str(cast.base), "bank_id": str(bank), **changes}


def test_an_event_is_planned_published_and_seen_by_its_candidate(site, cast, sign_in, bank):
    client = sign_in(cast.zhou)
    made = post(client, "/events/new", plan(cast, bank), page="/events")
    assert made.location == "/events/1"
    assert "题库够用" in client.get("/events/1").text
    post(client, "/events/1/candidates", {"numbers": citizen_id(1)}, page="/events")
    assert "还没有考试" in sign_in(cast.wang).get("/exams").text
    post(client, "/events/1/publish", page="/events")
    assert PLAN["title"] in sign_in(cast.wang).get("/exams").text


def test_a_bank_too_small_is_said_before_publishing_and_refused(site, cast, sign_in, bank):
    client = sign_in(cast.zhou)
    post(client, "/events/new", plan(cast, bank, attempts="2"), page="/events")
    text = "需要 84 道生活照护单选题，题库只有 42 道。"
    assert text in client.get("/events/1").text
    post(client, "/events/1/publish", page="/events")
    assert text in client.get("/events/1").text
    with site.app.app_context():
        assert session().get_one(ExamEvent, 1).status == "draft"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"closes_at": "2026-12-01T08:00"}, "结束时间要晚于开始时间"),
        ({"closes_at": "2026-12-01T10:00"}, "比考试时长还短"),
        ({"bank_id": ""}, "要选一个题库"),
        ({"minutes": "0"}, "有 1 处需要修改"),
    ],
)
def test_a_plan_that_cannot_be_says_why_and_keeps_what_was_typed(
    site, cast, sign_in, bank, change, said
):
    page = post(sign_in(cast.zhou), "/events/new", plan(cast, bank, **change), page="/events")
    assert said in page.text
    assert PLAN["title"] in page.text
    with site.app.app_context():
        assert session().scalar(select(ExamEvent.id)) is None


def test_candidates_come_by_number_phone_or_home_and_unknown_ones_are_named(site, cast, sign_in):
    ready(site.app, cast)
    client = sign_in(cast.zhou)
    typed = {"numbers": f"{citizen_id(2)}，13800000001\n999"}
    page = post(client, "/events/1/candidates", typed, page="/events", follow_redirects=True)
    assert "报名 1 人" in page.text
    assert "1 人已经在名单里" in page.text
    assert "999" in page.text
    by_home = {"home": credit_code(1)}
    page = post(client, "/events/1/candidates", by_home, page="/events", follow_redirects=True)
    assert "报名 0 人" in page.text


def test_a_learner_or_another_house_sees_no_event(site, cast, sign_in):
    ready(site.app, cast)
    for person, status in ((cast.wang, 403), (cast.li, 403), (cast.county, 403)):
        assert sign_in(person).get("/events/1").status_code == status
    with site.app.app_context(), unit_of_work():
        session().get_one(ExamEvent, 1).organisation_id = cast.gucheng
    client = sign_in(cast.zhou)
    for path in ("", "/progress", "/edit", "/results.csv", "/entries/1/extend"):
        assert client.get(f"/events/1{path}").status_code == 404
    for path in ("/publish", "/close", "/release", "/entries/1/withdraw"):
        assert post(client, f"/events/1{path}", page="/events").status_code == 404


def test_more_time_needs_a_reason_and_a_started_candidate_stays_entered(site, cast, sign_in):
    open_room(sign_in(cast.wang), ready(site.app, cast))
    client = sign_in(cast.zhou)
    page = "/events/1/entries/1/extend"
    assert post(client, page, {"minutes": "10"}, page=page).status_code == 200
    assert post(client, page, {"minutes": "10", "reason": "停电"}, page=page).status_code == 303
    assert "延长 10 分钟" in client.get("/events/1").text
    post(client, "/events/1/entries/1/withdraw", page="/events")
    assert "不能取消报名" in client.get("/events/1").text


def test_a_closed_event_lets_nobody_start(site, cast, sign_in):
    entry_id = ready(site.app, cast)
    post(sign_in(cast.zhou), "/events/1/close", page="/events")
    refused = post(sign_in(cast.wang), f"/exams/{entry_id}/start", page="/exams")
    assert refused.status_code == 409


def test_results_leave_as_csv_and_excel_with_masked_numbers(site, cast, sign_in):
    open_room(sign_in(cast.wang), ready(site.app, cast)).hand_in()
    client = sign_in(cast.zhou)
    text = client.get("/events/1/results.csv").data.decode("utf-8-sig")
    assert "王桂兰" in text
    assert citizen_id(1) not in text
    assert client.get("/events/1/results.xlsx").data[:2] == b"PK"


def test_lists_need_as_many_statements_for_many_rows_as_for_one(site, cast, sign_in):
    ready(site.app, cast)
    client, learner = sign_in(cast.zhou), sign_in(cast.wang)

    def counted(browser, path):
        with count_statements() as seen:
            assert browser.get(path).status_code == 200
        return len(seen)

    paths = [(client, "/events"), (client, "/events/1"), (learner, "/exams")]
    before = [counted(*path) for path in paths]
    with site.app.app_context(), unit_of_work():
        now = clock.now()
        bank = fill_bank(cast, now, papers=1, code="more")
        event = session().get_one(ExamEvent, 1)
        for person in (cast.zhao, cast.li, cast.sun):
            enter_person(event, person, cast, now)
        for number in range(3):
            more = theory_event(cast, bank, now, title=f"第 {number} 场")
            enter_person(more, cast.wang, cast, now)
    after = [counted(*path) for path in paths]
    assert after == before


def test_a_person_moved_off_the_list_and_back_keeps_her_ticket(site, cast, sign_in):
    ready(site.app, cast)
    client = sign_in(cast.zhou)
    with site.app.app_context():
        ticket = session().get_one(Entry, 1).ticket
    post(client, "/events/1/entries/1/withdraw", page="/events")
    assert sign_in(cast.wang).get("/exams/1").status_code == 404
    post(client, "/events/1/candidates", {"numbers": citizen_id(1)}, page="/events")
    assert ticket[-8:] in sign_in(cast.wang).get("/exams/1").text
