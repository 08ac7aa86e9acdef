"""The pages: what I want, what became of it, webhooks kept by two, channels as they are."""

import dataclasses
import re

import pytest
import time_machine

from lms.core.carriers import NOTHING_SET_UP
from lms.post import addresses
from lms.post.carrying import carry
from lms.post.choosing import chosen
from lms.post.office.checks import Verdict
from lms.post.queries import address_of
from tests.factories.signing_in import sign_in_as
from tests.forms import post
from tests.post.world import (
    NOON,
    chose,
    confirmed_mail,
    deliveries,
    endpoint,
    endpoint_row,
    remind,
    url_of,
)
from tests.site import Site
from tests.statements import count_statements

SETTINGS = "/me/reminders/settings"


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def run(do):
    while do(carry):
        pass


def test_an_address_counts_only_after_its_link_was_opened(do, cast, sign_in, office):
    me, other = sign_in(cast.wang), sign_in(cast.zhao)
    answer = post(me, "/me/reminders/email", {"address": "wang@example.cn"}, SETTINGS)
    assert answer.status_code == 303
    do(remind, cast.wang, cast)
    run(do)
    (letter,) = office.journal  # the question alone: a reminder does not go to an open address
    link = re.search(r"http://\S+(/me/reminders/email/\S+)", letter.text)[1]
    assert other.get(link).status_code == 404
    assert do(address_of, cast.wang).verified_at is None
    assert "是我的邮箱" in me.get(link).text  # looking at a link does nothing
    assert do(address_of, cast.wang).verified_at is None
    assert post(me, link).status_code == 303
    assert do(address_of, cast.wang).verified_at is not None
    do(remind, cast.wang, cast, "next")
    assert [row.kind for row in do(deliveries, "email")] == ["post.verify", "duty.remind"]


def test_a_link_for_an_address_given_up_since_is_over(do, cast, sign_in, office):
    me = sign_in(cast.wang)
    post(me, "/me/reminders/email", {"address": "old@example.cn"}, SETTINGS)
    run(do)
    link = re.search(r"http://\S+(/me/reminders/email/\S+)", office.journal[0].text)[1]
    post(me, "/me/reminders/email", {"address": "new@example.cn"}, SETTINGS)
    assert post(me, link).status_code == 404
    assert do(address_of, cast.wang).verified_at is None


def test_a_link_is_good_for_two_days(do, cast, sign_in, office, noon):
    me = sign_in(cast.wang)
    post(me, "/me/reminders/email", {"address": "wang@example.cn"}, SETTINGS)
    run(do)
    link = re.search(r"http://\S+(/me/reminders/email/\S+)", office.journal[0].text)[1]
    noon.move_to(NOON.replace(day=25, hour=12, minute=1))
    assert post(sign_in(cast.wang), link).status_code == 404


@pytest.mark.parametrize(
    "text", ["wang", "a@b", "a b@example.cn", "a@example.cn\r\nBcc: x@y.cn", "@x.cn"]
)
def test_what_is_no_address_is_said(do, cast, sign_in, text):
    answer = post(sign_in(cast.wang), "/me/reminders/email", {"address": text}, SETTINGS)
    assert answer.status_code == 422
    assert do(address_of, cast.wang) is None
    assert do(deliveries) == []


def test_the_address_stands_nowhere_in_the_clear(do, cast, sign_in, site):
    post(sign_in(cast.wang), "/me/reminders/email", {"address": "geheim@example.cn"}, SETTINGS)
    row = do(address_of, cast.wang)
    assert b"geheim" not in row.sealed
    assert row.masked == "ge•••@example.cn"
    assert "geheim" not in sign_in(cast.wang).get(SETTINGS).text


def test_choices_are_kept_and_the_site_cannot_be_switched_off(do, cast, sign_in):
    me = sign_in(cast.wang)
    sent = {"sms": "y", "site": "", "locale": "en", "quiet_from": "19:00", "quiet_to": "09:00"}
    assert post(me, SETTINGS, sent).status_code == 303
    own = do(chosen, cast.wang)
    assert (own.email, own.sms, own.locale, str(own.quiet)) == (False, True, "en", "19:00-09:00")
    do(remind, cast.wang, cast)
    assert [row.channel for row in do(deliveries)] == ["site", "sms"]


def test_a_refused_address_leaves_the_choices_as_they_are_on_the_page(cast, sign_in):
    me = sign_in(cast.wang)
    post(me, SETTINGS, {"sms": "y", "locale": "en", "quiet_from": "19:00", "quiet_to": "09:00"})
    page = post(me, "/me/reminders/email", {"address": "wang"}, SETTINGS).text
    assert '<option selected value="en">' in page
    assert 'value="19:00"' in page
    assert 'value="09:00"' in page


