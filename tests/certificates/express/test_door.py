"""An answer given again is the one that the app would give; whatever is unusual goes to it."""

from __future__ import annotations

import gzip
import itertools
import logging
from datetime import timedelta

import brotli
import pytest
import time_machine
from sqlalchemy import select

from certificates.checks import buffer
from certificates.express import memo
from certificates.models import CheckCount
from lms.core import clock
from lms.core.config import load_settings
from lms.core.db import session
from lms.core.logs import JsonLines
from tests.certificates.express.conftest import door_of
from tests.factories.certificates import issue_now, skill_request
from tests.forms import token_from
from tests.site import Site
from tests.statements import count_statements

JSON = {"Accept": "application/json"}
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}
PLACES = ("/v/{}", "/V/{}", "/api/v1/certificates/{}")
ASKED = (
    {},
    JSON,
    ENGLISH,
    {"Accept-Encoding": "gzip, deflate"},
    {"Accept-Encoding": "gzip, deflate, br"} | JSON,
    {"Accept-Encoding": "br;q=0, *"},
    {"Accept": "text/html;q=0.8, application/json"} | ENGLISH,
)
COOKIES = ({}, {"elder": "1"}, {"elder": "1", "text": "28", "lang": "en"}, {"lang": "zh"})


def told(answer, token):
    """An answer without what differs by visitor."""
    headers = sorted((name, value) for name, value in answer.headers if name != "Content-Length")
    shown = [(n, v.partition("=")[0] if n == "Set-Cookie" else v) for n, v in headers]
    kind = answer.headers.get("Content-Encoding")
    body = unpacked(answer.data, kind).decode()
    return answer.status_code, shown, body.replace(token, "") if token else body


def unpacked(data, kind):
    return {"gzip": gzip.decompress, "br": brotli.decompress}.get(kind, bytes)(data)


def visitor_with(site, cookies):
    client = site.app.test_client()
    for name, value in cookies.items():
        client.set_cookie(name, value)
    return client


@pytest.mark.parametrize("cookies", COOKIES, ids=str)
def test_given_again_it_has_the_same_body_and_headers(site, issued, door, ordinary, cookies):
    with time_machine.travel(clock.now(), tick=False):
        for place, headers in itertools.product(PLACES, ASKED):
            path = place.format(issued.code)
            door.memo.forget()
            ordinary.clear()
            answers = []
            for _ in range(2):
                answer = visitor_with(site, cookies).get(path, headers=headers)
                text = unpacked(answer.data, answer.headers.get("Content-Encoding")).decode()
                token = text.partition('name="csrf_token" value="')[2].partition('"')[0]
                answers.append(told(answer, token))
            assert ordinary == [path], headers
            assert answers[0] == answers[1]


def test_it_takes_one_statement_and_no_write(visitor, issued, ordinary):
    visitor.get(f"/v/{issued.code}")
    ordinary.clear()
    with count_statements() as seen:
        assert "<strong>有效</strong>" in visitor.get(f"/v/{issued.code}").text
    assert ordinary == []
    assert len(seen) == 1
    assert seen[0].startswith("SELECT")


def test_it_says_when_it_was_true(visitor, issued, ordinary):
    start = clock.now().replace(hour=2, minute=30, second=0)
    with time_machine.travel(start, tick=False):
        visitor.get(f"/v/{issued.code}")
        visitor.get(f"/v/{issued.code}", headers=JSON)
    ordinary.clear()
    with time_machine.travel(start + timedelta(seconds=59, minutes=2), tick=False):
        body = visitor.get(f"/v/{issued.code}", headers=JSON).json
        assert "10:32" in visitor.get(f"/v/{issued.code}").text
    assert body["as_of"] == (start + timedelta(seconds=59, minutes=2)).isoformat("T", "seconds")
    assert ordinary == []


def test_each_browser_gets_a_form_of_its_own_that_works(site, issued, ordinary):
    site.app.test_client().get(f"/v/{issued.code}")
    ordinary.clear()
    clients = [site.app.test_client() for _ in range(2)]
    tokens = [token_from(client, f"/v/{issued.code}") for client in clients]
    again = token_from(clients[0], f"/v/{issued.code}")
    assert ordinary == []
    assert len({*tokens, again}) >= 2
    for client, token in zip([*clients, clients[0]], [*tokens, again], strict=True):
        sent = {"csrf_token": token, "holder": "王桂兰"}
        assert client.post(f"/v/{issued.code}", data=sent).status_code == 303
    crossed = {"csrf_token": tokens[1], "holder": "王桂兰"}
    assert clients[0].post(f"/v/{issued.code}", data=crossed).status_code == 400


def test_a_message_that_waits_is_shown(visitor, issued, ordinary):
    token = token_from(visitor, f"/v/{issued.code}")
    visitor.get(f"/v/{issued.code}")
    visitor.post(f"/v/{issued.code}", data={"csrf_token": token, "holder": "王桂兰"})
    ordinary.clear()
    assert "<p>一致：" in visitor.get(f"/v/{issued.code}").text
    assert ordinary == [f"/v/{issued.code}"]
    assert "<p>一致：" not in visitor.get(f"/v/{issued.code}").text


