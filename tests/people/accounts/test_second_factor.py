"""People with power pass a second factor; a code is good once; spare codes too."""

import re
from datetime import timedelta

import pyotp
import pytest
import time_machine
from flask import g
from sqlalchemy import select

from lms.core import clock
from lms.core.access import requires
from lms.core.db import session
from lms.people.accounts.policy import OWN_ACCOUNT
from lms.people.accounts.second_factor import requires_recent_second_factor
from lms.people.models import Account
from tests.factories.signing_in import give_password
from tests.forms import post, token_from

PASSWORD = "莜面栲栳栳-2026"


@pytest.fixture
def officer(site, cast):
    """A county officer's browser after the password."""
    give_password(site.app, cast.county, PASSWORD, login="county")
    return enter(site)


def enter(site):
    client = site.app.test_client()
    signed = post(client, "/sign-in", {"name": "county", "password": PASSWORD})
    assert signed.status_code == 303
    return client


def enrol(client):
    """Enrol; returns the secret and the recovery codes."""
    post(client, "/second-factor/enrol/begin", page="/second-factor/enrol")
    page = client.get("/second-factor/enrol").text
    secret = re.search(r'enrol-key">([A-Z2-7-]+)<', page)[1].replace("-", "")
    answer = post(
        client, "/second-factor/enrol", {"code": code(secret)}, page="/second-factor/enrol"
    )
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"<li class=\"mono\">([0-9A-Z-]+)</li>", answer.text)


def code(secret, later=0):
    return pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=later))


def confirm(client, typed):
    return post(client, "/second-factor", {"code": typed}, page="/second-factor")


def owes(client):
    return client.get("/me").status_code == 302


def test_power_without_a_second_factor_is_led_to_enrolment_from_every_page(officer):
    for path in ("/", "/me", "/admin/accounts", "/admin/roles"):
        answer = officer.get(path)
        assert answer.status_code == 302
        assert answer.location.startswith("/second-factor/enrol")
    token = token_from(officer, "/second-factor/enrol")
    answer = officer.post("/me/devices/end-all", data={"csrf_token": token})
    assert answer.status_code == 403


def test_the_grants_stay_away_until_the_second_factor_is_passed(site, officer):
    seen = []
    site.app.before_request_funcs[None].append(lambda: seen.append(g.actor.grants))
    officer.get("/second-factor/enrol")
    assert seen == [()]


def test_enrolment_gives_a_drawing_a_key_and_eight_spare_codes(officer):
    post(officer, "/second-factor/enrol/begin", page="/second-factor/enrol")
    drawing = officer.get("/second-factor/code.svg")
    assert drawing.mimetype == "image/svg+xml"
    assert drawing.headers["Cache-Control"] == "no-store"
    _secret, spare = enrol(officer)
    assert len(set(spare)) == 8
    assert officer.get("/me").status_code == 200
    assert officer.get("/second-factor/code.svg").status_code == 409


def test_the_session_is_a_new_one_after_the_second_factor(site, officer):
    before = officer.get_cookie("session").value
    enrol(officer)
    assert officer.get_cookie("session").value != before
    thief = site.app.test_client()
    thief.set_cookie("session", before)
    assert thief.get("/second-factor").location.startswith("/sign-in")


def test_a_code_is_good_once(site, officer):
    secret, _spare = enrol(officer)
    with time_machine.travel(clock.now() + timedelta(seconds=90), tick=False):
        typed = code(secret)
        first, second = enter(site), enter(site)
        assert confirm(first, typed).status_code == 303
        assert not owes(first)
        assert confirm(second, typed).status_code == 401
        assert owes(second)


def test_the_code_of_the_enrolment_itself_cannot_be_replayed(site, officer):
    with time_machine.travel(clock.now(), tick=False):
        secret, _spare = enrol(officer)
        assert confirm(enter(site), code(secret)).status_code == 401


