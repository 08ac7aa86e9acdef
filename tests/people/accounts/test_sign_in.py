"""Signing in: one answer for every refusal, lockout, rotation, no way off the site."""

import dataclasses
import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.accounts import passwords
from lms.people.accounts.keeping import disable_account
from lms.people.jobs import forget_old_failures
from lms.people.models import Account, SignIn, SignInThrottle
from lms.people.operations import set_phone
from tests.factories.signing_in import give_password
from tests.forms import post
from tests.site import Site
from tests.statements import count_statements

PASSWORD = "莜面栲栳栳-2026"
PHONE = "13800000001"  # 王桂兰


@pytest.fixture
def wang(site, cast):
    give_password(site.app, cast.wang, PASSWORD)
    return cast.wang


def attempt(client, name, password=PASSWORD, **more):
    return post(client, "/sign-in", {"name": name, "password": password, **more})


def same_page(answer):
    return re.sub(r'value="[^"]*"', "", answer.text)


def test_a_caregiver_signs_in_with_her_phone_number(visitor, wang):
    answer = attempt(visitor, "138 0000-0001")
    assert answer.status_code == 303
    assert answer.location == "/"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "王桂兰" in visitor.get("/me").text


def test_a_login_name_works_in_any_case(site, visitor, wang):
    give_password(site.app, wang, PASSWORD, login="wangguilan")
    assert attempt(visitor, "WangGuilan ").status_code == 303


@pytest.mark.parametrize("name", [PHONE, "13899999999", "nobody"])
def test_known_and_unknown_names_get_the_same_refusal(visitor, wang, name):
    answer = attempt(visitor, name, "wrong-password")
    other = attempt(visitor, "someone-else", "wrong-password")
    assert answer.status_code == other.status_code == 401
    assert same_page(answer) == same_page(other)


def test_known_and_unknown_names_cost_the_same_work(site, visitor, wang, monkeypatch):
    verified = []
    real = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda *args: verified.append(args) or real(*args))
    counts = []
    for name in (PHONE, "13899999999", PHONE, "13899999999"):
        verified.clear()
        page = visitor.get("/sign-in").text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
        with count_statements() as seen:
            visitor.post(
                "/sign-in", data={"csrf_token": token, "name": name, "password": "wrong-one"}
            )
        counts.append((len(verified), len(seen)))
    assert len(set(counts)) == 1
    assert counts[0][0] == 1


def test_an_empty_hash_is_still_verified_and_never_matches(monkeypatch):
    seen = []
    monkeypatch.setattr(
        passwords, "_hasher", type("H", (), {"verify": lambda _s, *a: seen.append(a)})()
    )
    assert passwords.matches("", "anything") is False
    assert len(seen) == 1


@pytest.mark.parametrize("name", [PHONE, "nobody"])
def test_five_wrong_tries_lock_for_a_quarter_of_an_hour(visitor, wang, name):
    for _n in range(5):
        assert attempt(visitor, name, "wrong-password").status_code == 401
    locked = attempt(visitor, name)
    assert locked.status_code == 429
    assert int(locked.headers["Retry-After"]) <= 901
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=False):
        assert attempt(visitor, name).status_code == (303 if name == PHONE else 401)


@pytest.mark.parametrize("number", [PHONE, "13899999999"])
def test_writing_a_number_differently_does_not_tell_who_is_known(visitor, wang, number):
    head, tail = number[:3], number[3:]
    for name in (number, f"{head} {tail}", f"+86{number}", f"{head}-{tail}", f" 86 {number}"):
        assert attempt(visitor, name, "wrong-password").status_code == 401
    assert attempt(visitor, number, "wrong-password").status_code == 429


def test_a_success_forgets_the_failures_before_it(site, visitor, wang):
    for _round in range(3):
        for _n in range(4):
            assert attempt(visitor, PHONE, "wrong-password").status_code == 401
        assert attempt(visitor, PHONE).status_code == 303
        visitor = site.app.test_client()


def test_one_address_may_fail_only_so_often(visitor, wang):
    for n in range(30):
        assert attempt(visitor, f"name{n}", "wrong-password").status_code == 401
    assert attempt(visitor, PHONE).status_code == 429


