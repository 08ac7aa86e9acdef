"""The edge: headers, errors without traces, links that stay here, logs without personal data."""

import json
import logging

import pytest
from sqlalchemy.exc import OperationalError

from lms.core.access import public
from lms.core.links import is_local
from lms.core.logs import JsonLines


@pytest.fixture
def broken(site):
    @public
    def fail():
        raise RuntimeError("secret detail")

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


def test_an_unexpected_error_gives_a_number_and_no_trace(broken):
    page = broken.get("/t/fail", headers={"Accept": "text/html"})
    assert page.status_code == 500
    assert "secret detail" not in page.text
    assert "Traceback" not in page.text


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
