"""The yearly report: totals that reconcile, a region's own, on the page, as PDF, as a workbook."""

import io

import openpyxl
import pytest
import time_machine
from pypdf import PdfReader

from courses.api import materialise
from courses.reports.queries import year_report
from lms.core import clock
from tests.courses.test_central_pages import statements
from tests.factories.central import NINE


@pytest.fixture(autouse=True)
def november(do):
    with time_machine.travel(NINE, tick=False):
        do(materialise, 2026, clock.today(), NINE)
        yield


def report_of(do, region, year=2026):
    return do(year_report, region, year, clock.today(), {"caregiver": "养老护理员"})


def test_the_whole_is_the_sum_of_its_parts_on_every_level(do, cast):
    province = report_of(do, "14")
    assert province.totals.owing == 2
    assert sum(line.totals.owing for line in province.places) == 2
    assert sum(line.totals.owing for line in province.posts) == 2
    for line in province.places:
        below = report_of(do, line.region)
        assert below.totals == line.totals
        assert sum(p.totals.owing for p in below.places) == line.totals.owing


def test_the_page_leads_down_to_the_person_and_up_again(do, cast, sign_in):
    client = sign_in(cast.province)
    page = client.get("/reports/central", follow_redirects=True).text
    assert "太原市" in page
    assert "/reports/central/1401?year=2026" in page
    county = client.get("/reports/central/140105").text
    assert "康宁养老院" in county
    assert f"home={cast.kangning}" in county
    assert "/reports/central/1401?year=2026" in county
    assert "预计再完成" in county


def test_each_sees_her_own_region_only(do, cast, sign_in):
    for who, region, status in (
        (cast.county, "140105", 200), (cast.city, "1401", 200), (cast.city, "140105", 200),
        (cast.province, "14", 200), (cast.county, "1401", 404), (cast.county, "14", 404),
        (cast.county, "140728", 404), (cast.other_county, "140105", 404),
        (cast.li, "140105", 403), (cast.wang, "140105", 403), (cast.province, "999999", 404),
    ):  # fmt: skip
        for ending in ("", "/report.pdf", "/report.xlsx"):
            answer = sign_in(who).get(f"/reports/central/{region}{ending}")
            assert answer.status_code == status, (who, region, ending)


def test_the_pdf_says_what_the_page_says(do, cast, sign_in):
    answer = sign_in(cast.county).get("/reports/central/140105/report.pdf")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    assert "2026 年集中培训情况" in text
    assert "小店区" in text
    assert "康宁养老院" in text
    assert "compliance.central@1" in text
    again = sign_in(cast.county).get("/reports/central/140105/report.pdf")
    assert again.data == answer.data
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_workbook_holds_the_tables_and_what_they_rest_on(do, cast, sign_in):
    answer = sign_in(cast.province).get("/reports/central/14/report.xlsx")
    book_read = openpyxl.load_workbook(io.BytesIO(answer.data))
    rows = list(book_read.worksheets[0].values)
    assert rows[1][:4] == ("合计", "山西省", 2, 0)
    assert {row[1] for row in rows if row[0] == "按地区"} == {"太原市", "晋中市"}
    assert "compliance.central@1" in [row[1] for row in book_read.worksheets[1].values]


def test_a_report_needs_the_same_statements_for_a_county_and_the_province(do, cast, sign_in):
    client = sign_in(cast.province)
    client.get("/reports/central/14")
    small = statements(client, "/reports/central/140105")
    assert statements(client, "/reports/central/14") <= small + 1