def test_a_shared_phone_leads_to_nobody_and_the_login_name_is_asked_for(site, visitor, wang, cast):
    with site.app.app_context(), unit_of_work():
        other = session().scalars(select(Account).where(Account.person_id == cast.zhao)).one()
        set_phone(other.person, PHONE)
    give_password(site.app, cast.zhao, PASSWORD, login="zhaoxiuying")
    refused = attempt(visitor, PHONE)
    assert refused.status_code == 401
    assert "登录名登录" in refused.text
    assert attempt(visitor, "zhaoxiuying").status_code == 303
    assert "赵秀英" in visitor.get("/me").text


def test_the_session_is_a_new_one_after_signing_in(site, visitor, wang):
    visitor.set_cookie("session", "planted-by-somebody")
    attempt(visitor, PHONE)
    first = visitor.get_cookie("session").value
    assert first != "planted-by-somebody"
    with site.app.test_client() as other:
        other.set_cookie("session", first)
        assert post(other, "/sign-in", {"name": PHONE, "password": PASSWORD}).status_code == 303
        assert other.get_cookie("session").value != first
    assert visitor.get("/me").status_code == 302


@pytest.mark.parametrize(
    ("target", "goes"),
    [("/me", "/me"), ("//evil.example", "/"), ("https://evil.example/", "/"), ("/\\evil", "/")],
)
def test_next_stays_on_this_site(visitor, wang, target, goes):
    assert attempt(visitor, PHONE, next=target).location == goes


def test_without_the_form_token_nothing_happens(visitor, wang):
    answer = visitor.post("/sign-in", data={"name": PHONE, "password": PASSWORD})
    assert answer.status_code == 400
    assert visitor.get_cookie("session") is None


def test_a_waiting_account_cannot_sign_in_with_an_empty_password(visitor, cast):
    assert attempt(visitor, "13800000002", "").status_code == 422
    assert attempt(visitor, "13800000002", "x").status_code == 401


def test_a_disabled_account_ends_at_once_and_gets_the_common_refusal(site, visitor, wang):
    attempt(visitor, PHONE)
    assert visitor.get("/me").status_code == 200
    with site.app.app_context(), unit_of_work():
        account = session().scalars(select(Account).where(Account.person_id == wang)).one()
        disable_account(account.id, "离职", SYSTEM, clock.now())
    assert visitor.get("/me").status_code == 302
    assert attempt(visitor, PHONE).status_code == 401


def test_signing_out_ends_the_session_on_the_server(site, visitor, wang):
    attempt(visitor, PHONE)
    held = visitor.get_cookie("session").value
    assert post(visitor, "/sign-out", page="/me").status_code == 303
    thief = site.app.test_client()
    thief.set_cookie("session", held)
    assert thief.get("/me").status_code == 302


def test_sessions_run_out(site, visitor, wang):
    attempt(visitor, PHONE)
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        assert visitor.get("/me").status_code == 302


def test_only_the_hash_of_a_session_is_kept(site, visitor, wang):
    attempt(visitor, PHONE)
    with site.app.app_context():
        kept = session().scalars(select(SignIn.token_hash)).all()
    assert visitor.get_cookie("session").value not in kept


def test_behind_tls_the_cookie_is_secure_and_bound_to_the_host(settings, wang):
    with Site.open(dataclasses.replace(settings, base_url="https://lms.example.cn")) as opened:
        client = opened.app.test_client()
        page = client.get("/sign-in", base_url="https://lms.example.cn").text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
        answer = client.post(
            "/sign-in",
            data={"csrf_token": token, "name": PHONE, "password": PASSWORD},
            base_url="https://lms.example.cn",
            headers={"Referer": "https://lms.example.cn/sign-in"},
        )
    cookies = "\n".join(answer.headers.getlist("Set-Cookie"))
    assert "__Host-session=" in cookies
    assert "Secure" in cookies
    assert "Path=/" in cookies
    assert "Domain" not in cookies


def test_old_counts_are_forgotten_at_night(site, visitor, wang):
    attempt(visitor, PHONE, "wrong-password")
    with site.app.app_context():
        forget_old_failures()
        assert session().scalar(select(func.count()).select_from(SignInThrottle)) == 1
        with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
            forget_old_failures()
        assert session().scalar(select(func.count()).select_from(SignInThrottle)) == 0
