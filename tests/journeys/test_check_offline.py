"""Checking without a signal: the phone that was here once judges a paper honestly by itself."""

from __future__ import annotations

import base64
import io
import json
import random
import re

import openpyxl
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect
from pyzbar import pyzbar
from sqlalchemy import select

from certificates.documents import paper_of
from certificates.models import Certificate
from certificates.offline.fact import signed_fact
from lms.app import create_app
from lms.core.config import load_settings
from lms.core.db import db, session
from lms.core.signing import ring, signer
from tests.journeys.conftest import sign_in
from tests.journeys.test_offline_lesson import installed, until

pytestmark = pytest.mark.journey
KEPT = """caches.open('offline-check').then((s) => s.keys()).then((k) => k.length === 3)"""


def printed(row):
    """The address on a certificate's paper."""
    return f"/v/{row.code}#{signed_fact(json.loads(row.facts), row.key_id, signer())}"


@pytest.fixture
def papers(live):
    """Addresses as printed: a valid certificate, one that was revoked long ago, for a list of
    statuses may be a minute old, and one that has expired."""
    app = create_app(load_settings(live.env_settings()))
    with app.app_context():
        query = select(Certificate).order_by(Certificate.id)
        valid = (
            session()
            .scalars(
                query.where(Certificate.status == "valid", Certificate.valid_to.is_(None)).limit(1)
            )
            .one()
        )
        gone = (
            session().scalars(query.where(Certificate.code == live.samples["revoked_code"])).one()
        )
        over = json.loads(valid.facts) | {"valid_to": "2026-01-31"}
        yield (
            printed(valid),
            printed(gone),
            f"/v/{valid.code}#{signed_fact(over, ring().current, signer())}",
        )
        db.session.remove()
        db.engine.dispose()


def visit(page, address):
    page.goto("about:blank")
    page.goto(address)
    return page.locator("#result")


def test_an_installed_page_judges_papers_without_a_signal(phone, live, papers):
    valid, revoked, past = papers
    page = phone.new_page()
    page.goto("/v")
    installed(page)
    page.reload()
    until(page, f"await {KEPT}")

    phone.set_offline(True)
    result = visit(page, valid)
    expect(result.get_by_text("印章真实", exact=True)).to_be_visible()
    expect(result).to_contain_text(re.compile(r"吊销数据截至 \d{4}年\d+月\d+日 \d\d:\d\d"))
    assert "有效" not in result.locator(".cert-word").inner_text()
    expect(result.locator("[data-facts]")).to_contain_text(re.compile(r".\*"))
    expect(result.locator("[data-stale]")).to_be_hidden()

    tampered = valid[:-30] + ("A" if valid[-30] != "A" else "B") + valid[-29:]
    result = visit(page, tampered)
    expect(result.get_by_text("印章不符，请勿采信", exact=True)).to_be_visible()
    expect(result).to_contain_text("对不上")
    expect(visit(page, past).get_by_text("已过期", exact=True)).to_be_visible()
    bare = valid.split("#", maxsplit=1)[0]
    expect(visit(page, bare).get_by_text("暂时无法核对", exact=True)).to_be_visible()

    page.goto("/v/offline")
    page.get_by_label("二维码里的网址").fill("https://example.com/v/x")
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_text("这不是本平台的证书网址。")).to_be_visible()
    page.get_by_label("二维码里的网址").fill(f"{live.url}{revoked}")
    page.get_by_role("button", name="核对").click()
    expect(page.locator("#result").get_by_text("已吊销", exact=True)).to_be_visible()

    phone.set_offline(False)
    page.get_by_role("button", name="联网再查").click()
    expect(page.get_by_text("已吊销", exact=True)).to_be_visible()
    until(page, "localStorage.getItem('offline-checks') === null")


