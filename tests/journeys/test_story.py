"""The whole story of one person, as the README's tour tells it, on a phone and two laptops.

A roster arrives in Excel; 贾春梅 activates her account, does her onboarding, sits the exam and
gets a certificate; an employer scans its QR; the county sees who has missed the central training.
"""

from __future__ import annotations

import csv
import io
import re
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
import zxingcpp
from openpyxl import Workbook
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect
from pyzbar import pyzbar

from lms.core import rules
from lms.core.access import SYSTEM
from lms.core.config import load_settings
from lms.core.uow import unit_of_work
from tests.cast import citizen_id
from tests.journeys.conftest import ROOT, Live, sign_in
from tests.site import Site

pytestmark = pytest.mark.journey

PASSWORD = "红烧茄子味道好2026"
JOINED = date(date.today().year - 1, 2, 3)  # noqa: DTZ011 - the server's clock is the machine's
HEADINGS = (
    "姓名",
    "证件号码",
    "手机号",
    "用人单位代码",
    "岗位",
    "入职日期",
    "离职日期",
    "技能等级",
)


@dataclass(frozen=True)
class Newcomer:
    """A colleague the roster does not know yet."""

    name: str
    phone: str
    number: str


# One for each time the story may be walked: the first walk leaves its newcomer on the roster.
NEWCOMERS = (
    Newcomer("贾春梅", "19912345678", citizen_id(613, "19760412")),
    Newcomer("贾秋菊", "19912345679", citizen_id(614, "19771013")),
)


@pytest.fixture
def her(request: pytest.FixtureRequest) -> Newcomer:
    """The newcomer of this walk."""
    return NEWCOMERS[getattr(request.node, "execution_count", 1) - 1]


@pytest.fixture(scope="module", autouse=True)
def lessons_without_waiting(live: Live) -> None:
    """A rule version, as a province may set it: no least reading time, so that no test sleeps."""
    with Site.open(load_settings(live.env_settings())) as site, site.app.app_context():
        newest = rules.rule_versions("courses.completion")[-1]
        with unit_of_work():
            rules.add_version(
                SYSTEM, "courses.completion", {**newest.value, "cap_seconds": 0},
                date(2024, 7, 12), "试点：不设最短阅读时间",
            )  # fmt: skip


def test_the_whole_story(
    live: Live,
    phone: BrowserContext,
    laptop: BrowserContext,
    browser,
    tmp_path: Path,
    her: Newcomer,
):
    office = browser.new_context(
        viewport={"width": 1280, "height": 800}, base_url=live.url, locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )  # fmt: skip
    hr = sign_in(laptop, live, "hr")
    code = import_roster(hr, her, tmp_path)
    caregiver = activate(phone, her, code)
    do_onboarding(caregiver)
    examiner = sign_in(office, live, "examiner")
    enter(examiner, her, "理论")
    enter(examiner, her, "技能")
    sit_theory(caregiver)
    score_skills(examiner, her)
    address = read_certificate(caregiver, tmp_path, live)
    check_as_employer(browser, her, address, "有效")
    revoke(examiner, her)
    check_as_employer(browser, her, address, "已吊销")
    county(browser, her, live, tmp_path)
    office.close()


def import_roster(page: Page, her: Newcomer, folder: Path) -> str:
    """Import one new colleague from Excel; returns the activation code of her slip."""
    page.goto("/organisations")
    page.get_by_role("link", name=re.compile("康宁养老院")).first.click()
    home = re.search(r"[0-9A-HJ-NPQRTUWXY]{18}", page.inner_text("main"))
    assert home, "HR sees her home's credit code"
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append(
        [her.name, her.number, her.phone, home[0], "养老护理员", JOINED, None, "学徒工"]
    )
    book.save(folder / "花名册.xlsx")
    page.goto("/roster")
    page.locator("input[type=file]").set_input_files(folder / "花名册.xlsx")
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_role("button", name="导入 1 人").click()
    page.get_by_role("link", name=re.compile("激活单")).click()
    page.get_by_role("button", name=re.compile("生成 1 张激活单")).click()
    slip = page.locator(".slip", has_text=her.name)
    return slip.locator(".slip-code").inner_text()


