"""The room's page with a question of every kind: reachable for everybody, light, kept on the phone
through an outage and through the last second, and off the phone afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import update

from exams.sittings.models import Attempt
from exams.sittings.queries import folded
from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.factories.sittings import PLACES, begin_sittings
from tests.journeys.conftest import PATIENCE, pause
from tests.journeys.served import served
from tests.journeys.test_bars import LEARNER_BYTES, axe, too_wide, weight
from tests.journeys.tour import choose

pytestmark = pytest.mark.journey
DESK = "#room-desk:not([hidden])"
SAVED = "#room-saved[data-state=saved]"
ON_THE_PHONE = """async () => {
  const names = (await indexedDB.databases()).map((d) => d.name);
  if (!names.includes("exam-room")) return [0, (await caches.keys()).includes("exam-room")];
  const database = await new Promise((done) => {
    const request = indexedDB.open("exam-room");
    request.onsuccess = () => done(request.result);
  });
  let rows = 0;
  for (const name of database.objectStoreNames) {
    rows += await new Promise((done) => {
      const request = database.transaction(name).objectStore(name).count();
      request.onsuccess = () => done(request.result);
    });
  }
  database.close();
  return [rows, (await caches.keys()).includes("exam-room")];
}"""


LENGTH = """() => new Promise((done) => {
  const sound = document.querySelector("audio");
  sound.addEventListener("loadedmetadata", () => done(sound.duration));
  sound.load();
})"""
MEDIA_KEPT = """async () => {
  const kept = await (await caches.open("exam-room")).keys();
  return kept.filter(({ url }) => url.includes("/exams/media/")).length;
}"""


@pytest.fixture
def hall(site, cast, sign_in, settings, browser: Browser):
    """王桂兰's phone and a served room: (context, attempt, site)."""
    (attempt,) = begin_sittings(site.app, cast, with_media=True)
    client = sign_in(cast.wang)
    with served(site, settings) as url:
        context = browser.new_context(
            base_url=url, viewport={"width": 360, "height": 740}, locale="zh-CN",
            reduced_motion="reduce",
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        for cookie in client._cookies.values():
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
        context.url = url  # type: ignore[attr-defined]
        yield context, attempt, site
        context.close()


def enter(context: BrowserContext, attempt: int) -> Page:
    page = context.new_page()
    page.goto(f"/exams/room/{attempt}")
    page.wait_for_selector(DESK)
    return page


def held(site, attempt: int) -> dict:
    with site.app.app_context():
        return folded(attempt)


def go(page: Page, position: int) -> None:
    page.click("#room-map-open")
    page.locator("#room-grid button").nth(position - 1).click()


def test_the_first_load_is_light_with_every_kind(hall, browser):
    """As on every learner's page; the worker was installed by the pages before."""
    context, attempt, _site = hall
    fresh = browser.new_context(
        service_workers="block", storage_state=context.storage_state(),
    )  # fmt: skip
    size = weight(fresh.new_page(), f"{context.url}/exams/room/{attempt}")
    fresh.close()
    assert 0 < size <= LEARNER_BYTES, size


def test_every_kind_is_accessible_and_narrow(hall):
    context, attempt, _site = hall
    page = enter(context, attempt)
    found = []
    for elder in (False, True):
        if elder:
            choose(context, page, "elder")
            page.goto(f"/exams/room/{attempt}")
        page.wait_for_selector(DESK)
        for position in range(1, PLACES + 1):
            go(page, position)
            found += [f"{elder} {position} {fault}" for fault in too_wide(page) + axe(page)]
    assert not found, "\n".join(found)


def test_every_kind_is_answered_with_the_keyboard_alone(hall):
    context, attempt, site = hall
    page = enter(context, attempt)
    wanted = {}
    go(page, 6)
    page.focus("#room-pair-0")
    page.keyboard.press("ArrowDown")
    wanted[6] = {"pairs": [0, None, None]}
    go(page, 7)
    page.locator("[data-move=down]").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # the focus went along with the line
    wanted[7] = {"sequence": [1, 2, 0, 3]}
    assert "第 3" in page.locator("#room-options [role=status]").inner_text()
    go(page, 5)
    page.locator(".room-blank").first.focus()
    page.keyboard.type("骨突")
    wanted[5] = {"blanks": ["骨突", ""]}
    page.click("#room-next")
    page.wait_for_selector(SAVED)
    assert held(site, attempt) == wanted


def test_a_picture_is_enlarged_and_words_stay_when_it_cannot_be_loaded(hall):
    context, attempt, _site = hall
    context.route("**/exams/media/**", lambda route: route.abort())
    page = enter(context, attempt)
    page.wait_for_selector(".room-media-failed")
    assert "左侧偏瘫老人坐在床边" in page.locator(".room-media-failed").inner_text()
    context.unroute("**/exams/media/**")
    page.reload()
    page.click(".room-picture")
    page.wait_for_selector("#room-zoom[open]")
    page.click("#room-zoom-close")
    page.locator("#room-options label").first.click()
    page.wait_for_selector(SAVED)


def test_the_room_opens_again_without_a_network_and_leaves_nothing_behind(hall):
    context, attempt, site = hall
    page = enter(context, attempt)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function(f"async () => await ({MEDIA_KEPT})() === 2")
    page.locator("#room-options label").nth(1).click()
    page.wait_for_selector(SAVED)
    context.set_offline(True)
    go(page, 8)
    page.fill("#room-text", "信号断了还在写")
    page.wait_for_selector("#room-saved[data-state=local]")
    page.reload()
    page.wait_for_selector(DESK)
    assert page.input_value("#room-text") == "信号断了还在写"
    assert page.locator("#room-saved").get_attribute("data-state") == "local"
    go(page, 3)
    assert page.evaluate(LENGTH) == 1
    go(page, 4)
    page.fill("#room-number", "550.5")
    go(page, 1)
    assert page.locator("#room-options input").nth(1).is_checked()
    page.wait_for_function("document.querySelector('.room-picture img').naturalWidth === 640")
    context.set_offline(False)
    page.wait_for_selector(SAVED)
    assert held(site, attempt) == {
        1: {"picked": [1]}, 4: {"number": "550.5"}, 8: {"text": "信号断了还在写"},
    }  # fmt: skip
    page.click("#room-map-open")
    page.click("#room-hand-in")
    page.click("#room-confirm-yes")
    page.wait_for_url("**/done")
    page.wait_for_function(f"async () => JSON.stringify(await ({ON_THE_PHONE})()) === '[0,false]'")


def test_what_is_typed_in_the_last_second_is_kept(hall):
    context, attempt, site = hall
    page = enter(context, attempt)
    go(page, 8)
    page.fill("#room-text", "开头")
    page.wait_for_selector(SAVED)
    with site.app.app_context(), unit_of_work():
        soon = clock.now() + timedelta(seconds=5)
        session().execute(update(Attempt).where(Attempt.id == attempt).values(deadline=soon))
    # The clock hears of the new deadline with the next answer; then she types until time is up.
    page.evaluate(
        """() => {
          const area = document.getElementById("room-text");
          const desk = document.getElementById("room-desk");
          const timer = setInterval(() => {
            if (desk.hidden) return clearInterval(timer);
            area.value += "字";
            area.dispatchEvent(new Event("input", { bubbles: true }));
            if (!desk.hidden) sessionStorage.setItem("typed", area.value);
          }, 100);
        }"""
    )
    page.wait_for_url("**/done")
    page.wait_for_load_state("networkidle")
    typed = page.evaluate("sessionStorage.getItem('typed')")
    assert len(typed) > 3
    assert held(site, attempt)[8] == {"text": typed}


def test_a_text_leaves_with_the_page_that_is_closed(hall):
    context, attempt, site = hall
    page = enter(context, attempt)
    go(page, 9)
    page.locator("#room-text").press_sequentially("写到一半")
    page.goto("/exams")
    for _n in range(200):  # the browser delivers it after the page is gone, or the next page does
        if 9 in held(site, attempt):
            break
        pause()
    assert held(site, attempt)[9] == {"text": "写到一半"}


def test_what_a_closing_page_could_not_send_the_next_page_delivers(hall):
    context, attempt, site = hall
    page = enter(context, attempt)
    go(page, 9)
    page.evaluate("() => { globalThis.fetch = () => Promise.reject(new TypeError('no signal')); }")
    page.locator("#room-text").press_sequentially("写到一半")
    assert 9 not in held(site, attempt)
    page.goto("/exams")
    for _n in range(200):
        if 9 in held(site, attempt):
            break
        pause()
    assert held(site, attempt)[9] == {"text": "写到一半"}