def test_whatever_is_unusual_goes_the_ordinary_way(site, visitor, sign_in, cast, issued, ordinary):
    path = f"/v/{issued.code}"
    for headers in ({}, JSON):
        visitor.get(path, headers=headers)
    holder, other = sign_in(cast.wang), visitor_with(site, {"session": "long-gone"})
    ordinary.clear()
    asked = [
        lambda: visitor.get(path + "?on=2026-11-20"),
        lambda: visitor.get(path + "?from=elsewhere"),
        lambda: visitor.get(path.lower()),
        lambda: visitor.head(path),
        lambda: visitor.get(path, content_type="application/json"),
        lambda: holder.get(path),
        lambda: other.get(path),
        lambda: visitor_with(site, {"form": "forged"}).get(path),
    ]
    for ask in asked:
        assert ask().status_code == 200
    assert len(ordinary) == len(asked)
    assert "当天有效" in visitor.get(path + "?on=2026-11-20").text


def test_each_one_is_counted_for_the_holder(site, visitor, sign_in, cast, issued, ordinary):
    for _ in range(3):
        visitor.get(f"/v/{issued.code}")
        visitor.get(f"/api/v1/certificates/{issued.code}")
    assert len(ordinary) == 2
    with site.app.app_context():
        assert buffer().flush() == 6
        assert list(session().scalars(select(CheckCount.times))) == [6]
    assert "被查验 6 次" in sign_in(cast.wang).get("/certificates").text


def test_whoever_guesses_too_much_is_refused_here_too(visitor, issued, ordinary):
    def ask(code, address):
        return visitor.get(f"/v/{code}", environ_base={"REMOTE_ADDR": address})

    ask(issued.code, "10.0.0.1")
    ask("1" * 26, "10.0.0.1")
    ordinary.clear()
    assert ask(issued.code, "10.0.0.1").headers["X-RateLimit-Remaining"] == "29"
    assert ordinary == []
    for _ in range(30):
        ask("1" * 26, "10.0.0.1")
    assert ask(issued.code, "10.0.0.1").status_code == 429
    assert ask(issued.code, "10.0.0.2").status_code == 200


def test_a_client_is_known_by_what_a_trusted_proxy_says(settings, cast):
    given = {
        "LMS_INSTANCE": str(settings.instance), "LMS_DATABASE_URL": settings.database_url,
        "LMS_TRUSTED_PROXIES": "1",
    }  # fmt: skip
    with Site.open(load_settings(given)) as behind:
        with behind.app.app_context():
            code = issue_now(skill_request(cast.wang, cast.base)).code
        visitor = behind.app.test_client()

        def ask(code, client):
            return visitor.get(f"/v/{code}", headers={"X-Forwarded-For": client}).status_code

        ask(code, "10.9.0.1")
        assert {ask("1" * 26, "10.9.0.1") for _ in range(31)} == {404, 429}
        assert ask(code, "10.9.0.1") == 429
        assert ask(code, "10.9.0.2") == 200
        assert len(door_of(behind.app).memo) == 1


def test_codes_that_do_not_exist_fill_no_memory(visitor, door, issued):
    for number in range(20):
        visitor.get(f"/v/{number:026d}", environ_base={"REMOTE_ADDR": f"10.1.0.{number}"})
    assert len(door.memo) == 0
    visitor.get(f"/v/{issued.code}")
    assert len(door.memo) == 1


def test_memory_is_bounded_and_what_was_asked_for_last_stays(
    site, cast, visitor, door, ordinary, monkeypatch
):
    with site.app.app_context():
        codes = [
            issue_now(skill_request(who, cast.base)).code
            for who in (cast.wang, cast.zhao, cast.li, cast.wang)
        ]
    visitor.get(f"/v/{codes[0]}")
    monkeypatch.setattr(memo, "MOST_BYTES", int(door.memo.size * 2.5))
    for code in codes[1:]:
        visitor.get(f"/v/{code}")
        assert door.memo.size <= memo.MOST_BYTES
    assert len(door.memo) == 2
    ordinary.clear()
    visitor.get(f"/v/{codes[3]}")
    visitor.get(f"/v/{codes[0]}")
    assert ordinary == [f"/v/{codes[0]}"]


def test_sizes_invented_by_a_visitor_crowd_nobody_out(site, door, issued):
    for size in range(10, 99):
        visitor_with(site, {"elder": "1", "text": str(size)}).get(f"/v/{issued.code}")
    assert door.memo.size < 2 * memo.MOST_VARIANTS * 8_000


def test_each_app_remembers_for_itself(site, settings, visitor, issued):
    visitor.get(f"/v/{issued.code}")
    with Site.open(settings) as other:
        assert len(door_of(other.app).memo) == 0
    assert len(door_of(site.app).memo) == 1


def test_a_database_that_went_away_is_asked_again_the_ordinary_way(visitor, door, issued, ordinary):
    visitor.get(f"/v/{issued.code}")
    visitor.get(f"/v/{issued.code}")
    ordinary.clear()
    door._reader._connection.close()
    answers = [visitor.get(f"/v/{issued.code}").status_code for _ in range(3)]
    assert answers == [200, 200, 200]
    assert len(ordinary) == 1  # then it is opened anew


def test_the_log_has_the_same_line(visitor, issued, caplog):
    with caplog.at_level(logging.INFO, "lms.web"):
        for _ in range(2):
            visitor.get(f"/v/{issued.code}")
    cold, warm = (record for record in caplog.records if record.name == "lms.web")
    assert issued.code not in JsonLines().format(warm)
    assert '"route": "/v/<code>", "status": 200' in JsonLines().format(warm)
    for name in ("method", "route", "status", "person"):
        assert getattr(cold, name) == getattr(warm, name)
    assert len(warm.request) == 16