def activate(phone: BrowserContext, her: Newcomer, code: str) -> Page:
    """Open the account with the slip and choose a password."""
    page = phone.new_page()
    page.goto("/activate")
    page.get_by_label("激活码").fill(code)
    page.get_by_role("button", name="下一步").click()
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=again]").fill(PASSWORD)
    page.get_by_role("button", name="设好了，登录").click()
    expect(page.get_by_role("heading", name=f"{her.name}，您好")).to_be_visible()
    return page


def do_onboarding(page: Page) -> None:
    """Read the course to its end and answer its checks; the hours are hers."""
    course = ROOT / "courses/catalogue/starter/onboarding"
    answers = {
        check["stem"]: check["answer"]
        for path in course.glob("*.md")
        for check in yaml.safe_load(path.read_text(encoding="utf-8").split("---")[1])["check"]
    }
    lessons = len(list(course.glob("*.md")))
    page.goto("/learn/onboarding-caregiver")
    page.get_by_role("button", name="开始学习").click()
    for lesson in range(lessons):
        expect(page.get_by_text(f"第 {lesson + 1} 课，共 {lessons} 课")).to_be_visible()
        page.wait_for_load_state()
        for question in page.locator("fieldset.question").all():
            stem = question.locator("legend").inner_text().split(". ", 1)[1]
            question.locator(f"input[value={answers[stem]}]").check()
        page.get_by_role("button", name="交答案").click()
        page.get_by_role("button", name=re.compile("完成本课")).click()
    expect(page.get_by_text("12 学时").first).to_be_visible()


def enter(page: Page, her: Newcomer, part: str) -> None:
    """Register her for the open event of a part."""
    open_event(page, part)
    page.get_by_label("身份证号或手机号").fill(her.number)
    page.get_by_role("button", name="报名", exact=True).click()
    expect(page.get_by_text("报名 1 人。")).to_be_visible()


def open_event(page: Page, part: str) -> None:
    """Go to the demo's event of this term."""
    page.goto("/events")
    page.get_by_role("link", name=re.compile(f"第四期.*{part}")).first.click()


def sit_theory(page: Page) -> None:
    """Answer every question on the phone, once through an outage, and hand in."""
    keys = {
        question["stem"].strip(): str(question["answer"])
        for path in (ROOT / "exams/bank/starter").rglob("*.yaml")
        for question in yaml.safe_load(path.read_text(encoding="utf-8"))["questions"]
        if "answer" in question
    }
    options = {
        question["stem"].strip(): question.get("options", [])
        for path in (ROOT / "exams/bank/starter").rglob("*.yaml")
        for question in yaml.safe_load(path.read_text(encoding="utf-8"))["questions"]
    }
    page.goto("/exams")
    page.get_by_role("link", name=re.compile("第四期.*理论")).first.click()
    page.get_by_role("button", name="开始考试").click()
    expect(page.locator("#room-place")).to_contain_text("第 1 题")
    total = int(re.search(r"共 (\d+) 题", page.locator("#room-place").inner_text())[1])
    for number in range(1, total + 1):
        expect(page.locator("#room-place")).to_contain_text(f"第 {number} 题")
        stem = page.locator("#room-stem").inner_text().strip()
        if number == 40:
            page.context.set_offline(True)
        choose(page, keys[stem], options[stem])
        if number == 45:
            expect(page.locator("#room-saved-text")).to_contain_text("还在本机")
            page.context.set_offline(False)
        if number < total:
            page.locator("#room-next").click()
    expect(page.locator("#room-saved-text")).to_have_text("已保存")
    page.locator("#room-map-open").click()
    page.locator("#room-hand-in").click()
    page.locator("#room-confirm-yes").click()
    expect(page.get_by_role("heading", name="已经交卷")).to_be_visible()
    expect(page.get_by_text(f"{total} 题，答了 {total} 题")).to_be_visible()


def choose(page: Page, key: str, options: list[str]) -> None:
    """Tick the right options; their order on her paper is her own."""
    choices = page.locator("#room-options label")
    if not options:
        choices.filter(has_text="对" if key == "True" else "错").click()
        return
    for letter in key:
        text = options["ABCDE".index(letter)]
        choices.filter(has_text=re.compile(rf"{re.escape(text)}\s*$")).first.click()


