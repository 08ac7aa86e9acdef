"""The verification page: one large word, nothing that helps a guesser, every check counted."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from certificates.checks import buffer
from certificates.models import CheckCount
from certificates.operations import correct, revoke, suspend
from certificates.verification import code_for, confirms_holder
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.models import Person
from tests.factories.certificates import NOW, course_request, issue_now, skill_request
from tests.forms import post
from tests.statements import count_statements

JSON = {"Accept": "application/json"}


@pytest.fixture
def issued(site, cast):
    with site.app.app_context():
        return issue_now(skill_request(cast.wang, cast.base))


def act(site, step, issued):
    with site.app.app_context(), unit_of_work():
        return step(issued.certificate_id, "成绩造假，查实", SYSTEM, NOW)


def test_a_valid_certificate_says_so_with_word_and_sign_and_masks_the_holder(visitor, issued):
    page = visitor.get(f"/v/{issued.code}")
    assert page.status_code == 200
    assert "<strong>有效</strong>" in page.text
    assert "#ok" in page.text
    for shown in (issued.number, "五级/初级工", "小店养老护理培训基地", "晋养评备2026001", "王*兰"):
        assert shown in page.text
    assert "王桂兰</dd>" not in page.text
    assert "no-store" in page.headers["Cache-Control"]
    assert "Accept" in page.headers["Vary"]


def test_codes_are_known_in_small_letters_and_under_a_capital_v(visitor, issued):
    assert "有效" in visitor.get(f"/v/{issued.code.lower()}").text
    assert "有效" in visitor.get(f"/V/{issued.code}").text


def test_programs_get_the_documented_fields(visitor, issued):
    answer = visitor.get(f"/v/{issued.code}", headers=JSON)
    body = answer.json
    assert answer.mimetype == "application/json"
    assert body == visitor.get(f"/api/v1/certificates/{issued.code}").json | {
        "as_of": body["as_of"]
    }
    assert body["status"] == "valid"
    assert body["number"] == issued.number
    assert body["kind"] == "skill"
    assert body["level"] == "五级/初级工"
    assert body["issued_on"] == "2026-11-20"
    assert body["holder"]["name"] == "王*兰"
    assert body["holder"]["id_number"].endswith("************")
    assert body["issuer"]["filing"] == "晋养评备2026001"


def test_after_a_revocation_the_same_scan_says_revoked_with_the_date(visitor, site, issued):
    act(site, revoke, issued)
    page = visitor.get(f"/v/{issued.code}")
    assert "<strong>已吊销</strong>" in page.text
    assert "2026年11月20日" in page.text
    assert "成绩造假" not in page.text
    body = visitor.get(f"/v/{issued.code}", headers=JSON).json
    assert body["status"] == "revoked"
    assert body["status_since"] == "2026-11-20T02:00:00+00:00"


def test_suspended_corrected_and_expired_have_their_own_words(visitor, site, cast, issued):
    act(site, suspend, issued)
    assert "<strong>已暂停</strong>" in visitor.get(f"/v/{issued.code}").text
    with site.app.app_context():
        past = {"issued_on": date(2025, 1, 1), "valid_to": date(2025, 12, 31)}
        expired = issue_now(course_request(cast.wang, cast.base, **past))
        second = issue_now(skill_request(cast.zhao, cast.base))
    assert "<strong>已过期</strong>" in visitor.get(f"/v/{expired.code}").text
    renewed = act(site, correct, second)
    page = visitor.get(f"/v/{second.code}").text
    assert "<strong>已更正</strong>" in page
    assert renewed.number in page
    assert visitor.get(f"/v/{second.code}", headers=JSON).json["replaced_by"] == renewed.number


@pytest.mark.parametrize("code", ["0" * 26, "nonsense", "7" * 25, "%F0%9F%98%80"])
def test_what_does_not_exist_is_said_to_be_absent(visitor, code):
    page = visitor.get(f"/v/{code}")
    assert page.status_code == 404
    assert "查无此证" in page.text
    answer = visitor.get(f"/v/{code}", headers=JSON)
    assert answer.status_code == 404
    assert answer.json["status"] == "absent"


def test_guessing_codes_is_throttled_and_checking_real_ones_is_not(visitor, issued):
    codes = [visitor.get(f"/v/{n:026d}").status_code for n in range(32)]
    assert codes[0] == 404
    assert codes[-1] == 429
    fresh = visitor.get(f"/v/{issued.code}", environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert fresh.status_code == 200
    again = [
        visitor.get(f"/v/{issued.code}", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code
        for _ in range(40)
    ]
    assert set(again) == {200}


@pytest.mark.parametrize(
    ("typed", "said"), [("王桂兰", "一致"), ("王 桂兰", "一致"), ("李四", "不一致")]
)
def test_a_reader_can_confirm_the_holder(visitor, issued, typed, said):
    answer = post(visitor, f"/v/{issued.code}", {"holder": typed})
    assert answer.status_code == 303
    assert f"<p>{said}：" in visitor.get(answer.location).text


def test_the_last_four_characters_confirm_the_holder_too(site, cast, issued):
    with site.app.app_context():
        tail = session().get_one(Person, cast.wang).id_masked[-4:]
        assert confirms_holder(issued.code, tail)
        assert confirms_holder(issued.code, tail.lower())
        assert not confirms_holder(issued.code, "0000")
        assert not confirms_holder(issued.code, "")
        assert not confirms_holder("0" * 26, tail)


def test_confirming_a_holder_is_throttled(visitor, issued):
    codes = [post(visitor, f"/v/{issued.code}", {"holder": "李四"}).status_code for _ in range(12)]
    assert codes[0] == 303
    assert codes[-1] == 429


def test_a_number_opens_nothing_without_its_holder(visitor, site, issued):
    found = post(visitor, "/v", {"number": issued.number, "holder": "王桂兰"})
    assert found.status_code == 303
    assert found.location.endswith(f"/v/{issued.code}")
    missed = post(visitor, "/v", {"number": issued.number, "holder": "李四"})
    assert missed.status_code == 404
    assert "查无此证" in missed.text
    with site.app.app_context(), count_statements() as right:
        code_for(issued.number, "李四")
    with site.app.app_context(), count_statements() as wrong:
        code_for("S000014000123265999999", "李四")
    assert len(right) == len(wrong)


def test_a_number_without_a_holder_is_asked_for_one_and_not_called_false(visitor, issued):
    known, strange = (
        post(visitor, "/v", {"number": number, "holder": ""})
        for number in (issued.number, "S000014000123265999999")
    )
    for answer in (known, strange):
        assert answer.status_code == 422
        assert "查无此证" not in answer.text
        assert "请填写持证人" in answer.text


def test_a_typed_code_leads_on(visitor, issued):
    assert post(visitor, "/v", {"number": issued.code.lower()}).location.endswith(issued.code)
    assert post(visitor, "/v", {"number": ""}).status_code == 422


def test_was_it_valid_on_a_day(visitor, site, issued):
    act(site, revoke, issued)
    assert "当天无效" in visitor.get(f"/v/{issued.code}?on=2026-11-19").text
    assert "当天无效" in visitor.get(f"/v/{issued.code}?on=2026-11-20").text
    assert "当天" not in visitor.get(f"/v/{issued.code}?on=gestern").text


def test_programs_ask_about_a_day_too(visitor, site, issued):
    act(site, revoke, issued)

    def on(day):
        return visitor.get(f"/v/{issued.code}?on={day}", headers=JSON)

    assert on("2026-11-19").json["on"] == {"date": "2026-11-19", "valid": False}
    assert on("2026-11-20").json["on"] == {"date": "2026-11-20", "valid": False}
    assert "on" not in visitor.get(f"/v/{issued.code}", headers=JSON).json
    for day in ("gestern", "2026-13-01", "2999-01-01"):
        assert on(day).status_code == 422
        assert on(day).json["code"] == "not-a-day"
        assert visitor.get(f"/api/v1/certificates/{issued.code}?on={day}").status_code == 422
        page = visitor.get(f"/v/{issued.code}?on={day}")
        assert "请选一个不晚于今天的日期" in page.text
        assert "当天" not in page.text


def test_a_shift_worked_before_the_revocation_was_covered(visitor, site, issued):
    with site.app.app_context(), unit_of_work():
        later = NOW + timedelta(days=3)
        revoke(issued.certificate_id, "成绩造假，查实", SYSTEM, later)
    with time_machine.travel(NOW + timedelta(days=5)):
        answers = [
            visitor.get(f"/v/{issued.code}?on=2026-11-{day}", headers=JSON).json["on"]["valid"]
            for day in (19, 20, 22, 23, 24)
        ]
        assert answers == [False, True, True, False, False]
        assert "当天有效" in visitor.get(f"/v/{issued.code}?on=2026-11-22").text


def test_a_holder_is_guessed_at_few_times_from_however_many_addresses(visitor, site, issued):
    def ask(path, data, address):
        return post(visitor, path, data, environ_base={"REMOTE_ADDR": address}).status_code

    by_code = [ask(f"/v/{issued.code}", {"holder": f"李{n}"}, f"10.0.0.{n}") for n in range(16)]
    by_number = [
        ask("/v", {"number": issued.number, "holder": f"李{n}"}, f"10.0.1.{n}") for n in range(16)
    ]
    assert set(by_code) == {303}
    assert by_number == [404] * 14 + [429] * 2
    assert ask(f"/v/{issued.code}", {"holder": "王桂兰"}, "10.0.2.1") == 429
    strange = "S000014000123265999999"
    absent = [ask("/v", {"number": strange, "holder": f"李{n}"}, f"10.0.3.{n}") for n in range(32)]
    assert absent == [404] * 30 + [429] * 2  # the same for a number that nobody has


def test_a_check_takes_five_statements_and_writes_nothing(visitor, issued):
    visitor.get(f"/v/{issued.code.lower()}")
    with count_statements() as seen:
        visitor.get(f"/v/{issued.code.lower()}")  # in this writing it is verified each time
    assert len([line for line in seen if not line.startswith(("BEGIN", "COMMIT"))]) <= 5
    assert all(line.lstrip().upper().startswith(("SELECT", "BEGIN")) for line in seen)


def counts(site) -> dict[date, int]:
    with site.app.app_context():
        return {row.day: row.times for row in session().scalars(select(CheckCount))}


def test_every_check_is_counted_by_day_but_not_the_holders_own(
    site, visitor, sign_in, cast, issued
):
    for _ in range(3):
        visitor.get(f"/v/{issued.code}")
    visitor.get(f"/v/{'0' * 26}")
    sign_in(cast.wang).get(f"/v/{issued.code}")
    assert counts(site) == {}
    with site.app.app_context():
        assert buffer().flush() == 3
    visitor.get(f"/api/v1/certificates/{issued.code}")
    with site.app.app_context():
        assert buffer().flush() == 1
        assert buffer().flush() == 0
    assert list(counts(site).values()) == [4]
    assert "被查验 4 次" in sign_in(cast.wang).get("/certificates").text


def test_counts_wait_while_the_database_is_busy(site, visitor, issued, monkeypatch, caplog):
    visitor.get(f"/v/{issued.code}")
    with site.app.app_context():
        held = buffer()

        def busy(_batch):
            raise OperationalErrorForTest

        with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
            patched.setattr(held, "_write", busy)
            assert held.flush() == 0
        assert held.flush() == 1


class OperationalErrorForTest(SQLAlchemyError):
    """The database is locked."""
