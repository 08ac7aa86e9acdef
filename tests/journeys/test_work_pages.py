"""Pages that only work leads to are held to the same bars: a sheet, an answer, an import."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from playwright.sync_api import Browser, Page

from exams.bank.formats.excel_writing import write_template
from tests.journeys.conftest import Live
from tests.journeys.test_bars import Listener, elder_on_a_phone, english_on_a_laptop, on_a_phone
from tests.journeys.tour import choose, opened

pytestmark = pytest.mark.journey


def held(page: Page, live: Live) -> None:
    """The page as it stands, on a phone, in elder mode and in English."""
    listener = Listener(page, live)
    place = page.url
    faults = on_a_phone(page)
    for preference, value, look in (
        ("elder", {}, elder_on_a_phone),
        ("language", {"lang": "en"}, english_on_a_laptop),
    ):
        choose(page.context, page, preference, **value)
        page.goto(place)
        faults += look(page)
        choose(page.context, page, preference, **({"lang": "zh"} if value else {}))
    page.goto(place)
    assert not faults + listener.faults, f"{place}: " + "\n".join(faults + listener.faults)


@pytest.fixture
def marker(browser: Browser, live: Live) -> Iterator[Page]:
    with opened(browser, live, "marker") as page:
        yield page


def test_an_examiners_sheet(marker: Page, live: Live) -> None:
    marker.goto("/marking")
    marker.locator("main a[href^='/stations/']").last.click()
    marker.locator("main form button.btn-primary").last.click()
    marker.wait_for_url("**/sheets/*")
    held(marker, live)


def test_a_markers_answer(marker: Page, live: Live) -> None:
    marker.goto("/marking")
    marker.locator("main a[href^='/marking/']").filter(has_not_text="更正").last.click()
    marker.locator("main form button.btn-primary").first.click()
    marker.wait_for_url("**/marking/answers/*")
    held(marker, live)


def test_an_import_from_plan_to_result(browser: Browser, live: Live) -> None:
    with opened(browser, live, "keeper") as page:
        page.goto("/bank/caregiver-junior/import")
        write_template(sheet := BytesIO())
        file = {
            "name": "q.xlsx", "mimeType": "application/octet-stream", "buffer": sheet.getvalue()
        }  # fmt: skip
        page.set_input_files("input[type=file]", [file])
        page.fill("[name=module]", "生活照护")
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/import/*")
        page.locator("[name=digest]").wait_for(state="attached")
        held(page, live)
        page.locator("main form button.btn-primary").last.click()
        page.get_by_text("新增").first.wait_for()
        held(page, live)
