"""Fifty sittings while the network is cut at random moments: nothing acknowledged is lost, nothing
typed in time is lost, and no screen says more than the server holds."""

from __future__ import annotations

import asyncio
import random
import shutil
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright
from sqlalchemy import select, update

from exams.sittings.models import AnswerStep, Attempt
from lms.core.db import session
from lms.core.signing import canonical
from lms.core.uow import unit_of_work
from tests.factories.sittings import begin_sittings
from tests.journeys.conftest import CHROMIUM, FLAGS, PATIENCE, ROOT
from tests.journeys.cutting import Journal, Network
from tests.journeys.served import served

pytestmark = pytest.mark.journey
SITTINGS = 50
AT_ONCE = 12
DESK = "#room-desk:not([hidden])"


class Sitting:
    """One candidate with one phone, and how her sitting goes."""

    def __init__(self, site: Any, context: BrowserContext, attempt: int) -> None:
        self.site, self.context = site, context
        self.rng = random.Random(attempt)
        self.journal = Journal(attempt)
        self.network = Network(self.journal, self.rng)
        self.defect: tuple[str, str] | None = None
        self.page: Page

    async def run(self, plan: str) -> Journal:
        try:
            await self._open()
            weather = asyncio.create_task(self._weather())
            await getattr(self, f"_{plan}")(weather)
            weather.cancel()
            await self.page.wait_for_url("**/done")
            self.journal.shown = await self.page.locator("main").inner_text()
        except Error as error:
            self.journal.faults.append(f"{plan}: {error.message[:300]}; at {self.page.url}")
        finally:
            for page in self.context.pages:
                await page.close()
        return self.journal

    def _set_deadline(self, seconds: float) -> float:
        """Let the server's deadline be so near; returns it by this loop's clock."""
        moment = datetime.now(UTC) + timedelta(seconds=seconds)
        with self.site.app.app_context(), unit_of_work():
            change = update(Attempt).where(Attempt.id == self.journal.attempt)
            session().execute(change.values(deadline=moment))
        return asyncio.get_running_loop().time() + seconds

    async def _plant(self, right: str, wrong: str) -> None:
        """Serve the room's script with a defect in it."""
        script = (ROOT / "lms/static/js/exam-room/sync.js").read_text()
        assert right in script, "the defect no longer fits the script"
        body = script.replace(right, wrong)
        await self.page.route(
            "**/exam-room/sync.js",
            lambda route: route.fulfill(content_type="text/javascript", body=body),
        )

    async def _open(self) -> None:
        self.page = await self.context.new_page()
        await self.network.watch(self.page)
        if self.defect:
            await self._plant(*self.defect)
        await self.page.goto(f"/exams/room/{self.journal.attempt}")
        await self.page.wait_for_selector(DESK)

    async def _weather(self) -> None:
        """Cut the network and bring it back, at random moments."""
        while True:
            await asyncio.sleep(self.rng.uniform(0.05, 0.7))
            self.network.mode = self.rng.choice(["down", "flaky", "flaky", "lost", "up"])
            if self.network.mode != "down":
                await self._tell_online()

    async def _tell_online(self) -> None:
        with suppress(Error):
            await self.page.evaluate("dispatchEvent(new Event('online'))")

    async def _back(self) -> None:
        """The network is there again, for good; a phone says so to its pages."""
        self.network.mode = "up"
        await self._tell_online()

    async def _answers(self, number: int) -> None:
        for _n in range(number):
            chance, go_on = self.rng.random(), self.rng.random() < 0.85
            await self.page.evaluate(f"act({chance}, {str(go_on).lower()})")
            await asyncio.sleep(self.rng.uniform(0.02, 0.3))

    async def _press_hand_in(self) -> None:
        await self.page.evaluate("handIn()")

    async def _plain(self, weather: asyncio.Task[None]) -> None:
        """Handed in while the network comes and goes."""
        await self._answers(7)
        await self._press_hand_in()
        await asyncio.sleep(self.rng.uniform(0.1, 0.6))
        weather.cancel()
        await self._back()

    async def _honest(self, weather: asyncio.Task[None]) -> None:
        """No trouble at all."""
        weather.cancel()
        await self._back()
        await self._answers(6)
        await self._press_hand_in()

    async def _lied_to(self, weather: asyncio.Task[None]) -> None:
        """Something on the way acknowledges what the server never got."""
        self.network.lies = True
        await self._honest(weather)

    async def _cut_hand_in(self, weather: asyncio.Task[None]) -> None:
        """The network goes with the press on the last button, or the receipt is lost on its way."""
        await self._answers(6)
        weather.cancel()
        self.network.mode = self.rng.choice(["down", "lost"])
        await self._press_hand_in()
        await asyncio.sleep(self.rng.uniform(0.2, 0.8))
        await self._back()

    async def _deadline(self, weather: asyncio.Task[None]) -> None:
        """Cut in the last five seconds, typing to the end, back within the grace time."""
        now = asyncio.get_running_loop().time
        weather.cancel()
        await self._back()
        end = self._set_deadline(seconds=8)
        await self._answers(1)
        await self.page.wait_for_selector("#room-saved[data-state=saved]", state="attached")
        while now() < end - self.rng.uniform(1, 5):
            await self._answers(1)
        self.network.mode = self.rng.choice(["down", "lost", "flaky"])
        with suppress(Error):  # the page may be left under her hands
            while now() < end + 0.5:
                await self._answers(1)
        await asyncio.sleep(self.rng.uniform(0, 1))
        await self._back()

    async def _crash(self, weather: asyncio.Task[None]) -> None:
        """The tab is killed in the middle of it; she opens the room again and goes on."""
        await self._answers(4)
        weather.cancel()
        await self.page.close()
        self.network.mode = "up"
        await self._open()
        await self._answers(3)
        await self._press_hand_in()

    async def _other_tab(self, weather: asyncio.Task[None]) -> None:
        """A second tab takes over, the first one is refused; all is handed in from the second."""
        await self._answers(3)
        weather.cancel()
        await self._back()
        first = self.page
        await self._open()
        await self._answers(3)
        await first.evaluate("dispatchEvent(new Event('online'))")
        await self._press_hand_in()


