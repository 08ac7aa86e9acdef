"""The yearly report: totals that reconcile, a region's own, on the page, as PDF, as a workbook."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import openpyxl
import pytest
import time_machine
from pypdf import PdfReader
from sqlalchemy import select

from courses.api import Totals, materialise, refresh_today
from courses.reports.figures import Scope, as_known, counted, live
from courses.reports.queries import assemble
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import NewPerson, employ, register_person, restate_spell
from lms.people.models import EmploymentSpell
from tests.cast import THEN, citizen_id
from tests.courses.test_central_pages import statements
from tests.factories.central import NINE, book, close, come, open_session
from tests.factories.certificates import issue_now, skill_request

TODAY, DAY = date(2026, 11, 23), timedelta(days=1)


def employ_many(cast, first, last):
    """Caregivers in turn in two counties, every fourth of them holds a certificate and came."""
    with unit_of_work():
        people = []
        for serial in range(first, last):
            person = register_person(NewPerson(f"护理{serial}", citizen_id(serial)), SYSTEM, THEN)
            home = cast.kangning if serial % 2 else cast.gucheng
            employ(person.id, home, "caregiver", date(2025, 2, 1), SYSTEM, THEN)
            people.append(person.id)
    for person_id in people[::8]:
        issue_now(skill_request(person_id, cast.base))
    row = open_session(cast, start=NINE - timedelta(days=60), region="14")
    came = [p for n, p in enumerate(people) if n % 8 in {1, 2}]
    book(row, came, cast, NINE - timedelta(days=65))
    for person_id in came:
        come(row, person_id, cast, row.starts_at)
    close(row, cast)


@pytest.fixture
def staffed(do, cast):
    do(employ_many, cast, 200, 240)
    do(materialise, 2026, TODAY, NINE)


@pytest.fixture(autouse=True)
def november(do):
    with time_machine.travel(NINE, tick=False):
        do(materialise, 2026, clock.today(), NINE)
        yield


def report_of(do, scope, year=2026):
    def made():
        return assemble(scope, year, counted(scope, year), clock.today(), {"caregiver": "护理员"})

    return do(made)


def levels(do, cast):
    """Every scope, from the province down to the homes, with its report."""
    waiting, found = [Scope("14")], []
    while waiting:
        scope = waiting.pop()
        report = report_of(do, scope)
        found.append((scope, report))
        if scope.organisation_id is None:
            waiting += [Scope(line.region) for line in report.places]
        if len(scope.region) == 6 and scope.organisation_id is None:
            waiting += [Scope(scope.region, line.organisation_id) for line in report.homes]
    return found


def added(lines):
    return sum((line.totals for line in lines), Totals())


def test_the_whole_is_the_sum_of_its_parts_on_every_level(do, cast, staffed):
    found = levels(do, cast)
    assert {len(scope.region) for scope, _report in found} == {2, 4, 6}
    assert sum(scope.organisation_id is not None for scope, _report in found) == 2
    known = dict(found)
    for scope, report in found:
        assert added(report.posts) == added(report.rungs) == report.totals, scope
        children = report.places or (report.homes if scope.organisation_id is None else [])
        if scope.organisation_id is None:
            assert added(children) == report.totals, scope
        for line in children:
            region = line.region or scope.region
            assert known[Scope(region, line.organisation_id)].totals == line.totals
    assert known[Scope("14")].totals.owing == 42
    assert len(known[Scope("14")].rungs) == 2


def test_the_last_level_is_the_list_of_its_people(do, cast, staffed, sign_in):
    for scope, report in levels(do, cast):
        if scope.organisation_id is not None:
            asked = f"/flags/export.csv?state=all&home={scope.organisation_id}"
            names = sign_in(cast.province).get(asked).text.strip().splitlines()[1:]
            assert len(names) == report.totals.owing + report.totals.exempt


def test_a_list_leads_back_up_to_the_report_it_came_from(do, cast, sign_in):
    home, county = f"/reports/central/homes/{cast.kangning}", "/reports/central/140105"
    for who, asked, above in (
        (cast.county, f"home={cast.kangning}&state=all", home),
        (cast.li, f"home={cast.kangning}&state=all", home),
        (cast.county, "region=140105", county), (cast.city, "region=140105", county),
    ):  # fmt: skip
        assert f'href="{above}?year=2026"' in sign_in(who).get(f"/flags?{asked}").text
    assert "/reports/central/1407" not in sign_in(cast.county).get("/flags?region=1407").text


def test_counted_live_and_as_known_now_are_the_same_figures(do, cast, staffed):
    def all_three(scope):
        sources = counted(scope, 2026), live(scope, 2026), as_known(scope, 2026, TODAY, NINE)
        return [(f.cells, list(f.homes.items()), f.done_on) for f in sources]

    scopes = [scope for scope, _report in levels(do, cast)]
    for scope in scopes:
        one, two, three = do(all_three, scope)
        assert one == two == three, scope
        assert one[0]


def test_the_figures_follow_an_event_at_once(do, cast, staffed, sign_in):
    before = report_of(do, Scope("14")).totals
    session = do(open_session, cast, start=NINE)
    do(book, session, [cast.wang], cast, NINE - timedelta(days=1))
    assert report_of(do, Scope("14")).totals.scheduled == before.scheduled + 1
    do(come, session, cast.wang, cast, NINE)
    do(close, session, cast)
    after = report_of(do, Scope("140105", cast.kangning)).totals
    assert after.done == 6
    assert report_of(do, Scope("14")).totals.done == before.done + 1
    assert do(counted, Scope("14"), 2026).done_on == do(live, Scope("14"), 2026).done_on


def test_somebody_who_moves_is_counted_where_she_goes(do, cast, staffed):
    def move():
        with unit_of_work():
            query = select(EmploymentSpell).where(EmploymentSpell.person_id == cast.wang)
            restate_spell(session().scalars(query).one(), SYSTEM, NINE, ended_on=TODAY - DAY)
            employ(cast.wang, cast.gucheng, "director", TODAY, SYSTEM, NINE)
            refresh_today([cast.wang], [2026], NINE)

    before = report_of(do, Scope("140105")).totals, report_of(do, Scope("140728")).totals
    do(move)
    after = report_of(do, Scope("140105")).totals, report_of(do, Scope("140728")).totals
    assert after[0].owing == before[0].owing - 1
    assert after[1].owing == before[1].owing + 1
    assert [line.label for line in report_of(do, Scope("140728")).posts] == ["护理员", "director"]
    test_counted_live_and_as_known_now_are_the_same_figures(do, cast, staffed)


def test_counts_and_flags_agree_when_many_write_at_once(do, site, cast, staffed):
    def spells():
        query = select(EmploymentSpell.person_id).where(
            EmploymentSpell.organisation_id == cast.kangning, EmploymentSpell.post == "caregiver"
        )
        return list(session().scalars(query))[:8]

    people = do(spells)
    together = Barrier(len(people))

    def become_director(person_id):
        with site.app.app_context():
            together.wait()
            with unit_of_work():
                query = select(EmploymentSpell).where(EmploymentSpell.person_id == person_id)
                spell = (
                    session().scalars(query.where(EmploymentSpell.superseded_at.is_(None))).one()
                )
                restate_spell(spell, SYSTEM, NINE, post="director")
                refresh_today([person_id], [2026], NINE)

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(become_director, people))
    scope = Scope("140105")
    one, two = do(counted, scope, 2026), do(live, scope, 2026)
    assert one.cells == two.cells
    assert one.by(1)[("director",)].owing == 8


def test_a_home_has_its_report_for_its_hr_and_its_officers_only(do, cast, sign_in):
    for who, status in (
        (cast.li, 200), (cast.county, 200), (cast.city, 200), (cast.province, 200),
        (cast.sun, 404), (cast.other_county, 404), (cast.wang, 403), (cast.chen, 403),
    ):  # fmt: skip
        for ending in ("", "/report.pdf", "/report.xlsx"):
            path = f"/reports/central/homes/{cast.kangning}{ending}"
            assert sign_in(who).get(path).status_code == status, (who, ending)
    page = sign_in(cast.li).get(f"/reports/central/homes/{cast.kangning}").text
    assert f"/flags?year=2026&amp;home={cast.kangning}&amp;state=all" in page
    assert "/reports/central/140105" not in page
    assert "/reports/central/140105" in sign_in(cast.county).get(
        f"/reports/central/homes/{cast.kangning}"
    ).text  # fmt: skip


def test_the_past_is_asked_on_the_page_and_refused_with_a_sentence(do, cast, sign_in):
    client = sign_in(cast.county)
    path = "/reports/central/140105?on=2026-12-31&known="
    assert "已知的记录" in client.get(f"{path}2026-11-20T08:00").text
    for wrong, words in (
        ("", "请同时填写"), ("soon", "请同时填写"), ("2027-01-05T00:00", "不能晚于现在"),
        ("2020-01-01T00:00", "那时还没有这条规则"),
    ):  # fmt: skip
        answer = client.get(path + wrong)
        assert answer.status_code == 422
        assert words in answer.text
    now = client.get("/reports/central/140105/flags.csv").text
    assert "2026-11-23,2026-11-23T09:00:00+08:00,140105" in now


def test_the_page_leads_down_to_the_person_and_up_again(do, cast, sign_in):
    client = sign_in(cast.province)
    page = client.get("/reports/central", follow_redirects=True).text
    assert "太原市" in page
    assert "/reports/central/1401?year=2026" in page
    county = client.get("/reports/central/140105").text
    assert "康宁养老院" in county
    assert f"/reports/central/homes/{cast.kangning}" in county
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


@pytest.mark.parametrize("more", ["", "?live=1"])
def test_a_report_needs_the_same_statements_for_any_place_and_any_number(
    do, cast, sign_in, staffed, more
):
    client = sign_in(cast.province)
    client.get("/reports/central/14")
    paths = ["14", "1401", "140105", f"homes/{cast.kangning}"]
    needed = [statements(client, f"/reports/central/{path}{more}") for path in paths]
    assert max(needed) <= min(needed) + 1
    do(employ_many, cast, 300, 340)
    do(materialise, 2026, TODAY, NINE)
    assert needed == [statements(client, f"/reports/central/{path}{more}") for path in paths]
