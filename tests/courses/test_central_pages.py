"""The pages of central sessions: planning, booking, checking in, closing."""

import re
from datetime import timedelta

import pytest
import time_machine

from courses.api import duties_of, hours_in_year
from lms.core import clock
from tests.factories.central import NINE, book, close, code_now, come, open_session
from tests.forms import post
from tests.statements import count_statements

FORM = {
    "title": "失智照护", "topic": "", "region": "140105", "year": "2026", "venue": "报告厅",
    "capacity": "2", "day_1": "2026-12-01", "start_1": "09:00", "end_1": "12:00",
    "day_2": "2026-12-01", "start_2": "14:00", "end_2": "17:00",
}  # fmt: skip


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(NINE - timedelta(minutes=10), tick=False):
        yield


def form(cast, **changed):
    return FORM | {"organiser": str(cast.base)} | changed


def test_a_teacher_plans_opens_and_edits_a_session(do, cast, sign_in):
    chen = sign_in(cast.chen)
    made = post(chen, "/sessions/new", form(cast))
    assert made.status_code == 303
    address = made.headers["Location"]
    assert "8" in chen.get(address).text
    assert post(chen, f"{address}/open").status_code == 303
    page = chen.get(f"{address}/edit").text
    assert 'value="14:00"' in page
    revision = re.search(r'name="revision"[^>]*value="(\d+)"', page)[1]
    changed = form(cast, title="新名称", revision=revision)
    assert post(chen, f"{address}/edit", changed).status_code == 303
    assert "新名称" in chen.get(address).text
    stale = post(chen, f"{address}/edit", changed)
    assert stale.status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [{"end_1": "08:00"}, {"start_2": ""}, {"capacity": "0"}, {"title": ""}, {"start_2": "11:00"},
     {"region": "99"}, {"year": "x"}],
)  # fmt: skip
def test_a_plan_that_cannot_be_held_comes_back_with_the_fault(do, cast, sign_in, wrong):
    answer = post(sign_in(cast.chen), "/sessions/new", form(cast, **wrong))
    assert answer.status_code == 422
    assert "error-summary" in answer.text


def test_nobody_plans_for_a_foreign_base(do, cast, sign_in):
    answer = post(sign_in(cast.chen), "/sessions/new", form(cast, organiser=str(cast.kangning)))
    assert answer.status_code == 422


def test_only_the_base_sees_a_plan_and_the_region_sees_it_when_open(do, cast, sign_in):
    post(sign_in(cast.chen), "/sessions/new", form(cast))
    row = do(open_session, cast, start=NINE + timedelta(days=8))
    address = f"/sessions/{row.id}"
    for person, status in (
        (cast.chen, 200), (cast.li, 200), (cast.county, 200), (cast.city, 200),
        (cast.sun, 404), (cast.other_county, 404), (cast.wang, 403),
    ):  # fmt: skip
        assert sign_in(person).get(address).status_code == status
    assert "失智照护" not in sign_in(cast.li).get("/sessions").text


def test_hr_books_own_staff_only(do, cast, sign_in):
    row = do(open_session, cast, region="14", start=NINE + timedelta(days=8))
    li = sign_in(cast.li)
    assert post(li, f"/sessions/{row.id}/book", {"person_id": cast.zhao}).status_code == 404
    assert post(li, f"/sessions/{row.id}/book", {"person_id": cast.wang}).status_code == 303
    mine = sign_in(cast.wang).get("/learn/central").text
    assert row.title in mine
    assert "加到手机日历" in mine


def test_a_learner_gets_a_calendar_file_of_her_own_sessions_only(do, cast, sign_in):
    row = do(open_session, cast, start=NINE + timedelta(days=8))
    do(book, row, [cast.wang], cast, NINE)
    answer = sign_in(cast.wang).get(f"/learn/central/{row.id}.ics")
    assert answer.mimetype == "text/calendar"
    assert b"BEGIN:VEVENT\r\n" in answer.data
    assert b"DTSTART:20261201T010000Z" in answer.data
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    assert sign_in(cast.zhao).get(f"/learn/central/{row.id}.ics").status_code == 404


