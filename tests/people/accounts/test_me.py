"""My page: what is kept of me, who looked, my devices, my password."""

from datetime import date

import pytest
from sqlalchemy import select

from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.accounts.cli import account as commands
from lms.people.api import employ, restate_spell
from lms.people.models import EmploymentSpell, Reveal, SignIn
from tests.factories.signing_in import give_password
from tests.forms import post

PASSWORD = "莜面栲栳栳-2026"
PHONE = "13800000001"


@pytest.fixture
def wang(site, cast):
    give_password(site.app, cast.wang, PASSWORD)
    return enter(site)


def enter(site, password=PASSWORD, agent="Mozilla/5.0 (Linux; Android 13) MicroMessenger/8.0"):
    client = site.app.test_client()
    answer = post(
        client, "/sign-in", {"name": PHONE, "password": password}, headers={"User-Agent": agent}
    )
    assert answer.status_code == 303
    return client


def session_ids(site):
    with site.app.app_context():
        return session().scalars(select(SignIn.id).where(SignIn.ended_at.is_(None))).all()


def test_my_page_shows_me_masked(wang):
    page = wang.get("/me").text
    assert "王桂兰" in page
    assert "138****0001" in page
    assert PHONE not in page
    assert "140105********" in page
    assert "康宁养老院" in page
    assert "养老护理员" in page
    assert "安卓手机 · 微信" in page


def test_history_follows_the_person_to_another_home(site, cast, wang):
    with site.app.app_context(), unit_of_work():
        spell = session().scalars(
            select(EmploymentSpell).where(EmploymentSpell.person_id == cast.wang)
        ).one()  # fmt: skip
        now = clock.now()
        restate_spell(spell, SYSTEM, now, ended_on=date(2026, 6, 30))
        employ(cast.wang, cast.gucheng, "caregiver", date(2026, 7, 1), SYSTEM, now)
    page = wang.get("/me").text
    assert page.index("古城养老院") < page.index("康宁养老院")
    assert "至今" in page


def test_i_see_who_looked_at_my_record_and_why(site, cast, wang):
    with site.app.app_context(), unit_of_work():
        session().add(
            Reveal(
                person_id=cast.wang, field="phone", reason="核对参训通知",
                actor_id=cast.li, at=clock.now(),
            )
        )  # fmt: skip
    page = wang.get("/me/looks").text
    assert "李敏" in page
    assert "查看了完整的手机号" in page
    assert "核对参训通知" in page


def test_i_end_one_of_my_devices(site, wang):
    before = set(session_ids(site))
    tablet = enter(site, agent="Mozilla/5.0 (iPad) Safari/604")
    (new,) = set(session_ids(site)) - before
    assert "苹果手机或平板" in wang.get("/me").text
    assert post(wang, f"/me/devices/{new}/end", page="/me").status_code == 303
    assert tablet.get("/me").status_code == 302
    assert wang.get("/me").status_code == 200


def test_i_cannot_end_somebody_elses_device(site, cast, wang, sign_in):
    before = set(session_ids(site))
    other = sign_in(cast.zhao)
    (theirs,) = set(session_ids(site)) - before
    assert post(wang, f"/me/devices/{theirs}/end", page="/me").status_code == 404
    assert post(wang, "/me/devices/999999/end", page="/me").status_code == 404
    assert other.get("/me").status_code == 200


def test_signing_out_everywhere_ends_every_session_of_mine_only(site, cast, wang, sign_in):
    tablet, other = enter(site), sign_in(cast.zhao)
    assert post(wang, "/me/devices/end-all", page="/me").status_code == 303
    assert wang.get("/me").status_code == 302
    assert tablet.get("/me").status_code == 302
    assert other.get("/me").status_code == 200


def test_a_new_password_needs_the_old_one_and_signs_other_devices_out(site, wang):
    tablet = enter(site)
    new = {"password": "刀削面配老陈醋1987", "again": "刀削面配老陈醋1987"}
    wrong = post(wang, "/me/password", {"current": "wrong", **new}, page="/me")
    assert wrong.status_code == 422
    assert "现在的密码不对" in wrong.text
    easy = {"current": PASSWORD, "password": "1234567890", "again": "1234567890"}
    assert "太常见" in post(wang, "/me/password", easy, page="/me").text
    assert post(wang, "/me/password", {"current": PASSWORD, **new}, page="/me").status_code == 303
    assert wang.get("/me").status_code == 200
    assert tablet.get("/me").status_code == 302
    enter(site, "刀削面配老陈醋1987")


def test_guessing_the_old_password_locks_the_account(site, wang):
    data = {"current": "wrong", "password": "刀削面配老陈醋1987", "again": "刀削面配老陈醋1987"}
    for _n in range(5):
        assert post(wang, "/me/password", data, page="/me").status_code == 422
    right = {**data, "current": PASSWORD}
    assert post(wang, "/me/password", right, page="/me").status_code == 429


def test_i_choose_a_login_name(site, wang, cast):
    assert post(wang, "/me/login", {"login": "9wang"}, page="/me").status_code == 422
    assert post(wang, "/me/login", {"login": "wang-guilan"}, page="/me").status_code == 303
    give_password(site.app, cast.zhao, PASSWORD, login="zhao")
    assert post(wang, "/me/login", {"login": "ZHAO"}, page="/me").status_code == 422


def test_my_language_stays_with_my_account(site, wang):
    post(wang, "/preferences/language", {"lang": "en"}, page="/me")
    assert 'lang="en"' in enter(site).get("/me").text


def test_writes_need_the_form_token(wang):
    for path in ("/me/password", "/me/login", "/me/devices/end-all", "/sign-out"):
        assert wang.post(path).status_code == 400
    assert wang.get("/me").status_code == 200


def test_my_page_asks_visitors_to_sign_in(visitor):
    answer = visitor.get("/me?x=1")
    assert answer.status_code == 302
    assert answer.location == "/sign-in?next=/me?x%3D1"


def test_whoever_runs_the_server_can_let_the_administrator_in_again(site, cast, visitor):
    give_password(site.app, cast.admin, PASSWORD, login="boss")
    runner = site.app.test_cli_runner()
    printed = runner.invoke(commands, ["slip", "Boss"])
    assert printed.exit_code == 0
    assert post(visitor, "/activate", {"code": printed.output}).status_code == 303
    done = runner.invoke(commands, ["reset-second-factor", "boss", "--reason", "手机丢失"])
    assert done.exit_code == 0
    assert runner.invoke(commands, ["sign-out", "boss"]).exit_code == 0
    assert runner.invoke(commands, ["slip", "nobody"]).exit_code != 0
