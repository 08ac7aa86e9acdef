"""A slip opens one account once, and only while it is fresh."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from lms.core import clock
from lms.core.access import SYSTEM, Actor, Grant, Role
from lms.core.db import session
from lms.core.errors import Forbidden
from lms.core.uow import unit_of_work
from lms.people.accounts.keeping import disable_account
from lms.people.api import issue_slip
from lms.people.models import Account, ActivationSlip
from lms.people.operations import set_phone
from tests.factories.signing_in import give_password
from tests.forms import post

PASSWORD = "刀削面配老陈醋1987"


@pytest.fixture
def waiting(site, cast):
    """王桂兰 before her first visit."""
    with site.app.app_context(), unit_of_work():
        account_of(cast.wang).status = "waiting"
    return cast.wang


def account_of(person_id):
    return session().scalars(select(Account).where(Account.person_id == person_id)).one()


def slip_for(site, person_id, actor=SYSTEM):
    with site.app.app_context(), unit_of_work():
        return issue_slip(person_id, actor, clock.now())


def choose(client, password=PASSWORD, again=None, **more):
    data = {"password": password, "again": again or password, **more}
    return post(client, "/activate/password", data, page="/activate/password")


def test_the_code_opens_the_account_and_signs_in(site, visitor, waiting):
    code = slip_for(site, waiting)
    answer = post(visitor, "/activate", {"code": code})
    assert answer.status_code == 303
    page = visitor.get(answer.location).text
    assert "王*兰" in page
    assert "王桂兰" not in page
    assert choose(visitor).location == "/"
    mine = visitor.get("/me").text
    assert "王桂兰" in mine
    assert 'href="/learn/duty"' in mine
    other = site.app.test_client()
    signed = post(other, "/sign-in", {"name": "13800000001", "password": PASSWORD})
    assert signed.status_code == 303


def test_a_code_may_be_typed_carelessly(site, visitor, waiting):
    code = slip_for(site, waiting)
    typed = f" {code.lower().replace('-', ' ').replace('0', 'o').replace('1', 'l')} "
    assert post(visitor, "/activate", {"code": typed}).status_code == 303


def test_a_slip_used_twice_opens_nothing(site, visitor, waiting):
    code = slip_for(site, waiting)
    late = site.app.test_client()
    post(late, "/activate", {"code": code})
    post(visitor, "/activate", {"code": code})
    assert choose(visitor).status_code == 303
    assert choose_without_page(late).status_code == 422
    again = post(site.app.test_client(), "/activate", {"code": code})
    assert again.status_code == 422
    assert "激活码用不了" in again.text


def choose_without_page(client):
    data = {"password": "another-password-9", "again": "another-password-9"}
    return post(client, "/activate/password", data, page="/sign-in")


def test_an_expired_a_withdrawn_and_an_invented_code_get_one_answer(site, visitor, waiting):
    first = slip_for(site, waiting)
    second = slip_for(site, waiting)
    answers = [post(visitor, "/activate", {"code": code}) for code in (first, "0" * 16)]
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        answers.append(post(visitor, "/activate", {"code": second}))
    assert {answer.status_code for answer in answers} == {422}
    assert all("激活码用不了" in answer.text for answer in answers)


def test_only_the_hash_of_a_code_is_kept(site, waiting):
    code = slip_for(site, waiting)
    with site.app.app_context():
        kept = session().scalars(select(ActivationSlip.code_hash)).all()
    assert all(code.replace("-", "") not in value for value in kept)
    assert len(code.replace("-", "")) == 16


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short-one", "至少要 10 位"),
        ("13800000001", "不能就是姓名"),
        ("王桂兰王桂兰王桂兰1234", "不能就是姓名"),
        ("woaini5201314", "太常见"),
        ("1234567890", "太常见"),
        ("aaaaaaaaaaaa", "太常见"),
    ],
)
def test_an_easy_password_is_refused_with_the_reason(site, visitor, waiting, password, says):
    post(visitor, "/activate", {"code": slip_for(site, waiting)})
    answer = choose(visitor, password)
    assert answer.status_code == 422
    assert says in answer.text


def test_two_different_passwords_are_refused(site, visitor, waiting):
    post(visitor, "/activate", {"code": slip_for(site, waiting)})
    answer = choose(visitor, again="something-else-1")
    assert answer.status_code == 422
    assert "不一样" in answer.text


def test_whoever_shares_a_phone_chooses_a_login_name(site, visitor, waiting, cast):
    with site.app.app_context(), unit_of_work():
        set_phone(account_of(cast.zhao).person, "13800000001")
    post(visitor, "/activate", {"code": slip_for(site, waiting)})
    assert 'name="login"' in visitor.get("/activate/password").text
    refused = choose(visitor)
    assert refused.status_code == 422
    assert choose(visitor, login="13800000001").status_code == 422
    assert choose(visitor, login="wang.guilan").status_code == 303


def test_a_login_name_of_somebody_else_is_refused(site, visitor, waiting, cast):
    give_password(site.app, cast.zhao, "x" * 12, login="taken")
    post(visitor, "/activate", {"code": slip_for(site, waiting)})
    answer = choose(visitor, login="Taken")
    assert answer.status_code == 422
    assert "已有人用" in answer.text


def test_a_new_slip_resets_the_password_and_ends_old_sessions(site, visitor, cast, sign_in):
    old = sign_in(cast.wang)
    post(visitor, "/activate", {"code": slip_for(site, cast.wang)})
    assert old.get("/me").status_code == 200
    assert choose(visitor).status_code == 303
    assert old.get("/me").status_code == 302


def test_hr_may_not_open_the_account_of_somebody_with_power(site, cast):
    hr = Actor(cast.li, 0, "李敏", (Grant(Role.HR, cast.kangning),))
    assert slip_for(site, cast.wang, hr)
    for person in (cast.zhao, cast.admin, cast.county, cast.li):
        with pytest.raises(Forbidden):
            slip_for(site, person, hr)


def test_a_disabled_account_cannot_be_opened_with_an_older_slip(site, visitor, waiting):
    code = slip_for(site, waiting)
    with site.app.app_context(), unit_of_work():
        disable_account(account_of(waiting).id, "离职", SYSTEM, clock.now())
    assert post(visitor, "/activate", {"code": code}).status_code == 422