PLANS = ("plain", "cut_hand_in", "deadline", "crash", "other_tab")


def faults(site: Any, journal: Journal) -> list[str]:
    """What went wrong in a sitting: the journal against the database."""
    found = list(journal.faults)
    with site.app.app_context():
        attempt = session().get_one(Attempt, journal.attempt)
        rows = session().scalars(
            select(AnswerStep).where(AnswerStep.attempt_id == attempt.id).order_by(AnswerStep.seq)
        )
        stored = {row.op: row for row in rows}
    held = {row.position: row.answer for row in stored.values()}
    for op, (position, _seq, chosen) in journal.acked.items():
        row = stored.get(op)
        if row is None or (row.position, row.answer) != (position, chosen):
            found.append(f"acknowledged and lost: question {position}, {chosen}")
    for position, answers in journal.typed.items():
        if answers and held.get(position) != answers[-1]:
            found.append(f"typed and lost: question {position}: {answers[-1]}")
    said = {str(p): a for p, a in held.items() if any(v not in ([], "") for v in a.values())}
    text = canonical({"answers": said, "attempt": attempt.id})
    if attempt.receipt is None or attempt.answers_digest != sha256(text).hexdigest():
        found.append("no receipt, or one for other answers")
    if (attempt.receipt or "-") not in journal.shown:
        found.append("the page does not show the receipt")
    return [f"sitting {journal.attempt}: {fault}" for fault in found]


Work = Callable[[Browser], Awaitable[list[Journal]]]


def in_chromium(work: Work) -> list[Journal]:
    """Run in a thread of its own: this one may have a loop of Playwright's."""
    result: list[Journal] = []
    trouble: list[BaseException] = []

    async def main() -> None:
        found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=found, args=FLAGS)
            result.extend(await work(browser))
            await browser.close()

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            trouble.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if trouble:
        raise trouble[0]
    return result


async def phone(browser: Browser, url: str, cookies: Any) -> BrowserContext:
    """A cheap phone on which she is signed in."""
    context = await browser.new_context(
        base_url=url, service_workers="block", viewport={"width": 360, "height": 640},
        locale="zh-CN", reduced_motion="reduce",
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    await context.add_cookies(cookies)
    return context


@pytest.fixture
def hall(site, cast, sign_in, settings):
    """A served site, 王桂兰's cookies and a way to begin sittings."""
    client = sign_in(cast.wang)
    with served(site, settings) as url:
        cookies = [{"name": c.key, "value": c.value, "url": url} for c in client._cookies.values()]
        yield site, url, cookies, lambda n, **more: begin_sittings(site.app, cast, n, **more)


def test_fifty_sittings_lose_nothing_however_the_network_is_cut(hall):
    site, url, cookies, begin = hall
    attempts = begin(SITTINGS)

    async def all_of_them(browser: Browser) -> list[Journal]:
        waiting = [(attempt, PLANS[n % len(PLANS)]) for n, attempt in enumerate(attempts)]
        journals = []

        async def one_phone() -> None:
            context = await phone(browser, url, cookies)
            while waiting:
                attempt, plan = waiting.pop()
                journals.append(await Sitting(site, context, attempt).run(plan))

        await asyncio.gather(*(one_phone() for _n in range(AT_ONCE)))
        return journals

    journals = in_chromium(all_of_them)
    found = [fault for journal in journals for fault in faults(site, journal)]
    assert not found, "\n".join(found)
    assert len(journals) == SITTINGS
    # A busy machine may show "saved" less often; half as often still proves that it is looked at.
    assert sum(journal.said for journal in journals) >= SITTINGS // 2, "it hardly ever said saved"
    assert sum(len(journal.acked) for journal in journals) >= SITTINGS * 5


TOO_EARLY = ('if (!this.pending.length) return this.seq ? "saved" : "ready";', 'return "saved";')
FORGETS = ("this.pending.push(step = this.#step", "(step = this.#step")


#: name → how the sitting goes, what is wrong with the client, and what the checker has to say.
DEFECTS: dict[str, tuple[str, tuple[str, str] | None, str]] = {
    "none": ("honest", None, ""),
    "says saved too early": ("honest", TOO_EARLY, "said saved"),
    "forgets a step": ("honest", FORGETS, "typed and lost"),
    "the server drops what it acknowledged": ("lied_to", None, "acknowledged and lost"),
}


def test_the_checker_catches_planted_defects(hall):
    site, url, cookies, begin = hall
    attempts = begin(len(DEFECTS))

    async def one_each(browser: Browser) -> list[Journal]:
        journals = []
        for attempt, (plan, defect, _complaint) in zip(attempts, DEFECTS.values(), strict=True):
            sitting = Sitting(site, await phone(browser, url, cookies), attempt)
            sitting.defect = defect
            journals.append(await sitting.run(plan))
        return journals

    journals = in_chromium(one_each)
    for journal, (name, (_plan, _defect, complaint)) in zip(journals, DEFECTS.items(), strict=True):
        found = faults(site, journal)
        caught = any(complaint in fault for fault in found) if complaint else not found
        assert caught, (name, found)