def test_the_story_from_the_code_to_the_cleared_flag(do, cast, sign_in):
    row = do(open_session, cast)
    wang, chen = sign_in(cast.wang), sign_in(cast.chen)
    assert do(duties_of, cast.wang, 2026, clock.today())[0].state == "at_risk"
    screen = chen.get(f"/sessions/{row.id}/screen").text
    code = "".join(re.findall(r"<span>(\d{3})</span>", screen))
    assert "尚未参加" in wang.get("/learn/duty").text
    assert post(wang, "/learn/check-in", {"code": code, "kind": "in"}).status_code == 303
    assert "今天已签到" in wang.get("/learn/central").text
    with time_machine.travel(row.ends_at, tick=False):
        chen = sign_in(cast.chen)
        assert post(chen, f"/sessions/{row.id}/close").status_code == 303
        assert "计入学时" in chen.get(f"/sessions/{row.id}").text
        assert "已完成" in sign_in(cast.wang).get("/learn/duty").text
    assert do(hours_in_year, cast.wang, 2026)["professional"] == 80


def test_a_settled_session_is_no_next_step_and_says_how_long_somebody_was_there(do, cast, sign_in):
    row = do(open_session, cast)
    do(book, row, [cast.wang], cast, NINE - timedelta(days=1))
    do(come, row, cast.wang, cast, row.ends_at - timedelta(minutes=20))
    with time_machine.travel(row.ends_at - timedelta(minutes=10), tick=False):
        assert row.title in sign_in(cast.wang).get("/learn/duty").text
        do(close, row, cast, clock.now())
        duty = sign_in(cast.wang).get("/learn/duty").text
        assert "看时间地点，去签到" not in duty
        assert "到场 10 分钟" in sign_in(cast.chen).get(f"/sessions/{row.id}").text


def test_a_typed_code_works_for_two_steps_and_not_longer(do, cast, sign_in):
    row = do(open_session, cast)
    code = do(code_now, row, clock.now())
    with time_machine.travel(clock.now() + timedelta(seconds=40), tick=False):
        answer = post(sign_in(cast.wang), "/learn/check-in", {"code": code, "kind": "in"})
    assert answer.status_code == 422
    assert "已经更换" in answer.text


def test_looking_at_a_scanned_code_records_nothing_until_the_button(do, cast, sign_in):
    row = do(open_session, cast)
    wang = sign_in(cast.wang)
    page = wang.get(f"/check-in/{row.ref}/{do(code_now, row, clock.now(), scan=True)}")
    assert page.status_code == 200
    assert "今天已签到" not in wang.get("/learn/central").text
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)[1]
    other = post(sign_in(cast.zhao), f"/check-in/{row.ref}", {"ticket": ticket, "kind": "in"})
    assert other.headers["Location"].endswith("/learn/check-in")
    assert post(wang, f"/check-in/{row.ref}", {"ticket": ticket, "kind": "in"}).status_code == 303
    assert "今天已签到" in wang.get("/learn/central").text


def test_an_old_scan_leads_back_to_typing(do, cast, sign_in):
    row = do(open_session, cast)
    code = do(code_now, row, clock.now() - timedelta(minutes=2), scan=True)
    answer = sign_in(cast.wang).get(f"/check-in/{row.ref}/{code}")
    assert answer.headers["Location"].endswith("/learn/check-in")


def test_a_scan_by_somebody_signed_out_leads_through_sign_in(do, cast, visitor):
    row = do(open_session, cast)
    answer = visitor.get(f"/check-in/{row.ref}/123456")
    assert "/sign-in?next=" in answer.headers["Location"]


def test_the_code_is_for_those_who_run_the_session_only(do, cast, sign_in):
    row = do(open_session, cast)
    for person, status in ((cast.chen, 200), (cast.li, 403), (cast.county, 403), (cast.wang, 403)):
        client = sign_in(person)
        for page in ("screen", "screen/now", "code.svg"):
            assert client.get(f"/sessions/{row.id}/{page}").status_code == status
    svg = sign_in(cast.chen).get(f"/sessions/{row.id}/code.svg")
    assert svg.mimetype == "image/svg+xml"