def score_skills(page: Page, her: Newcomer) -> None:
    """Enter her skills score, which completes the level."""
    open_event(page, "技能")
    row = page.get_by_role("row", name=re.compile(her.name))
    row.get_by_role("link", name="按纸质评分表录入").click()
    page.wait_for_load_state()
    for field in page.locator("main form input[inputmode=decimal]").all():
        most = re.search(r"满分 (\d+) 分", field.locator("xpath=ancestor::div[1]").inner_text())
        field.fill(str(int(most[1]) * 0.8))
    page.get_by_label("考评员姓名").fill("赵一、钱二、孙三")
    page.get_by_role("button", name="登记成绩").click()
    expect(page.get_by_text("已登记 80 分。")).to_be_visible()


def read_certificate(page: Page, folder: Path, live: Live) -> str:
    """Find the certificate on the phone; its QR says the same on the screen and on paper."""
    page.goto("/certificates")
    page.get_by_role("link", name=re.compile("初级工")).first.click()
    page.locator(".cert-preview").click()
    page.wait_for_url(re.compile(r"\.png"))
    page.screenshot(path=folder / "phone.png")
    page.go_back()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 PDF").click()
    download.value.save_as(folder / "paper.pdf")
    subprocess.run(
        ["pdftoppm", "-r", "144", "-png", "-singlefile", folder / "paper.pdf", folder / "paper"],
        check=True,
    )
    seen = [decode(folder / name) for name in ("phone.png", "paper.png")]
    addresses = {address for pair in seen for address in pair}
    assert len(addresses) == 1, seen
    address = addresses.pop()
    assert address.isascii()
    assert address.lower().startswith(live.url.lower())
    return address


def decode(path: Path) -> tuple[str, str]:
    """What the two readers make of a picture."""
    picture = Image.open(path).convert("RGB")
    seen = pyzbar.decode(picture, [pyzbar.ZBarSymbol.QRCODE])
    return zxingcpp.read_barcode(picture).text, seen[0].data.decode()


def check_as_employer(browser, her: Newcomer, address: str, word: str) -> None:
    """Scan without an account: one large word, today."""
    visitor = browser.new_context(locale="zh-CN")
    page = visitor.new_page()
    parts = urlsplit(address)
    page.goto(f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path}")
    expect(page.get_by_text(word, exact=True).first).to_be_visible()
    expect(page.get_by_text(f"贾*{her.name[-1]}").first).to_be_visible()
    if word == "已吊销":
        expect(page.get_by_text(re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")).first).to_be_visible()
    visitor.close()


def revoke(page: Page, her: Newcomer) -> None:
    """Revoke the certificate with a reason, after being told what will happen."""
    page.goto("/register?q=" + her.name)
    page.get_by_role("link", name=her.name).first.click()
    page.get_by_role("link", name="吊销").click()
    page.get_by_label(re.compile("原因")).fill("材料核查发现申报条件不实")
    page.get_by_role("button", name=re.compile("吊销")).click()
    expect(page.get_by_text("已吊销").first).to_be_visible()


def county(browser, her: Newcomer, live: Live, folder: Path) -> None:
    """The county sees that she has not attended this year, and why."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, base_url=live.url, locale="zh-CN"
    )
    page = sign_in(context, live, "county")
    page.goto("/flags?state=all")
    while not page.get_by_role("link", name=her.name).count():
        page.get_by_role("link", name="下一页").click()
        page.wait_for_load_state()
    row = page.get_by_role("row", name=re.compile(her.name))
    expect(row).to_contain_text("学时")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("CSV")).click()
    download.value.save_as(folder / "flags.csv")
    listed = (folder / "flags.csv").read_text(encoding="utf-8-sig")
    assert her.name in listed
    told = live.lms("flags", "--year", str(JOINED.year + 1), "--region", "140105",
                    "--format", "csv", "--names")  # fmt: skip
    assert told.returncode == 0, told.stderr
    rows = list(csv.reader(io.StringIO(told.stdout.lstrip("﻿"))))
    assert any(her.name in row for row in rows)
    context.close()
