"""CPU a page costs, and its ratio to a bare Flask JSON route, in one process and one run.

    .venv/bin/python -m tests.benchmarks.bench_pages

Builds a demo province of 300 staff in a temporary instance and asks each page through the WSGI
interface, in turn with the bare route, so that a noisy machine disturbs both alike. Network and
server are left out; figures are CPU milliseconds of this process, medians of rounds.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable

from flask import Flask, jsonify
from sqlalchemy import select

from lms.core import clock
from lms.core.config import load_settings
from lms.core.db import session
from lms.core.setup import migrate_database
from lms.demo import build_demo
from lms.people.models import Account
from tests.factories.signing_in import sign_in_as
from tests.site import Site

ROUNDS, CALLS = 7, 40


def bare() -> Callable[[], object]:
    """A Flask app with one JSON route and nothing else."""
    app = Flask("bare")
    app.add_url_rule("/", "index", lambda: jsonify(status="ok"))
    client = app.test_client()
    return lambda: client.get("/").data


def cpu_ms(call: Callable[[], object], calls: int = CALLS) -> float:
    """CPU milliseconds of one call, averaged over ``calls``."""
    begun = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - begun) * 1000 / calls


def compare(name: str, call: Callable[[], object], reference: Callable[[], object]) -> None:
    """Print the median cost of a page and the ratio to the bare route, round by round."""
    call()
    pairs = [(cpu_ms(call), cpu_ms(reference)) for _ in range(ROUNDS)]
    cost = statistics.median(mine for mine, _bare in pairs)
    ratio = statistics.median(bare_cost / mine for mine, bare_cost in pairs)
    print(f"{name:32} {cost:8.2f} ms   throughput ÷ bare Flask {ratio:6.3f}")  # noqa: T201


def main() -> None:
    """Build the province and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings({"LMS_INSTANCE": folder})
        with Site.open(settings) as site, site.app.app_context():
            migrate_database()
            made = build_demo(300, 1, lambda *_: None)
            logins = dict(session().execute(select(Account.login, Account.person_id)).all())
        with Site.open(settings) as site:
            report(site.app, made.samples["certificate_code"], logins)


def report(app: Flask, code: str, logins: dict[str, int]) -> None:
    """Print one line a page."""
    reference = bare()
    visitor = app.test_client()
    caregiver = sign_in_as(app, logins["caregiver"])
    county = sign_in_as(app, logins["county"])
    lesson = "/learn/onboarding-caregiver/safety-and-emergency"
    pages = {
        "verification page": lambda: visitor.get(f"/v/{code}").data,
        "verification JSON": lambda: visitor.get(f"/api/v1/certificates/{code}").data,
        "learner home": lambda: caregiver.get("/").data,
        "learning list": lambda: caregiver.get("/learn").data,
        "lesson page, signed in": lambda: caregiver.get(lesson).data,
        "county home": lambda: county.get("/").data,
        "county flags": lambda: county.get("/flags").data,
    }
    print(f"bare Flask JSON route {cpu_ms(reference, 400):.2f} ms, {clock.today()}")  # noqa: T201
    for name, call in pages.items():
        compare(name, call, reference)


if __name__ == "__main__":
    main()
