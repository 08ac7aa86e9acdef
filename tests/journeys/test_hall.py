"""A hall with a screen, two phones, and no signal at one of them.

王桂兰 checks in with a signal and leaves early; 张秀兰's phone has none, keeps her scan and
brings it later, with a clock that is three hours wrong. The teacher looks into it, closes the
session and corrects a going out that was none: the flag clears at the county and on her own page.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect
from sqlalchemy import select

from courses.classroom import codes
from courses.classroom.models import AttendanceFact
from courses.classroom.operations import sessions
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.config import Settings
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import NewPerson, employ, register_person
from lms.people.models import Account
from tests.cast import START, THEN, Cast, citizen_id
from tests.factories.central import NINE, book, open_session
from tests.factories.signing_in import sign_in_as
from tests.faults.ground import Clock
from tests.journeys.conftest import PATIENCE, pause
from tests.journeys.served import served
from tests.journeys.test_bars import axe
from tests.journeys.test_offline_lesson import installed
from tests.site import Site

pytestmark = pytest.mark.journey
NAME = "张秀兰"
MINUTE = timedelta(minutes=1)
SCANS = 40  # looks at the screen before somebody gives up


class Hall:
    """The served house, its clock, and the windows opened in it."""

    def __init__(self, site: Site, url: str, shifted: Clock, browser: Browser) -> None:
        self.site, self.url, self.shifted, self.browser = site, url, shifted, browser
        self.moment = NINE

    def at(self, moment: datetime) -> None:
        """Let it be that moment in the house."""
        self.moment = moment
        self.shifted.jump(int((moment - clock.now()).total_seconds()))

    def now(self) -> datetime:
        """The moment in the house now."""
        return clock.now() + timedelta(seconds=int(self.shifted.file.read_text()))

    def become(self, context: BrowserContext, person_id: int) -> None:
        """Let somebody else be signed in on a phone."""
        with time_machine.travel(self.moment, tick=False):
            client = sign_in_as(self.site.app, person_id)
        for cookie in client._cookies.values():
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.url}])

    def window(self, person_id: int, **look: object) -> BrowserContext:
        """A browser in which somebody is signed in."""
        context = self.browser.new_context(
            base_url=self.url, locale="zh-CN", timezone_id="Asia/Shanghai", **look
        )
        self.become(context, person_id)
        context.set_default_timeout(PATIENCE)
        return context


@pytest.fixture
def hall(site: Site, settings: Settings, browser: Browser, tmp_path: Path) -> Iterator[Hall]:
    shifted = Clock(tmp_path)
    with served(site, settings, shifted.environment) as url:
        made = Hall(site, url, shifted, browser)
        yield made
        for context in list(browser.contexts):
            context.close()


def second_caregiver(cast: Cast) -> int:
    with unit_of_work():
        person = register_person(NewPerson(NAME, citizen_id(77), "13800000777"), SYSTEM, THEN)
        employ(person.id, cast.kangning, "caregiver", START, SYSTEM, THEN)
        account = session().get_one(Account, person.account.id if person.account else 0)
        account.status = "active"
    return person.id


def look_at(screen: Page) -> str:
    """The address in the QR code, as a camera reads it from the screen."""
    for _ in range(600):
        seen = Image.open(io.BytesIO(screen.screenshot())).convert("L")
        for found in zxingcpp.read_barcodes(seen):
            return str(found.text)
        pause()
    raise AssertionError("no code on the screen")


def scan(screen: Page, phone: Page, button: str) -> None:
    """Scan and press; a code that changed meanwhile is scanned again, as people do."""
    pressed = phone.get_by_role("button", name=button)
    for _ in range(SCANS):
        phone.goto(look_at(screen))
        if "/check-in/" in phone.url and "/learn/" not in phone.url:
            pressed.click()
            return
    raise AssertionError("the code was never fresh")


def test_a_hall_with_two_phones(
    hall: Hall, site: Site, cast: Cast, playwright: Playwright, tmp_path: Path
) -> None:
    pixel = playwright.devices["Pixel 7"]
    with site.app.app_context():
        zhang = second_caregiver(cast)
        row = open_session(cast)
        book(row, [cast.wang, zhang], cast, NINE - timedelta(days=3))
        place, ends = f"/sessions/{row.id}", row.ends_at

    hall.at(NINE - 30 * MINUTE)
    teacher = hall.window(cast.chen, viewport={"width": 1280, "height": 800})
    screen, desk = teacher.new_page(), teacher.new_page()
    screen.goto(f"{place}/screen")
    kept = hall.window(zhang, **pixel)
    kept.clock.set_fixed_time(NINE - timedelta(hours=3))
    hers = kept.new_page()
    prepare(hers)
    kept.set_offline(True)

    hall.at(NINE - 10 * MINUTE)
    online = hall.window(cast.wang, **pixel)
    mine = online.new_page()
    screen.reload()
    scan(screen, mine, "签到")
    expect(mine.get_by_text("签到成功，请安心上课。")).to_be_visible()
    check_in_without_signal(screen, hers)
    desk.goto(place)
    expect(line(desk, "王桂兰")).to_contain_text("在场")
    expect(line(desk, NAME)).to_contain_text("未到")

    hall.at(NINE + 120 * MINUTE)
    screen.reload()
    scan(screen, mine, "提前离开，签退")
    expect(mine.get_by_text("已签退。")).to_be_visible()
    kept.set_offline(False)
    expect(hers.locator(".hall-kept[data-state=counted]")).to_contain_text("已送到")
    desk.reload()
    expect(line(desk, NAME)).to_contain_text("在场")
    expect(line(desk, NAME)).to_contain_text("08:5")
    look_into(desk, NAME)

    hall.at(ends + MINUTE)
    desk.goto(f"{place}/close")
    desk.get_by_role("button", name="结束并结算").click()
    expect(desk.get_by_text("已结算：1 人计入学时，共 2 人。")).to_be_visible()
    county = hall.window(cast.county, viewport={"width": 1280, "height": 800}).new_page()
    expect(flag(county, NAME)).to_contain_text("已完成")
    expect(flag(county, "王桂兰")).not_to_contain_text("已完成")
    own = duty(mine)
    expect(own).not_to_contain_text("已完成")

    correct(desk, place, "王桂兰")
    expect(flag(county, "王桂兰")).to_contain_text("已完成")
    expect(duty(mine)).to_contain_text("已完成")
    county.goto(f"{place}/check-ins")
    expect(county.locator("main")).to_contain_text("手机时间没有校准，本人在场")


def prepare(page: Page) -> None:
    """Keep the check-in on the phone while there is a signal."""
    page.goto("/learn/central")
    installed(page)
    page.get_by_role("button", name="把签到留在手机上").click()
    expect(page.get_by_text("这部手机已准备好：没有信号也能签到。")).to_be_visible()


def check_in_without_signal(screen: Page, phone: Page) -> None:
    """The phone's own camera opens the code's address; the kept page answers there."""
    phone.goto(look_at(screen))
    expect(phone.get_by_role("heading", name="失智老人照护")).to_be_visible()
    expect(phone.locator("#hall-name")).to_have_text(NAME)
    phone.get_by_role("button", name="签到", exact=True).click()
    expect(phone.locator(".hall-kept")).to_contain_text("留在这部手机上，还没有送到")
    phone.reload()
    expect(phone.locator(".hall-kept")).to_contain_text("留在这部手机上，还没有送到")


def line(page: Page, name: str):
    return page.get_by_role("row", name=re.compile(name))


def look_into(desk: Page, name: str) -> None:
    """The teacher looks into the doubtful check-in and accepts it with a reason."""
    line(desk, name).get_by_role("link", name="待核实").click()
    card = desk.locator("article", has_text=name)
    expect(card).to_contain_text("手机时间是")
    expect(card).to_contain_text("相差 17")
    card.get_by_label("核实的情况").fill("手机时间没有校准，本人在场")
    card.get_by_role("button", name="采用").click()
    expect(desk.get_by_text("已采用这条签到。")).to_be_visible()
    expect(desk.locator("article", has_text=name)).to_contain_text("已采用")


def flag(county: Page, name: str):
    county.goto("/flags?state=all")
    return line(county, name)


def duty(phone: Page):
    phone.goto("/learn/duty")
    return phone.locator("main")


def correct(desk: Page, place: str, name: str) -> None:
    """She had only stepped out: the going out is taken back, with the reason."""
    desk.goto(place)
    row = line(desk, name)
    row.locator("summary").click()
    row.get_by_label(re.compile("的签退，写明原因")).fill("误按签退，其实一直在场，邻座作证")
    row.locator("form", has=desk.get_by_label(re.compile("的签退，写明原因"))).get_by_role(
        "button", name="撤回这条"
    ).click()
    expect(desk.get_by_text("已更正，原记录仍然保留。")).to_be_visible()


def test_a_shared_phone_mixes_nobody_up(
    hall: Hall, site: Site, cast: Cast, playwright: Playwright
) -> None:
    """Digits typed without a signal wait until their own person is back on the phone."""
    with site.app.app_context():
        zhang = second_caregiver(cast)
        row = open_session(cast)
        book(row, [cast.wang, zhang], cast, NINE - timedelta(days=3))
    hall.at(NINE - 10 * MINUTE)
    phone = hall.window(zhang, **playwright.devices["Pixel 7"])
    page = phone.new_page()
    prepare(page)
    page.goto("/learn/check-in")
    page.get_by_label("大屏幕上的 6 位签到码").fill("123456")
    phone.set_offline(True)  # the signal goes as she presses
    page.get_by_role("button", name="签到", exact=True).click()
    page.get_by_label("大屏幕上的全部 10 位数字").fill("123 456")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("请输入大屏幕上的全部 10 位数字。")).to_be_visible()
    with site.app.app_context():
        digits = codes.full_code(sessions.secret_of(row), codes.step_of(hall.now(), 15))
    page.get_by_label("大屏幕上的全部 10 位数字").fill(f"{digits[:6]} {digits[6:]}")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", name="失智老人照护")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="签到", exact=True).click()
    expect(page.locator(".hall-kept")).to_contain_text("还没有送到")
    assert axe(page) == []
    assert page.evaluate(TAKE_THE_KEY) == "not extractable"

    hall.become(phone, cast.wang)
    phone.set_offline(False)
    page.goto("/check-in/offline")
    expect(page.locator(".hall-kept")).to_contain_text("请由本人登录后送出")
    page.goto("/me")
    page.get_by_role("button", name="退出登录").first.click()
    page.wait_for_url("**/sign-in*")
    page.goto("/check-in/offline")
    expect(page.get_by_text("这部手机还没有为签到准备好")).to_be_visible()
    expect(page.locator("#hall-sign-in")).to_be_visible()

    hall.become(phone, zhang)
    page.goto("/learn")
    page.goto("/check-in/offline")
    expect(page.locator(".hall-kept")).to_contain_text("已送到")
    with site.app.app_context():
        counted = session().execute(select(AttendanceFact.person_id, AttendanceFact.method)).all()
    assert [tuple(fact) for fact in counted] == [(zhang, "code")]


TAKE_THE_KEY = """() => hallKept.me().then((own) => crypto.subtle.exportKey("jwk", own.key))
  .then(() => "taken", () => "not extractable")"""
