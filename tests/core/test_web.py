"""The edge: headers, errors without traces, links that stay here, logs without personal data."""

import dataclasses
import json
import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from lms.core.access import public
from lms.core.db import db
from lms.core.links import is_local
from lms.core.logs import JsonLines
from tests.forms import post, token_from
from tests.site import Site


@pytest.fixture
def broken(site):
    @public
    def fail():
        raise RuntimeError(" ".join(("secret", "detail")))

    @public
    def locked():
        raise OperationalError("SELECT 1", {}, Exception("database is locked"))

    def undeclared():
        return "never"

    for path, view in (("/t/fail", fail), ("/t/locked", locked), ("/t/undeclared", undeclared)):
        site.app.add_url_rule(path, view.__name__, view)
    return site.app.test_client()


def test_every_answer_carries_the_headers(visitor):
    headers = visitor.get("/sign-in").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "Cookie" in headers["Vary"]


def test_a_static_file_carries_what_concerns_it_and_no_documents_policy(visitor):
    script, drawing = visitor.get("/static/js/shell.js"), visitor.get("/static/icons/sprite.svg")
    script.close()
    drawing.close()
    assert script.headers["X-Content-Type-Options"] == "nosniff"
    assert script.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Content-Security-Policy" not in script.headers
    assert "Content-Security-Policy" in drawing.headers  # it can be opened by itself


def test_an_unexpected_error_gives_a_number_and_no_trace(broken):
    page = broken.get("/t/fail", headers={"Accept": "text/html"})
    assert page.status_code == 500
    assert "secret detail" not in page.text
    assert "Traceback" not in page.text


def test_a_log_says_what_broke_and_where_but_quotes_nothing(broken, caplog):
    broken.get("/t/fail")
    record = next(r for r in caplog.records if r.exc_info)
    line = JsonLines().format(record)
    assert "RuntimeError" in line
    assert "test_web.py" in line
    assert "secret detail" not in line


def test_a_database_error_does_not_repeat_what_was_written(app):
    assert db.engine.hide_parameters
    with pytest.raises(DBAPIError) as refused, db.engine.begin() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:name)"), {"name": "王桂兰"})
    assert "王桂兰" not in str(refused.value)


@pytest.mark.parametrize("body", ["[" * 20_000, "[1, 2]", '{"name": 5, "password": ["x"]}', '"x"'])
def test_a_form_takes_no_json(visitor, body):
    token = {"X-CSRFToken": token_from(visitor)}
    for page in ("/sign-in", "/activate", "/v"):
        answer = visitor.post(page, data=body, content_type="application/json", headers=token)
        assert answer.status_code == 415


def test_json_nested_too_deep_is_malformed(cast, sign_in):
    client = sign_in(cast.wang)
    token = {"X-CSRFToken": token_from(client)}
    for path in ("/exams/room/1/answers", "/learn/evidence"):
        answer = client.post(
            path, data="[" * 50_000, content_type="application/json", headers=token
        )
        assert 400 <= answer.status_code < 500


def test_a_nul_is_refused_in_addresses_queries_and_forms(visitor, cast, sign_in):
    asked = [
        visitor.get(path) for path in ("/exams/receipt/a%00b", "/v/a%00b", "/sign-in?next=%00")
    ]
    asked.append(post(visitor, "/sign-in", {"name": "a\0b", "password": "x\0"}))
    asked.append(post(visitor, "/v", {"number": "a\0b", "holder": "\0"}))
    asked.append(sign_in(cast.li).get("/staff?name=%00"))
    assert [answer.status_code for answer in asked] == [400] * 6


def test_cookies_are_marked_secure_behind_tls_whatever_the_proxy_says(settings):
    with Site.open(dataclasses.replace(settings, base_url="https://training.example.cn")) as site:
        client = site.app.test_client()
        token = token_from(client, "https://localhost/sign-in")
        answer = client.post("/preferences/elder", data={"csrf_token": token})
        assert answer.status_code in {302, 303, 400}
        cookies = client.get("https://localhost/sign-in").headers.getlist("Set-Cookie")
        cookies += answer.headers.getlist("Set-Cookie")
        assert cookies
        assert all("Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)


def test_a_script_gets_a_problem_document(broken):
    answer = broken.get("/t/fail", headers={"Accept": "application/json"})
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "internal"
    assert answer.json["request_id"]


def test_a_busy_database_says_when_to_come_back(broken):
    answer = broken.get("/t/locked")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


def test_a_view_that_declares_nothing_is_refused(broken):
    assert broken.get("/t/undeclared").status_code == 403


def test_a_form_without_its_token_is_refused(visitor):
    assert visitor.post("/preferences/elder").status_code == 400


@pytest.mark.parametrize(
    ("target", "local"),
    [
        ("/learn?x=1", True),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("https://evil.example", False),
        ("javascript:alert(1)", False),
        ("", False),
        (None, False),
    ],
)
def test_only_paths_of_this_site_are_links_back(target, local):
    assert is_local(target) is local


def test_a_log_line_names_the_route_and_not_the_url(site, visitor, caplog):
    with caplog.at_level(logging.INFO, logger="lms.web"):
        visitor.get("/healthz?phone=13800000001")
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    (line,) = [line for line in lines if line["text"] == "request"]
    assert line["route"] == "/healthz"
    assert "13800000001" not in json.dumps(lines)


@pytest.mark.parametrize("number", [2**31, 10**20])
def test_a_number_no_row_can_have_leads_nowhere(number, cast, sign_in):
    learner, examiner = sign_in(cast.wang), sign_in(cast.zhou)
    for path in (
        f"/exams/room/{number}",
        f"/exams/room/{number}/clock",
        f"/exams/results/{number}",
    ):
        assert learner.get(path).status_code == 404, path
    for path in (f"/events/{number}", f"/events/1/wall/{number}", f"/marking/1/{number}/0"):
        assert examiner.get(path).status_code == 404, path


def test_a_number_in_a_query_that_no_row_can_have_is_a_fault_of_the_request(cast, sign_in):
    examiner = sign_in(cast.zhou)
    assert examiner.get(f"/events/new?make_up_of={10**20}").status_code == 400
