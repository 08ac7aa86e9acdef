"""The exam room in a real browser, while the network fails in every way a ward's network does."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route
from werkzeug.serving import make_server

from exams.invigilation.acts import pause, release_device, resume
from exams.invigilation.expelling import expel
from exams.sittings.models import AnswerStep, Attempt
from exams.sittings.queries import folded
from exams.sittings.rules import is_answered
from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.factories.exams import examiner, ready
from tests.factories.sittings import begin_sittings
from tests.forms import post
from tests.journeys.conftest import PATIENCE

pytestmark = pytest.mark.journey
DESK = "#room-desk:not([hidden])"
SAVED = "#room-saved[data-state=saved]"


@pytest.fixture
def server(site) -> Iterator[str]:
    """This test's app on a port of its own."""
    made = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()


@pytest.fixture
def sitting(site, cast, sign_in, server, browser: Browser) -> Iterator[tuple[BrowserContext, int]]:
    """王桂兰's phone, signed in, with a sitting begun."""
    entry_id = ready(site.app, cast)
    client = sign_in(cast.wang)
    begun = post(client, f"/exams/{entry_id}/start", page="/exams")
    attempt = int(begun.location.rsplit("/", 1)[1])
    context = browser.new_context(
        base_url=server, viewport={"width": 390, "height": 844}, locale="zh-CN"
    )
    for cookie in client._cookies.values():
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server}])
    context.set_default_timeout(PATIENCE)
    yield context, attempt
    context.close()


def enter(context: BrowserContext, attempt: int) -> Page:
    page = context.new_page()
    page.goto(f"/exams/room/{attempt}")
    page.wait_for_selector(DESK)
    return page


def choose(page: Page, place: int) -> None:
    page.locator("#room-options label").nth(place).click()


def state(page: Page) -> str | None:
    return page.locator("#room-saved").get_attribute("data-state")


def held(site, attempt: int) -> dict:
    with site.app.app_context():
        return {p: a for p, a in folded(attempt).items() if is_answered(a)}


def lose_the_answer(route: Route) -> None:
    """The server gets the request; the phone never hears back."""
    with suppress(Error):  # the page may be gone by now, which loses the answer as well
        route.fetch()
        route.abort()


@pytest.mark.parametrize("seed", [1])
def test_nothing_is_lost_however_the_network_fails(site, sitting, seed):
    context, attempt = sitting
    rng = random.Random(seed)
    page = enter(context, attempt)
    typed: dict[int, dict] = {}
    for position in range(1, 16):
        trouble = rng.choice(["none", "offline", "lost", "online", "reload"])
        if trouble == "offline":
            context.set_offline(True)
        elif trouble == "lost":
            page.route("**/answers", lose_the_answer)
        elif trouble == "online":
            page.unroute_all(behavior="ignoreErrors")
            context.set_offline(False)
        elif trouble == "reload":
            page.unroute_all(behavior="ignoreErrors")
            context.set_offline(False)
            page.reload()
            page.wait_for_selector(DESK)
        place = rng.randrange(4)
        choose(page, place)
        typed[position] = {"picked": [place]}
        page.wait_for_timeout(rng.randrange(20, 300))
        if state(page) == "saved":
            assert held(site, attempt) == typed
        page.click("#room-next")
    page.unroute_all(behavior="ignoreErrors")
    context.set_offline(True)
    page.click("#room-map-open")
    page.click("#room-hand-in")
    page.click("#room-confirm-yes")
    page.wait_for_timeout(200)
    context.set_offline(False)
    page.wait_for_url("**/done")
    assert held(site, attempt) == typed
    assert "答了 15 题" in page.locator("main").inner_text()
    left = page.evaluate(
        """() => new Promise((done) => {
          const open = indexedDB.open("exam-room");
          open.onsuccess = () => {
            const all = open.result.transaction("steps").objectStore("steps").getAll();
            all.onsuccess = () => done(all.result.length);
          };
        })"""
    )
    assert left == 0


def test_typed_before_the_end_and_sent_after_it_counts_as_late(site, sitting):
    context, attempt = sitting
    with site.app.app_context(), unit_of_work():
        session().get_one(Attempt, attempt).deadline = clock.now() + timedelta(seconds=9)
    page = enter(context, attempt)
    choose(page, 0)
    page.wait_for_selector(SAVED)
    context.set_offline(True)
    page.click("#room-next")
    choose(page, 1)
    page.wait_for_selector("#room-screen:not([hidden])")
    assert "时间到" in page.locator("#room-screen").inner_text()
    context.set_offline(False)
    page.wait_for_url("**/done")
    assert held(site, attempt) == {1: {"picked": [0]}, 2: {"picked": [1]}}
    with site.app.app_context():
        rows = session().query(AnswerStep).filter_by(attempt_id=attempt).order_by(AnswerStep.seq)
        assert [row.late for row in rows] == [False, True]