@pytest.mark.parametrize("hours", [("12:00", "09:00"), ("19:00", "11:00"), ("08:00", "09:00")])
def test_quiet_hours_keep_to_the_rules_bounds(do, cast, sign_in, hours):
    answer = post(sign_in(cast.wang), SETTINGS, {"quiet_from": hours[0], "quiet_to": hours[1]})
    assert answer.status_code == 422
    assert "18:00" in answer.text
    assert do(chosen, cast.wang).quiet is None


def test_a_mail_program_stops_letters_with_one_click(do, cast, visitor, office, noon):
    do(confirmed_mail, cast.wang)
    do(remind, cast.wang, cast)
    run(do)
    link = (
        office.journal[0]
        .headers["list-unsubscribe"]
        .strip("<>")
        .removeprefix("http://127.0.0.1:8000")
    )
    assert "不再收邮件" in visitor.get(link).text
    assert do(chosen, cast.wang).email
    answer = visitor.post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not do(chosen, cast.wang).email
    assert visitor.post(link + "x").status_code == 404


def test_my_page_shows_what_came_and_how(do, cast, sign_in, office, noon):
    office.watch = lambda came: "554 no" if came.way == "email" else None
    do(confirmed_mail, cast.wang)
    do(remind, cast.wang, cast)
    run(do)
    page = sign_in(cast.wang).get("/me/reminders").text
    assert "站内" in page
    assert "已送达" in page
    assert "邮件被退回（554）" in page


def test_hr_and_officer_see_their_own_and_send_again(do, cast, sign_in, office, noon):
    office.watch = lambda _came: "554 no"
    do(confirmed_mail, cast.wang)
    do(remind, cast.wang, cast)
    run(do)
    failed = do(deliveries, "email")[0].id
    for who in (cast.li, cast.county, cast.city, cast.province):
        assert "王桂兰" in sign_in(who).get("/deliveries?state=failed").text
    assert "王桂兰" in sign_in(cast.li).get(f"/deliveries?person={cast.wang}").text
    assert "王桂兰" not in sign_in(cast.li).get(f"/deliveries?person={cast.zhao}").text
    for who in (cast.sun, cast.other_county):
        page = sign_in(who)
        assert "王桂兰" not in page.get("/deliveries").text
        assert post(page, f"/deliveries/{failed}/retry").status_code == 404
    office.watch = lambda _came: None
    assert post(sign_in(cast.li), f"/deliveries/{failed}/retry").status_code == 303
    run(do)
    page = sign_in(cast.li).get(f"/deliveries/{failed}").text
    assert "邮件被退回（554）" in page
    assert "它没有告诉我们" in page  # sent, which is not yet arrived


def test_the_pages_need_as_many_statements_for_many_as_for_few(do, cast, sign_in, noon):
    pages = {cast.li: "/deliveries", cast.wang: "/me/reminders"}
    clients = {who: sign_in(who) for who in pages}
    counts = []
    do(chose, cast.wang, sms=True)
    for number in range(2):
        for stage in range(1 + 9 * number):
            do(remind, cast.wang, cast, f"s{number}{stage}")
        for who, page in pages.items():
            clients[who].get(page)
            with count_statements() as seen:
                clients[who].get(page)
            counts.append(len(seen))
    assert counts[:2] == counts[2:]


def registered(client, url, **more):
    sent = {"kind": "webhook", "place": "o1", "label": "人事系统", "url": url, **more}
    return post(client, "/webhooks/new", sent, "/webhooks/new")


def test_a_webhook_is_registered_by_one_and_approved_by_another(do, cast, sign_in, office, noon):
    hr, county = sign_in(cast.li), sign_in(cast.county)
    shown = registered(hr, url_of(office))
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", shown.text)[0]
    assert shown.headers["Cache-Control"] == "no-store"
    assert "whsec_" not in hr.get("/webhooks/1").text
    post(hr, "/webhooks/1/approve")
    assert do(endpoint_row, 1).approved_at is None
    assert post(hr, "/webhooks/1/test").status_code == 303
    assert do(deliveries) == []
    post(county, "/webhooks/1/approve")
    assert do(endpoint_row, 1).approved_by == cast.county
    office.secrets = dataclasses.replace(office.secrets, webhook=secret)
    post(county, "/webhooks/1/test")
    run(do)
    assert [came.fault for came in office.journal] == [""]


