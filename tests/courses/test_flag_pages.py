"""The flags as officers, HR and learners see them; nobody sees beyond her scope."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from courses.api import materialise
from courses.compliance.models import Exemption
from lms.core import clock
from lms.core.db import session
from lms.core.notify import unread
from tests.courses.test_central_pages import statements
from tests.factories.central import NINE, book, open_session
from tests.forms import post


@pytest.fixture(autouse=True)
def november(do):
    with time_machine.travel(NINE, tick=False):
        do(materialise, 2026, clock.today(), NINE)
        do(materialise, 2025, clock.today(), NINE)
        yield


def newest_request():
    return session().scalar(select(Exemption.id))


def test_the_county_sees_who_has_not_attended_and_what_clears_it(do, cast, sign_in):
    page = sign_in(cast.county).get("/flags").text
    assert "王桂兰" in page
    assert "本年度集中培训尚未参加，还差 8 学时。" in page
    assert "参加一次集中培训" in page
    assert "赵秀英" not in page


def test_last_year_is_one_tap_away(do, cast, sign_in):
    page = sign_in(cast.county).get("/flags?year=2025").text
    assert "王桂兰" in page
    assert "补训 8 学时" in page


def test_each_sees_her_own_scope_only(do, cast, sign_in):
    for person, sees in (
        (cast.county, {"王桂兰"}), (cast.other_county, {"赵秀英"}), (cast.city, {"王桂兰"}),
        (cast.province, {"王桂兰", "赵秀英"}), (cast.li, {"王桂兰"}), (cast.sun, {"赵秀英"}),
    ):  # fmt: skip
        client = sign_in(person)
        for page in ("/flags", "/flags?region=14", "/flags?state=all", "/flags/export.csv"):
            text = client.get(page).text
            assert {name for name in ("王桂兰", "赵秀英") if name in text} == sees


def test_a_foreign_person_is_not_found(do, cast, sign_in):
    for person, status in (
        (cast.county, 200), (cast.li, 200), (cast.province, 200),
        (cast.other_county, 404), (cast.sun, 404), (cast.wang, 403), (cast.chen, 403),
    ):  # fmt: skip
        assert sign_in(person).get(f"/flags/{cast.wang}").status_code == status
    assert sign_in(cast.province).get("/flags/999999").status_code == 404


def test_nobody_acts_on_a_foreign_person(do, cast, sign_in):
    sun = sign_in(cast.sun)
    ask = {"kind": "elsewhere", "evidence": "省厅证明 12 号"}
    assert post(sun, f"/flags/{cast.wang}/exemptions", ask).status_code == 404
    post(sun, "/flags/remind", {"person_id": cast.wang})
    assert do(unread, cast.wang) == []


def test_hr_asks_an_officer_approves_and_the_flag_clears(do, cast, sign_in):
    ask = {"kind": "elsewhere", "evidence": "省厅证明 12 号"}
    assert post(sign_in(cast.li), f"/flags/{cast.wang}/exemptions", ask).status_code == 303
    number = do(newest_request)
    county = sign_in(cast.county)
    assert "王桂兰" in county.get("/flags/requests").text
    assert "王桂兰" not in sign_in(cast.other_county).get("/flags/requests").text
    other = post(sign_in(cast.other_county), f"/flags/exemptions/{number}/approved")
    assert other.status_code == 404
    assert post(sign_in(cast.li), f"/flags/exemptions/{number}/approved").status_code == 403
    assert post(county, f"/flags/exemptions/{number}/approved").status_code == 303
    assert "王桂兰" not in county.get("/flags").text
    assert "已批准免修" in county.get("/flags?state=exempt").text


def test_an_officer_does_not_approve_her_own_request(do, cast, sign_in):
    county = sign_in(cast.county)
    ask = {"kind": "elsewhere", "evidence": "省厅证明 12 号"}
    post(county, f"/flags/{cast.wang}/exemptions", ask)
    number = do(newest_request)
    answer = post(county, f"/flags/exemptions/{number}/approved", follow_redirects=True)
    assert "申请人不能审批自己的申请" in answer.text
    assert "王桂兰" in county.get("/flags").text


def test_a_request_without_evidence_comes_back_with_the_fault(do, cast, sign_in):
    li = sign_in(cast.li)
    for wrong in ({"evidence": ""}, {"kind": "illness"}, {"kind": "nothing"}):
        ask = {"kind": "elsewhere", "evidence": "省厅证明 12 号"} | wrong
        answer = post(li, f"/flags/{cast.wang}/exemptions", ask)
        assert answer.status_code == 422


def test_hr_books_from_the_persons_page(do, cast, sign_in):
    row = do(open_session, cast, start=NINE + timedelta(days=4))
    li = sign_in(cast.li)
    assert row.title in li.get(f"/flags/{cast.wang}").text
    post(li, f"/sessions/{row.id}/book", {"person_id": cast.wang})
    assert "已安排" in li.get(f"/flags/{cast.wang}").text
    assert "王桂兰" not in li.get("/flags").text


def test_a_reminder_arrives_once_a_day(do, cast, sign_in):
    county = sign_in(cast.county)
    for _ in range(3):
        assert post(county, "/flags/remind", {"person_id": cast.wang}).status_code == 303
    assert len(do(unread, cast.wang)) == 1


def test_the_learner_sees_her_state_why_and_what_next(do, cast, sign_in):
    wang = sign_in(cast.wang)
    page = wang.get("/learn/duty").text
    for words in ("尚未参加", "还差 8 学时", "请单位给您安排一场集中培训"):
        assert words in page
    do(book, do(open_session, cast, start=NINE + timedelta(days=4)), [cast.wang], cast, NINE)
    assert "已安排参加 2026年11月27日" in wang.get("/learn/duty").text
    assert "2025" in wang.get("/learn/duty?year=2025").text


def test_english_readers_are_served(do, cast, sign_in):
    client = sign_in(cast.county)
    client.set_cookie("lang", "en")
    assert "Not yet attended" in client.get("/flags").text


def test_odd_addresses_are_harmless(do, cast, sign_in):
    county = sign_in(cast.county)
    for odd in ("year=x", "region=99", "state=odd", "home=x", "sort=odd", "page=-3", "post=%27"):
        assert county.get(f"/flags?{odd}").status_code == 200


def test_the_list_needs_a_fixed_number_of_statements(do, cast, sign_in):
    few = statements(sign_in(cast.county), "/flags")
    assert statements(sign_in(cast.province), "/flags") <= few + 2
