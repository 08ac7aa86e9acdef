"""The home of each role: its own next steps, its own places, and nothing of another county."""

from __future__ import annotations

import pytest
import time_machine
from sqlalchemy import select

from courses.api import materialise
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.notify import Notice, tell
from lms.core.uow import unit_of_work
from lms.people.api import NewPerson, employ, register_person
from lms.people.models import Account
from tests.cast import START, THEN, citizen_id
from tests.factories.central import NINE, book, open_session
from tests.factories.certificates import issue_now, skill_request
from tests.factories.exams import ready
from tests.forms import post
from tests.statements import count_statements

YEAR = 2026


@pytest.fixture(autouse=True)
def november(site):
    with time_machine.travel(NINE, tick=False):
        count_the_year(site)
        yield


def count_the_year(site):
    with site.app.app_context(), unit_of_work():
        materialise(YEAR, clock.today(), NINE)


def hire(site, cast, number, home=None):
    """More caregivers at 康宁 (or another home); their ids."""
    with site.app.app_context(), unit_of_work():
        people = [
            register_person(
                NewPerson(f"工友{n}", citizen_id(n), f"1390000{n:04d}"), SYSTEM, THEN
            )
            for n in range(500, 500 + number)
        ]  # fmt: skip
        for person in people:
            employ(person.id, home or cast.kangning, "caregiver", START, SYSTEM, THEN)
    count_the_year(site)
    return [person.id for person in people]


def leave_notice(site, person_id, key="n1", kind="exams.entered", **facts):
    with site.app.app_context(), unit_of_work():
        tell(person_id, kind, key, "/exams", **({"title": "初级工理论考试"} | facts))
        return session().scalar(select(Notice.id).where(Notice.key == key))


def home_of(sign_in, person_id):
    answer = sign_in(person_id).get("/")
    assert answer.status_code == 200
    return answer.text


def test_a_visitor_is_invited_to_sign_in_or_to_check_a_certificate(visitor):
    page = visitor.get("/").text
    assert 'href="/sign-in"' in page
    assert 'href="/activate"' in page
    assert 'href="/v"' in page


def test_a_learner_sees_what_is_overdue_first_and_then_what_the_year_still_asks(sign_in, cast):
    page = home_of(sign_in, cast.wang)
    assert "王桂兰，您好" in page
    assert page.index("已过期限，请尽快学完") < page.index("2026 年度集中培训")
    assert "0 / 8 学时" in page
    assert "我的技能等级" in page
    assert "赵秀英" not in page


def test_an_exam_that_is_open_comes_before_everything_else(site, sign_in, cast):
    entry = ready(site.app, cast)
    page = home_of(sign_in, cast.wang)
    assert page.index("现在可以考试") < page.index("年度集中培训")
    assert f'href="/exams/{entry}"' in page
    assert f"/exams/{entry}" not in home_of(sign_in, cast.zhao)


def test_a_learner_who_has_a_seat_today_is_sent_to_the_check_in(site, sign_in, cast):
    with site.app.app_context(), unit_of_work():
        row = open_session(cast, start=NINE)
        book(row, [cast.wang], cast, NINE)
    page = home_of(sign_in, cast.wang)
    assert "今天集中培训" in page
    assert 'href="/learn/check-in"' in page


def test_certificates_and_the_rung_held_stand_on_the_ladder(site, sign_in, cast):
    assert "我的证书" not in home_of(sign_in, cast.wang)
    with site.app.app_context():
        issue_now(skill_request(cast.wang, cast.base))
    page = home_of(sign_in, cast.wang)
    assert "我的证书（1）" in page
    assert "我在这里" in page


@pytest.mark.parametrize(
    ("who", "sees", "hidden"),
    [
        ("county", ["小店区 · 2026 年集中培训", "康宁养老院"], ["平遥", "古城"]),
        ("other_county", ["平遥县 · 2026 年集中培训", "古城养老院"], ["小店", "康宁"]),
        ("city", ["太原市 · 2026 年集中培训", "小店区"], ["平遥", "晋中", "古城"]),
        ("province", ["山西省 · 2026 年集中培训", "太原市", "晋中市"], ["王桂兰"]),
        ("li", ["康宁养老院 · 2026 年集中培训", "导入花名册"], ["古城", "小店区 ·"]),
        ("sun", ["古城养老院 · 2026 年集中培训", "导入花名册"], ["康宁", "平遥县 ·"]),
        ("zhou", ["今天的安排"], ["年集中培训", "平台管理"]),
        ("admin", ["平台管理", 'href="/admin/roles"'], ["年集中培训", "今天的安排"]),
    ],
)
def test_staff_see_their_own_places_only(sign_in, cast, who, sees, hidden):
    page = home_of(sign_in, getattr(cast, who))
    assert [text for text in sees if text not in page] == []
    assert [text for text in hidden if text in page] == []


