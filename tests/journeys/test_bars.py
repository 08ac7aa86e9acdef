"""Every page is held to the bars: accessible, no wider than the phone, quiet, and at home."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.journeys.conftest import Live
from tests.journeys.tour import CERTIFICATE, LESSON, TOUR, addresses, choose, opened

pytestmark = pytest.mark.journey

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = """tags => axe.run(document, {runOnly: tags, resultTypes: ["violations"]}).then(found =>
  found.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target} ${n.failureSummary}`)))"""
WIDER = """() => document.documentElement.scrollWidth > 360
  ? [...document.querySelectorAll("main *, header *")]
    .filter(e => e.getBoundingClientRect().right > 361).slice(0, 5)
    .map(e => e.outerHTML.slice(0, 120)) : []"""
LEARNER_BYTES, STAFF_BYTES = 60 * 1024, 150 * 1024
NOT_FOUND = "/no-such-page"


class Listener:
    """Collects what a page should not do: complain, or ask another host for anything."""

    def __init__(self, page: Page, live: Live) -> None:
        self.faults: list[str] = []
        self._host = urlsplit(live.url).netloc
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and NOT_FOUND not in message.location["url"]:
            self.faults.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme.startswith(("http", "ws")) and address.netloc != self._host:
            self.faults.append(f"foreign: {request.url}")


def axe(page: Page) -> list[str]:
    """What axe-core finds wrong at WCAG 2.2 AA."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [f"axe {fault}" for fault in page.evaluate(AXE, AXE_TAGS)]


def too_wide(page: Page) -> list[str]:
    """What sticks out of a window 360 px wide."""
    page.set_viewport_size({"width": 360, "height": 760})
    return [f"wide {html}" for html in page.evaluate(WIDER)]


def on_a_phone(page: Page) -> list[str]:
    return too_wide(page) + axe(page)


def in_the_dark(page: Page) -> list[str]:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1280, "height": 800})
    found = axe(page)
    page.emulate_media(color_scheme="light")
    return found


def elder_on_a_phone(page: Page) -> list[str]:
    assert page.locator("html[data-elder]").count(), "elder mode is off"
    return on_a_phone(page)


def english_on_a_laptop(page: Page) -> list[str]:
    assert page.locator("html[lang=en]").count(), "the page is not in English"
    page.set_viewport_size({"width": 1280, "height": 800})
    return axe(page) + too_wide(page)


def walk(
    page: Page, paths: list[str], looks: dict[str, Callable[[Page], list[str]]], listener: Listener
) -> list[str]:
    """Open every page and look at it in each of the ways; the faults by page and way."""
    faults: list[str] = []
    for path in paths:
        answer = page.goto(path)
        status = answer.status if answer else 0
        if status != (404 if path == NOT_FOUND else 200):
            faults.append(f"{path}: status {status}")
            continue
        for name, look in looks.items():
            faults += [f"{path} ({name}): {fault}" for fault in look(page)]
        faults += [f"{path}: {fault}" for fault in listener.faults]
        listener.faults.clear()
    return faults


@pytest.mark.parametrize("role", TOUR)
def test_every_page_keeps_the_bars_in_every_mode(browser: Browser, live: Live, role: str) -> None:
    with opened(browser, live, role) as page:
        paths = addresses(page, live, TOUR[role])
        listener = Listener(page, live)
        faults = walk(page, paths, {"phone": on_a_phone, "dark": in_the_dark}, listener)
        choose(page.context, page, "elder")
        faults += walk(page, paths, {"elder": elder_on_a_phone}, listener)
        choose(page.context, page, "elder")
        choose(page.context, page, "language", lang="en")
        faults += walk(page, paths, {"English": english_on_a_laptop}, listener)
        choose(page.context, page, "language", lang="zh")
    assert not faults, "\n".join(faults)


def weight(page: Page, path: str) -> int:
    """Bytes that travel when ``path`` is opened with an empty cache."""
    sizes: list[int] = []
    tap = page.context.new_cdp_session(page)
    tap.send("Network.enable")
    tap.send("Network.clearBrowserCache")
    tap.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    page.goto(path, wait_until="networkidle")
    tap.detach()
    return int(sum(sizes))


@pytest.mark.parametrize(
    ("role", "places", "limit"),
    [
        ("visitor", ["/", "/sign-in", "/v/{certificate_code}"], LEARNER_BYTES),
        ("caregiver", ["/", "/learn", LESSON, "/exams", "/certificates", "/me"], LEARNER_BYTES),
        ("hr", ["/", "/staff", "/roster", "/flags"], STAFF_BYTES),
        ("county", ["/", "/flags", "/register", CERTIFICATE], STAFF_BYTES),
    ],
)
def test_the_first_load_of_a_page_is_light(
    browser: Browser, live: Live, role: str, places: list[str], limit: int
) -> None:
    with opened(browser, live, role) as page:
        weights = {path: weight(page, path) for path in addresses(page, live, places)}
    heavy = {path: size for path, size in weights.items() if not 0 < size <= limit}
    assert not heavy, weights