def test_a_changed_secret_overlaps_with_the_old_one(do, cast, sign_in, office, noon):
    hook, old = do(endpoint, cast, url_of(office))
    answer = post(sign_in(cast.li), f"/webhooks/{hook}/secret")
    new = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.text)[0]
    assert new != old
    for secret, hour, fault in ((old, 13, ""), (new, 14, ""), (old, 24 + 13, "signature")):
        noon.move_to(NOON.replace(day=23 + hour // 24, hour=hour % 24))
        office.secrets = dataclasses.replace(office.secrets, webhook=secret)
        office.journal.clear()
        post(sign_in(cast.li), f"/webhooks/{hook}/test")
        run(do)
        assert office.journal[0].fault == fault


def test_an_address_inside_is_refused_beside_the_field(do, cast, sign_in, monkeypatch):
    answer = registered(sign_in(cast.li), "https://169.254.169.254/latest")
    assert answer.status_code == 422
    assert "内部网络" in answer.text
    monkeypatch.setattr(
        addresses, "resolve", lambda _a: [addresses.ipaddress.ip_address("8.8.8.8")]
    )
    answer = registered(sign_in(cast.li), "https://robots.example/x", kind="wecom")
    assert "不是所选机器人的网址" in answer.text


def test_the_same_address_is_registered_once(cast, sign_in, office):
    hr = sign_in(cast.li)
    assert registered(hr, url_of(office)).status_code == 200
    assert registered(hr, url_of(office)).status_code == 409


def test_a_robots_key_is_shown_to_nobody(do, cast, sign_in, office):
    url = url_of(office, "dingtalk").replace("=try", "=geheimer-schluessel")
    do(endpoint, cast, url, "dingtalk", secret="SECdemo")
    for who in (cast.li, cast.county):
        page = sign_in(who)
        assert "geheimer" not in page.get("/webhooks").text + page.get("/webhooks/1").text
    row = do(endpoint_row, 1)
    assert b"geheimer" not in row.address_sealed
    assert b"SECdemo" not in row.secret_sealed


def test_a_dead_receiver_shows_on_its_page(do, cast, sign_in, office, noon):
    office.watch = lambda _came: Verdict(500, {})
    hook, _secret = do(endpoint, cast, url_of(office), people=True)
    do(remind, cast.wang, cast)
    run(do)
    assert "对方回应 500" in sign_in(cast.li).get(f"/webhooks/{hook}").text


def test_administrators_see_the_channels_and_test_them(do, cast, sign_in, office, noon):
    do(confirmed_mail, cast.admin, "admin@example.cn")
    client = sign_in(cast.admin)
    page = client.get("/channels").text
    assert "已接通" in page
    assert "sms-demo" not in page
    for channel in ("email", "sms"):
        assert post(client, f"/channels/{channel}/test").status_code == 303
    run(do)
    assert {came.way for came in office.journal} == {"email", "sms"}


def test_without_a_gateway_the_pages_say_so(settings, cast):
    bare = dataclasses.replace(settings, carriers=NOTHING_SET_UP)
    with Site.open(bare) as site:
        from_admin = sign(site, cast.admin)
        page = from_admin.get("/channels").text
        assert "一封邮件也不会发出" in page
        assert "一条短信也不会发出" in page
        assert post(from_admin, "/channels/email/test").status_code == 404
        me = sign(site, cast.wang)
        assert "还没有接通邮件" in me.get(SETTINGS).text
        assert (
            post(me, "/me/reminders/email", {"address": "a@example.cn"}, SETTINGS).status_code
            == 404
        )
        with site.app.app_context():
            confirmed_mail(cast.wang)
            remind(cast.wang, cast)
            assert [row.channel for row in deliveries()] == ["site"]


def test_what_nothing_carries_any_more_is_not_sent_again(do, settings, cast, office, noon):
    office.watch = lambda _came: "554 no"
    do(confirmed_mail, cast.wang)
    do(remind, cast.wang, cast)
    run(do)
    failed = do(deliveries, "email")[0].id
    with Site.open(dataclasses.replace(settings, carriers=NOTHING_SET_UP)) as site:
        page = sign(site, cast.li)
        assert "接通后才会发出" in page.get(f"/deliveries/{failed}").text
        assert ">重发</button>" not in page.get(f"/deliveries/{failed}").text
        post(page, f"/deliveries/{failed}/retry")
        assert "重发也送不到" in page.get(f"/deliveries/{failed}").text
    assert do(deliveries, "email")[0].state == "failed"


def sign(site, person_id):
    return sign_in_as(site.app, person_id)
