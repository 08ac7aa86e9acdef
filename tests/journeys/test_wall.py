"""Two phones and a wall: what happens on the phones stands on the wall, and the other way round."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, expect
from werkzeug.serving import make_server

from tests.factories.exams import open_room
from tests.factories.halls import two_rooms
from tests.journeys.conftest import PATIENCE

pytestmark = pytest.mark.journey
DESK = "#room-desk:not([hidden])"


@pytest.fixture
def server(site) -> Iterator[str]:
    """This test's app on a port of its own."""
    made = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()


def window(browser: Browser, server: str, client: FlaskClient, width: int) -> BrowserContext:
    """A browser in which the person of a test client is signed in."""
    context = browser.new_context(
        base_url=server, viewport={"width": width, "height": 844}, locale="zh-CN"
    )
    for cookie in client._cookies.values():
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server}])
    context.set_default_timeout(PATIENCE)
    return context


def test_two_phones_and_a_wall(site, cast, sign_in, server, browser):
    wang, zhao, *_rooms = two_rooms(site.app, cast)
    clients = [sign_in(cast.wang), sign_in(cast.zhao)]
    attempts = [
        open_room(client, entry).attempt
        for client, entry in zip(clients, (wang, zhao), strict=True)
    ]
    tablet = window(browser, server, sign_in(cast.zhou), 1024)
    wall = tablet.new_page()
    wall.goto("/events/1/wall")
    phones = []
    for client, attempt in zip(clients, attempts, strict=True):
        page = window(browser, server, client, 390).new_page()
        page.goto(f"/exams/room/{attempt}")
        page.locator("#take-over").click()
        page.wait_for_selector(DESK)
        phones.append(page)
    first = phones[0]
    first.locator("#room-options label").first.click()
    first.wait_for_selector("#room-saved[data-state=saved]")
    mine = wall.locator(".wall-tile", has_text="王桂兰")
    expect(mine).to_contain_text("1 / 100")
    expect(mine).to_contain_text("换设备 1 次")

    mine.locator("a").click()
    wall.get_by_role("link", name="暂停计时").click()
    expect(wall.locator(".confirm-box")).to_contain_text("王桂兰 的计时会停住")
    wall.locator("#reason").fill("桌子坏了，换座位")
    wall.get_by_role("button", name="暂停计时").click()
    expect(wall.locator("main")).to_contain_text("暂停计时：桌子坏了，换座位")
    first.locator("#room-options label").nth(1).click()
    expect(first.locator("#room-screen")).to_contain_text("暂停")
    stem = first.locator("#room-stem").text_content()
    first.reload()
    expect(first.locator("#room-screen")).to_contain_text("暂停")
    assert stem not in first.content()

    wall.get_by_role("link", name="恢复计时").click()
    wall.get_by_role("button", name="恢复计时").click()
    first.wait_for_selector(DESK)
    first.wait_for_selector("#room-saved[data-state=saved]")
    wall.goto("/events/1/wall")
    expect(wall.locator(".wall-tile", has_text="王桂兰")).to_contain_text("正在作答")
    for context in [tablet, *(page.context for page in phones)]:
        context.close()
