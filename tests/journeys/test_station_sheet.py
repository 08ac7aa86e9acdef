"""A station's sheet on a tablet: taps survive an outage and another tablet; none is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from exams.marking.stations import judging
from exams.marking.stations.library import load_starter_checklists, templates_for
from exams.marking.stations.models import Sheet, SheetScore
from exams.marking.stations.rules import Tap
from exams.marking.stations.setting import assign, set_stations
from lms.core import clock
from lms.core.access import SYSTEM, Role
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.factories.exams import enter_person, examiner, skills_event
from tests.factories.marking import staff
from tests.journeys.conftest import PATIENCE
from tests.journeys.served import served

pytestmark = pytest.mark.journey


@pytest.fixture
def tablet(site, cast, sign_in, settings, browser: Browser):
    """An examiner's tablet on the open sheet of 王桂兰: (page, judge, sheet's id)."""
    with site.app.app_context(), unit_of_work():
        now = clock.now()
        load_starter_checklists(SYSTEM, now)
        judges = [staff(cast, 320 + n, f"考评{n}", Role.MARKER) for n in range(3)]
        event = skills_event(cast, now)
        entry = enter_person(event, cast.wang, cast, now)
        chosen = [template.id for template in templates_for("skills", 2)]
        station = set_stations(event, chosen, examiner(cast), now)[0]
        assign(event, station, [j.person_id for j in judges], examiner(cast), now)
        sheet = judging.open_sheet(station, entry, judges[0], now)
        ref, sheet_id = sheet.ref, sheet.id
    client = sign_in(judges[0].person_id)
    with served(site, settings) as url:
        context = browser.new_context(
            base_url=url, viewport={"width": 820, "height": 1180}, locale="zh-CN"
        )
        context.set_default_timeout(PATIENCE)
        for cookie in client._cookies.values():
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
        page = context.new_page()
        page.goto(f"/sheets/{ref}")
        yield page, judges[0], sheet_id
        context.close()


def more(page: Page, place: int) -> None:
    page.locator(".sheet-item [data-more]").nth(place).click()


def test_taps_of_an_outage_are_kept_sent_and_only_then_signed(tablet, site):
    page, _judge, sheet_id = tablet
    status = page.locator("[data-saved]")
    more(page, 0)
    expect(status).to_have_text("全部已保存")
    page.context.set_offline(True)
    more(page, 1)
    more(page, 2)
    expect(status).to_have_text("2 项还在本机")
    page.get_by_role("button", name="签字提交").click()
    expect(page.locator("[data-wait]")).to_be_visible()
    with site.app.app_context():
        assert session().get(SheetScore, sheet_id) is None
    page.context.set_offline(False)
    expect(status).to_have_text("全部已保存")
    page.get_by_role("button", name="签字提交").click()
    expect(page.get_by_text("已签字").first).to_be_visible()
    with site.app.app_context():
        assert session().get_one(SheetScore, sheet_id).counts == {"0": 1, "1": 1, "2": 1}


def test_a_second_tablet_does_not_leave_the_first_one_stuck(tablet, site):
    page, judge, sheet_id = tablet
    with site.app.app_context(), unit_of_work():
        sheet = session().scalars(select(Sheet).where(Sheet.id == sheet_id)).one()
        judging.tap(sheet, [("other-tablet-1", Tap(1, 3, 1))], judge, clock.now())
    more(page, 0)
    expect(page.locator(".sheet-item output").nth(3)).not_to_have_text("0")
    expect(page.locator(".sheet-item output").nth(0)).not_to_have_text("0")
    expect(page.locator("[data-saved]")).to_have_text("全部已保存")
    page.get_by_role("button", name="签字提交").click()
    expect(page.get_by_text("已签字").first).to_be_visible()
    with site.app.app_context():
        assert session().get_one(SheetScore, sheet_id).counts == {"0": 1, "3": 1}