def test_a_spare_code_is_good_once_too(site, officer):
    _secret, spare = enrol(officer)
    assert confirm(enter(site), spare[0].lower()).status_code == 303
    assert confirm(enter(site), spare[0]).status_code == 401
    assert confirm(enter(site), spare[1]).status_code == 303


def test_the_password_buys_no_more_guesses_at_the_code(site, officer):
    secret, _spare = enrol(officer)
    for _n in range(5):
        assert confirm(enter(site), "000000").status_code == 401
    client = site.app.test_client()
    assert post(client, "/sign-in", {"name": "county", "password": PASSWORD}).status_code == 429
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=False):
        assert confirm(enter(site), code(secret)).status_code == 303


def test_a_locked_second_factor_refuses_even_the_right_code(site, officer):
    secret, _spare = enrol(officer)
    client = enter(site)
    for _n in range(5):
        confirm(client, "000000")
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        assert confirm(client, code(secret)).status_code == 429
    assert owes(client)


def test_the_secret_lies_sealed(site, officer, cast):
    secret, spare = enrol(officer)
    with site.app.app_context():
        account = session().scalars(select(Account).where(Account.person_id == cast.county)).one()
    assert secret.encode() not in account.totp_sealed
    assert spare


def test_a_caregiver_needs_none_but_must_pass_the_one_she_chose(site, cast):
    give_password(site.app, cast.wang, PASSWORD, login="county")
    client = enter(site)
    assert client.get("/me").status_code == 200
    secret, _spare = enrol(client)
    again = enter(site)
    assert again.get("/me").location.startswith("/second-factor?")
    with time_machine.travel(clock.now() + timedelta(seconds=60), tick=False):
        assert confirm(again, code(secret)).status_code == 303
    assert again.get("/me").status_code == 200


def test_in_a_demo_it_is_off_and_a_banner_says_so(site, cast):
    site.app.extensions["is_demo"] = True
    give_password(site.app, cast.county, PASSWORD, login="county")
    client = enter(site)
    page = client.get("/me")
    assert page.status_code == 200
    assert "演示" in page.text
    assert "两步验证" in client.get("/sign-in", follow_redirects=True).text


def test_in_a_demo_the_setting_turns_it_on(site, cast):
    site.app.extensions["is_demo"] = True
    site.app.extensions["second_factor_in_demo"] = True
    give_password(site.app, cast.county, PASSWORD, login="county")
    assert enter(site).get("/me").location.startswith("/second-factor/enrol")


def test_a_dangerous_act_asks_again_after_a_quarter_of_an_hour(site, cast, sign_in):
    def danger():
        return "done"

    view = requires(OWN_ACCOUNT)(requires_recent_second_factor(danger))
    site.app.add_url_rule("/danger", "danger", view, methods=["GET", "POST"])
    client = sign_in(cast.county)
    assert client.get("/danger?x=1").text == "done"
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=False):
        answer = client.get("/danger?x=1")
        assert answer.status_code == 303
        assert answer.location == "/second-factor?next=/danger?x%3D1"
        refused = client.get("/danger", headers={"Accept": "application/json"})
        assert refused.status_code == 403
        assert refused.json["code"] == "second-factor"


def test_changing_phones_ends_the_old_one_and_leads_to_enrolment(site, officer):
    enrol(officer)
    other = enter(site)
    assert post(officer, "/second-factor/remove", page="/me").status_code == 303
    assert officer.get("/me").location.startswith("/second-factor/enrol")
    assert other.get("/me").location.startswith("/sign-in")


def test_new_spare_codes_replace_the_old(site, officer):
    _secret, spare = enrol(officer)
    fresh = post(officer, "/second-factor/recovery-codes", page="/me")
    assert fresh.status_code == 200
    assert spare[0] not in fresh.text
    assert confirm(enter(site), spare[0]).status_code == 401


def test_what_a_half_open_session_may_not_do(officer):
    token = token_from(officer, "/second-factor/enrol")
    for path in ("/second-factor/remove", "/second-factor/recovery-codes"):
        assert officer.post(path, data={"csrf_token": token}).status_code in {303, 403}