def test_a_second_tab_takes_over_and_the_first_says_so(site, sitting):
    context, attempt = sitting
    first = enter(context, attempt)
    choose(first, 0)
    first.wait_for_selector(SAVED)
    second = enter(context, attempt)
    choose(second, 2)
    second.wait_for_selector(SAVED)
    first.bring_to_front()
    choose(first, 3)
    first.wait_for_selector("#room-screen:not([hidden])")
    assert "不能作答" in first.locator("#room-screen").inner_text()
    assert held(site, attempt) == {1: {"picked": [2]}}
    first.click("#take-over")
    first.wait_for_selector(DESK)
    # The other tab answered this question after it was typed here, so its answer stands.
    assert "以另一台设备上的答案为准" in first.locator("#room-note").inner_text()
    assert held(site, attempt) == {1: {"picked": [2]}}


@pytest.fixture
def watched(site, cast, sign_in, server, browser: Browser) -> Iterator[tuple[BrowserContext, int]]:
    """A sitting of an exam that hands in at the sixth leaving."""
    (attempt,) = begin_sittings(site.app, cast, switch_mode="hand_in")
    context = browser.new_context(
        base_url=server, viewport={"width": 390, "height": 844}, locale="zh-CN"
    )
    for cookie in sign_in(cast.wang)._cookies.values():
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server}])
    context.set_default_timeout(PATIENCE)
    yield context, attempt
    context.close()


def look_away(page: Page) -> None:
    """The page is hidden and seen again."""
    page.evaluate(
        """() => { for (const hidden of [true, false]) {
          Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        } }"""
    )


def invigilate(site, cast, act, attempt: int, *more: str) -> None:
    """Do something to a sitting as 周文静."""
    with site.app.app_context(), unit_of_work():
        entry = session().get_one(Attempt, attempt).entry
        act(entry, *more, examiner(cast), clock.now())


def screen(page: Page, name: str) -> str:
    page.wait_for_selector(f"#room-screen[data-name={name}]:not([hidden])")
    return page.locator("#room-screen").inner_text()


def test_leaving_is_counted_aloud_and_the_sixth_hands_in_with_what_is_on_the_phone(site, watched):
    context, attempt = watched
    page = enter(context, attempt)
    for n in range(1, 6):
        look_away(page)
        page.get_by_text(f"第 {n} 次离开，最多 5 次").wait_for()
    page.route("**/answers", lambda route: route.abort())
    choose(page, 1)
    page.wait_for_selector("#room-saved[data-state=local]")
    look_away(page)
    page.wait_for_url("**/done")
    assert held(site, attempt) == {1: {"picked": [1]}}


def test_a_paused_room_waits_and_goes_on_where_it_was(site, cast, watched):
    context, attempt = watched
    page = enter(context, attempt)
    invigilate(site, cast, pause, attempt, "停电")
    choose(page, 2)
    assert "暂停" in screen(page, "paused")
    assert held(site, attempt) == {}
    invigilate(site, cast, resume, attempt)
    look_away(page)
    page.wait_for_selector(DESK)
    page.wait_for_selector(SAVED)
    assert held(site, attempt) == {1: {"picked": [2]}}


def test_a_sitting_moved_away_by_the_invigilator_cannot_be_taken_back(site, cast, watched):
    context, attempt = watched
    page = enter(context, attempt)
    invigilate(site, cast, release_device, attempt, "手机坏了")
    choose(page, 2)
    screen(page, "lostUnsent")
    page.click("#take-over")
    assert "另一台设备" in screen(page, "moved")
    assert page.locator("#take-over").is_hidden()
    other = enter(context, attempt)
    choose(other, 0)
    other.wait_for_selector(SAVED)
    assert held(site, attempt) == {1: {"picked": [0]}}


def test_an_expelled_candidate_is_told_why(site, cast, watched):
    context, attempt = watched
    page = enter(context, attempt)
    invigilate(site, cast, expel, attempt, "夹带纸条")
    choose(page, 2)
    page.wait_for_url("**/done")
    assert "夹带纸条" in page.locator("main").inner_text()