def test_two_readers_read_the_qr_from_a_phone_s_screenshot(phone, live, papers):
    """The picture as it stands in a phone's album, photographed by the phone itself."""
    certificate = session().scalar(select(Certificate).where(Certificate.code == papers[0][3:29]))
    picture = base64.b64encode(paper_of(certificate.id, "png", masked=True)).decode()
    page = phone.new_page()
    page.set_content(
        f'<body style="margin:0"><img style="width:100%" src="data:image/png;base64,{picture}">'
    )
    for kind in ({"type": "png"}, {"type": "jpeg", "quality": 60}):
        seen = Image.open(io.BytesIO(page.screenshot(full_page=True, **kind))).convert("L")
        (first,) = zxingcpp.read_barcodes(seen)
        (second,) = pyzbar.decode(seen, [pyzbar.ZBarSymbol.QRCODE])
        assert first.text == second.data.decode() == f"{live.url}{papers[0]}"


def test_the_phone_s_arithmetic_refuses_whatever_was_changed(phone, live, papers):
    """Hundreds of changed facts, by the browser's Ed25519 and by hand: none is believed."""
    rng = random.Random(7)
    code, text = re.fullmatch(r"/v/(\w+)#(\w+)", papers[0]).groups()
    data = base64.b32decode(text + "=" * (-len(text) % 8))
    cases = [[code, text]]
    for place in range(len(data)):
        spoilt = bytearray(data)
        spoilt[place] ^= 1 << rng.randrange(8)
        cases.append([code, base64.b32encode(spoilt).decode().rstrip("=")])
    cases += [[code[:-1] + ("0" if code[-1] != "0" else "1"), text], [code, text[:-1]]]
    cases += [[code, text + "A"], [code, ""], [code, text.lower()]]
    page = phone.new_page()
    page.goto("/v/offline")
    answers = page.evaluate(
        """async (cases) => {
      const reading = await import('/static/js/offline-check/reading.js');
      const { verify, verifyByHand } = await import('/static/js/offline-check/ed25519.js');
      const keys = await reading.readRing(await (await fetch('/v/keys')).json());
      const believed = [];
      for (const [code, text] of cases) {
        believed.push(Boolean((await reading.readFact(code, text, keys)).fact));
      }
      const ascii = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
      const byHand = [];
      for (const [code, text] of cases.slice(0, 100)) {
        const data = reading.unbase32(text);
        const message = new Uint8Array([...ascii(`lms.fact/1\\n${code}`), ...data.slice(0, -64)]);
        const parts = [[...keys.values()][0], data.slice(-64), message];
        byHand.push([await verify(...parts), await verifyByHand(...parts)]);
      }
      const list = new Uint8Array(await (await fetch('/v/statuses')).arrayBuffer());
      const lists = [];
      for (let at = 0; at < list.length; at += 3) {
        const spoilt = list.slice();
        spoilt[at] ^= 4;
        lists.push(await reading.readStatuses(spoilt, keys));
      }
      return { believed, byHand, lists, whole: Boolean(await reading.readStatuses(list, keys)) };
    }""",
        cases,
    )
    assert answers["believed"] == [True] + [False] * (len(cases) - 1)
    assert all(own == hand for own, hand in answers["byHand"])
    assert answers["byHand"][0] == [True, True]
    assert not any(own for own, _hand in answers["byHand"][1:])
    assert answers["whole"]
    assert not any(answers["lists"])


def test_an_employer_checks_a_sheet_and_gets_the_report(laptop, live, papers, tmp_path):
    page = sign_in(laptop, live, "hr")
    page.get_by_role("link", name="批量查验证书").click()
    sheet = tmp_path / "证书.csv"
    sheet.write_text("证书编号或查验码,持证人\nS000014000123264000001,\n", "utf-8")
    page.get_by_label("表格文件").set_input_files(sheet)
    page.get_by_role("button", name="查验并下载报告").click()
    expect(page.get_by_text("按编号查，要填持证人姓名或证件号后四位。")).to_be_visible()

    sheet.write_text(f"查验码\n{papers[0][3:29]}\n", "utf-8")
    page.get_by_label("表格文件").set_input_files(sheet)
    with page.expect_download() as download:
        page.get_by_role("button", name="查验并下载报告").click()
    download.value.save_as(tmp_path / "report.xlsx")
    lines = openpyxl.load_workbook(tmp_path / "report.xlsx").active
    assert [cell.value for cell in lines[2]][1:3] == [papers[0][3:29], "有效"]
