"""What the room's screen says when the server will never take a step, and that nothing else is
lost by it: a text longer than its question takes, and more changes than a sitting takes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update

from exams.sittings.models import Attempt
from exams.sittings.queries import folded
from exams.sittings.rules import is_answered
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.factories.sittings import begin_sittings
from tests.journeys.conftest import PATIENCE
from tests.journeys.served import served

pytestmark = pytest.mark.journey
DESK = "#room-desk:not([hidden])"
SAVED = "#room-saved[data-state=saved]"
SHORT, LONGEST = 8, 200


@pytest.fixture
def hall(site, cast, sign_in, settings, browser: Browser):
    """王桂兰's phone in a room with a question of every kind: (page, attempt, site)."""
    (attempt,) = begin_sittings(site.app, cast)
    client = sign_in(cast.wang)
    with served(site, settings) as url:
        context = browser.new_context(
            base_url=url, viewport={"width": 390, "height": 844}, locale="zh-CN"
        )
        context.set_default_timeout(PATIENCE)
        for cookie in client._cookies.values():
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
        page = context.new_page()
        page.goto(f"/exams/room/{attempt}")
        page.wait_for_selector(DESK)
        yield page, attempt, site
        context.close()


def go(page: Page, position: int) -> None:
    page.click("#room-map-open")
    page.locator("#room-grid button").nth(position - 1).click()


def held(site, attempt: int) -> dict:
    with site.app.app_context():
        session().rollback()
        return {place: a for place, a in folded(attempt).items() if is_answered(a)}


def said(page: Page, text: str) -> None:
    """Wait until the note above the question says so."""
    page.locator("#room-note:not([hidden])", has_text=text).wait_for()


def hand_in(page: Page) -> str:
    page.click("#room-map-open")
    page.click("#room-hand-in")
    page.click("#room-confirm-yes")
    page.wait_for_url("**/done")
    return page.content()


def test_a_text_too_long_is_said_and_the_older_one_stays(hall):
    """The field itself stops at the limit; here it does not, as with a field filled by a tool."""
    page, attempt, site = hall
    page.locator("#room-options label").first.click()
    page.wait_for_selector(SAVED)
    go(page, SHORT)
    field = page.locator("#room-options textarea")
    assert field.get_attribute("maxlength") == str(LONGEST)
    field.fill("先问原因")
    page.wait_for_selector(SAVED)
    before = held(site, attempt)
    assert before[SHORT] == {"text": "先问原因"}
    field.evaluate("field => field.removeAttribute('maxlength')")
    field.fill("写" * (LONGEST + 1))
    said(page, f"第 {SHORT} 题写得太长")
    assert page.locator(SAVED).count() == 0  # what stands on the screen is not what is kept
    assert held(site, attempt) == before
    field.fill("写" * LONGEST)
    page.wait_for_selector(SAVED)
    page.locator("#room-note", has_text="写得太长").wait_for(state="hidden")
    assert held(site, attempt) == before | {SHORT: {"text": "写" * LONGEST}}
    hand_in(page)
    assert held(site, attempt) == before | {SHORT: {"text": "写" * LONGEST}}


def test_too_many_changes_are_said_and_what_was_saved_is_handed_in(hall):
    page, attempt, site = hall
    with site.app.app_context(), unit_of_work():
        session().execute(update(Attempt).values(most_steps=2))
    for position in (1, 2, 3):
        go(page, position)
        page.locator("#room-options label").first.click()
        if position < 3:
            page.wait_for_selector(SAVED)
    said(page, "改的次数太多，第 3 题没有存上")
    assert page.locator(SAVED).count() == 0
    assert sorted(held(site, attempt)) == [1, 2]
    page.reload()
    page.wait_for_selector(DESK)
    go(page, 3)
    assert page.locator("#room-options input:checked").count() == 0  # the screen claims nothing
    assert "receipt" in hand_in(page)
    assert sorted(held(site, attempt)) == [1, 2]
