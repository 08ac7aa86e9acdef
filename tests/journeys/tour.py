"""The pages that are held to the bars, by the role that sees them.

A page is an address, or ``address > pattern``: the first link on that page whose whole path
matches the pattern, so that the tour needs to know no id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.conftest import PATIENCE, Live, sign_in

COURSE = "/learn > /learn/(?!duty|central|check-in)[^/]+"
LESSON = f"{COURSE} > /learn/[^/]+/[^/]+"
BANK_PLACE = "/bank/(?!new|template)[^/.]+"
BANK = f"/bank > {BANK_PLACE}"
CERTIFICATE = "/register > /register/[^/.]+"
SESSION = "/sessions > /sessions/[0-9]+"
PAST = "/events?status=closed&q=月 > /events/[0-9]+ > /events/[0-9]+"
ITEM = f"{PAST}/analysis > /events/[0-9]+/analysis/[0-9]+"
SKILLS = "/events?part=skills > /events/[0-9]+ > /events/[0-9]+/stations"
RUNNING = "/events?q=今天 > /events/[0-9]+"
TOUR: dict[str, list[str]] = {
    "visitor": [
        "/", "/sign-in", "/activate", "/v", "/v/offline", "/v/{certificate_code}",
        "/v/{revoked_code}", "/publicity", "/no-such-page", "/offline", "/exams/receipt",
        "/check-in/offline",
    ],
    "caregiver": [
        "/", "/learn", COURSE, LESSON, "/learn/duty", "/learn/hours", "/learn/hours/claim",
        "/learn/central", "/learn/check-in", "/exams", "/exams > /exams/[0-9]+",
        "/exams/results", "/certificates", "/me", "/me/login", "/me/looks", "/me/password",
        "/me/photo",
    ],
    "hr": [
        "/", "/v/sheet", "/?as=learner", "/staff", "/staff > /staff/[0-9]+", "/roster",
        "/organisations", "/organisations > /organisations/[0-9]+", "/employers", "/training",
        "/flags", "/sessions", f"{SESSION} > /sessions/[0-9]+/book",
    ],
    "county": ["/", "/flags", "/flags > /flags/[0-9]+", "/flags/requests", "/flags/appeals",
               "/credits/claims", "/register", "/revocations", "/revocations/new",
               CERTIFICATE, "/organisations", "/reports/central/140105", "/views",
               "/views/new?of=flags"],
    "province": ["/", "/flags", "/reports/central", "/organisations", "/rules",
                 "/rules/compliance.central", "/rules/compliance.central/propose"],
    "examiner": ["/", "/batches", "/batches/new", "/pools", "/pools/new",
                 "/pools > /pools/gaps/[0-9]+", "/objections", "/designs",
                 "/designs/new/1/skill", "/designs/new/1/course",
                 "/events", "/events > /events/[0-9]+", "/events/new",
                 "/events/new?practice=1",
                 "/events > /events/[0-9]+ > /events/[0-9]+/rooms",
                 "/events > /events/[0-9]+ > /events/[0-9]+/wall", "/bank", "/bank/new",
                 "/marking", "/checklists",
                 f"{PAST}/publication", f"{PAST}/analysis",
                 f"{PAST}/publication > /events/[0-9]+/reviews",
                 ITEM, f"{ITEM} > /corrections/new/[0-9]+/[0-9]+/[0-9]+",
                 f"{PAST}/analysis > /events/[0-9]+/analysis/compare", "/corrections", SKILLS,
                 f"{SKILLS} > /events/[0-9]+/stations/[0-9]+/ruling/[0-9]+",
                 RUNNING, f"{RUNNING} > /events/[0-9]+/rooms",
                 f"{RUNNING} > /events/[0-9]+/wall > /events/[0-9]+/entries/[0-9]+/watch",
                 "/blueprints", "/blueprints > /blueprints/new/[0-9]+",
                 "/events > /events/[0-9]+ > /events/[0-9]+/papers"],
    "marker": ["/", "/marking", "/marking > /marking/[0-9]+/[0-9]+/[0-9]+",
               "/marking > /stations/[0-9]+", "/events?status=closed > /events/[0-9]+"],
    "author": ["/", "/courses", "/courses > /courses/versions/[0-9]+",
               "/courses > /courses/versions/[0-9]+ > /courses/versions/[0-9]+/lessons/[^/]+",
               "/courses/upload"],
    "teacher": ["/", "/sessions", SESSION, "/sessions/new", "/sessions/{open_session}",
                "/sessions/{running_session}/screen",
                "/sessions/{running_session}/check-ins", "/sessions/{running_session}/close",
                "/sessions/{running_session}/sheet", "/sessions/{running_session}/roster"],
    "keeper": ["/bank", BANK, f"{BANK} > /bank/questions/[0-9]+", f"{BANK} > {BANK_PLACE}/import",
               f"{BANK} > {BANK_PLACE}/add", f"{BANK} > {BANK_PLACE}/near",
               "/bank/caregiver-junior/add?kind=matching",
               "/bank/caregiver-junior/add?kind=essay"],
    "admin": ["/", "/admin/accounts", "/admin/accounts/new", "/admin/roles",
              "/admin/accounts > /admin/accounts/[0-9]+", "/second-factor/enrol"],
}  # fmt: skip

#: The platform's own question banks are kept by the administrator.
LOGINS = {"keeper": "admin"}


@contextmanager
def opened(browser: Browser, live: Live, role: str) -> Iterator[Page]:
    """A browser window 360 px wide in which somebody of that role is signed in."""
    context = browser.new_context(
        viewport={"width": 360, "height": 760}, reduced_motion="reduce", service_workers="block",
        base_url=live.url, locale="zh-CN", timezone_id="Asia/Shanghai",
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    try:
        yield (
            context.new_page()
            if role == "visitor"
            else sign_in(context, live, LOGINS.get(role, role))
        )
    finally:
        context.close()


def addresses(page: Page, live: Live, places: list[str]) -> list[str]:
    """Where the places are in this demo province."""
    return [_find(page, place.format(**live.samples)) for place in places]


def _find(page: Page, place: str) -> str:
    address, *patterns = place.split(" > ")
    for pattern in patterns:
        page.goto(address)
        links = page.locator("main a[href]").evaluate_all("all => all.map(a => a.href)")
        paths = [urlsplit(link).path for link in links]
        found = next((path for path in paths if re.fullmatch(pattern, path)), None)
        assert found, f"{address} has no link to {pattern}: {paths}"
        address = found
    return address


def choose(context: BrowserContext, page: Page, what: str, **fields: str) -> None:
    """Set a preference (``elder``, ``text``, ``language``) as its button does."""
    page.goto("/")
    token = page.locator("input[name=csrf_token]").first.get_attribute("value") or ""
    answer = context.request.post(f"/preferences/{what}", form={"csrf_token": token, **fields})
    assert answer.ok, f"{what}: {answer.status}"