def test_the_base_sees_what_happens_today(site, sign_in, cast):
    assert "今天没有集中培训，也没有开放的考试。" in home_of(sign_in, cast.chen)
    with site.app.app_context(), unit_of_work():
        row = open_session(cast, start=NINE)
        where = f"/sessions/{row.id}"
    ready(site.app, cast)
    page = home_of(sign_in, cast.zhou)
    assert "1 名考生" in page
    assert f'href="{where}"' in home_of(sign_in, cast.chen)
    assert where not in home_of(sign_in, cast.county)


def test_staff_can_look_at_their_own_learning(sign_in, cast):
    assert "我的技能等级" in sign_in(cast.li).get("/?as=learner").text
    assert "导入花名册" in home_of(sign_in, cast.li)


def statements_of(client):
    client.get("/")
    with count_statements() as lines:
        client.get("/")
    return len(lines)


def test_the_staff_home_needs_as_many_statements_for_many_staff(site, sign_in, cast):
    clients = {who: sign_in(getattr(cast, who)) for who in ("county", "province", "li", "zhou")}
    before = {who: statements_of(client) for who, client in clients.items()}
    hire(site, cast, 12)
    assert {who: statements_of(client) for who, client in clients.items()} == before
    assert max(before.values()) < 25


def test_the_learner_home_needs_as_many_statements_for_many_steps(site, sign_in, cast):
    wang = sign_in(cast.wang)

    def add_one_of_each(number):
        leave_notice(site, cast.wang, f"n{number}")
        with site.app.app_context():
            issue_now(skill_request(cast.wang, cast.base, rung=number + 1))

    add_one_of_each(1)
    before = statements_of(wang)
    for number in (2, 3):
        add_one_of_each(number)
    hire(site, cast, 5)
    assert statements_of(wang) == before
    assert before < 40


def test_a_notice_is_shown_and_put_away(site, sign_in, cast):
    notice = leave_notice(site, cast.wang)
    wang = sign_in(cast.wang)
    assert "已为您报名考试：初级工理论考试。" in wang.get("/").text
    answer = post(wang, f"/notices/{notice}/read")
    assert (answer.status_code, answer.location) == (303, "/")
    assert "初级工理论考试" not in wang.get("/").text


def test_another_persons_notice_is_neither_seen_nor_touched(site, sign_in, cast):
    notice = leave_notice(site, cast.wang)
    zhao = sign_in(cast.zhao)
    assert "初级工理论考试" not in zhao.get("/").text
    post(zhao, f"/notices/{notice}/read")
    assert "初级工理论考试" in home_of(sign_in, cast.wang)


def test_a_notice_of_an_unknown_kind_still_says_something(site, sign_in, cast):
    leave_notice(site, cast.wang, kind="something.else")
    assert "您有一条新消息。" in home_of(sign_in, cast.wang)


def test_a_visitors_preferences_are_kept_in_the_browser(visitor):
    assert "data-elder" not in visitor.get("/").text
    assert post(visitor, "/preferences/elder").status_code == 302
    post(visitor, "/preferences/text", {"size": "26"})
    post(visitor, "/preferences/language", {"lang": "en"})
    page = visitor.get("/").text
    assert 'data-elder="1" data-text="26"' in page
    assert '<html lang="en"' in page
    post(visitor, "/preferences/elder")
    assert "data-elder" not in visitor.get("/").text


def test_an_accounts_preferences_follow_the_person_to_another_phone(sign_in, cast):
    first = sign_in(cast.wang)
    post(first, "/preferences/elder")
    post(first, "/preferences/text", {"size": "30"})
    post(first, "/preferences/language", {"lang": "en"})
    page = sign_in(cast.wang).get("/").text
    assert 'data-elder="1" data-text="30"' in page
    assert '<html lang="en"' in page
    assert "data-elder" not in home_of(sign_in, cast.zhao)


@pytest.mark.parametrize(("size", "kept"), [("9", 22), ("999", 22), ("big", 22), ("18", 18)])
def test_only_the_offered_text_sizes_are_kept(site, sign_in, cast, size, kept):
    post(sign_in(cast.wang), "/preferences/text", {"size": size})
    with site.app.app_context():
        found = session().scalar(select(Account.text_size).where(Account.person_id == cast.wang))
    assert found == kept


def test_a_visitor_is_led_to_verification_and_to_the_public_notices(site):
    page = site.app.test_client().get("/").text
    for door in ("/v", "/publicity"):
        assert f'href="{door}"' in page