def test_the_teacher_notes_and_takes_back_at_the_door(do, cast, sign_in):
    row = do(open_session, cast)
    do(book, row, [cast.wang], cast, NINE - timedelta(days=1))
    chen = sign_in(cast.chen)
    note = {"person_id": cast.wang, "kind": "in", "at": "now"}
    assert post(chen, f"/sessions/{row.id}/attendance", note).status_code == 303
    page = chen.get(f"/sessions/{row.id}").text
    assert "在场" in page
    fact = re.search(r'name="fact_id" value="(\d+)"', page)[1]
    blank = post(chen, f"/sessions/{row.id}/take-back", {"fact_id": fact, "reason": ""})
    assert blank.status_code == 422
    post(chen, f"/sessions/{row.id}/take-back", {"fact_id": fact, "reason": "点错了人"})
    assert "未到" in chen.get(f"/sessions/{row.id}").text


def test_somebody_else_cannot_run_a_session(do, cast, sign_in):
    row = do(open_session, cast)
    for person in (cast.li, cast.county, cast.zhou):
        for act in ("close", "attendance", "take-back", "open", "cancel"):
            assert post(sign_in(person), f"/sessions/{row.id}/{act}").status_code in {403, 404}


def test_cancelling_needs_a_reason_and_says_so(do, cast, sign_in):
    row = do(open_session, cast, start=NINE + timedelta(days=8))
    chen = sign_in(cast.chen)
    assert "恢复" in chen.get(f"/sessions/{row.id}/cancel").text
    assert post(chen, f"/sessions/{row.id}/cancel", {"reason": ""}).status_code == 422
    assert post(chen, f"/sessions/{row.id}/cancel", {"reason": "停电"}).status_code == 303
    assert "已取消" in chen.get(f"/sessions/{row.id}").text


def test_the_lists_need_as_many_statements_for_many_as_for_few(do, cast, sign_in):
    chen = sign_in(cast.chen)
    row = do(open_session, cast)
    do(book, row, [cast.wang], cast, NINE - timedelta(days=1))
    pages = ("/sessions", f"/sessions/{row.id}")
    few = [statements(chen, page) for page in pages]
    for number in range(12):
        do(open_session, cast, start=NINE + timedelta(days=number + 1))
    do(book, row, [cast.li], cast, NINE - timedelta(days=1))
    do(come, row, cast.li, cast, NINE - timedelta(minutes=20), NINE)
    assert [statements(chen, page) for page in pages] == few


def statements(client, page):
    with count_statements() as seen:
        assert client.get(page).status_code == 200
    return len(seen)


def test_the_door_list_is_exported(do, cast, sign_in):
    row = do(open_session, cast)
    do(book, row, [cast.wang], cast, NINE - timedelta(days=1))
    do(come, row, cast.wang, cast, NINE - timedelta(minutes=15))
    do(close, row, cast)
    answer = sign_in(cast.chen).get(f"/sessions/{row.id}/list.csv")
    assert "王桂兰" in answer.text
    assert "教师登记" in answer.text
    assert sign_in(cast.chen).get(f"/sessions/{row.id}/list.xlsx").status_code == 200


def test_the_screen_leads_to_the_printed_address_and_a_hall_shares_one_network(do, cast, sign_in):
    with time_machine.travel(NINE, tick=False):
        row = do(open_session, cast)
        client, picture = sign_in(cast.chen), f"/sessions/{row.id}/code.svg"
        client.set_cookie("session", client.get_cookie("session").value, domain="evil.test")
        page = client.get(picture, base_url="http://evil.test")
        same = client.get(picture)
        assert page.data == same.data
        for person in (cast.wang, cast.zhao):
            client = sign_in(person)
            answers = [post(client, "/learn/check-in", {"code": "000000"}) for _n in range(15)]
            assert 429 not in [answer.status_code for answer in answers]
