"""Staff and organisations lists: scope, filters, exports of what is shown, fixed statements."""

import io

import openpyxl
import pytest

from lms.people.api import find_people
from tests.cast import citizen_id
from tests.factories.rosters import GUCHENG, WANG, actor, carry_out, line
from tests.forms import post
from tests.statements import count_statements


def add_staff(site, who: int, count: int, home: str = GUCHENG, first: int = 100) -> None:
    with site.app.app_context():
        carry_out(
            who, *[line(f"员工{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", citizen_id(first + n), "", home)
                   for n in range(count)],
        )  # fmt: skip


@pytest.mark.parametrize(
    ("who", "seen", "hidden"),
    [
        ("li", "王桂兰", "赵秀英"), ("sun", "赵秀英", "王桂兰"), ("county", "王桂兰", "赵秀英"),
        ("other_county", "赵秀英", "王桂兰"), ("city", "王桂兰", "赵秀英"),
    ],
)  # fmt: skip
def test_everybody_sees_the_staff_of_her_own_scope_only(sign_in, cast, who, seen, hidden):
    client = sign_in(getattr(cast, who))
    for address in (
        "/staff", f"/staff?name={hidden}", "/staff?sort=-started", "/staff/export.csv",
        f"/staff?home={cast.gucheng}", f"/staff?home={cast.kangning}", "/staff?region=14",
    ):  # fmt: skip
        assert hidden not in client.get(address).data.decode().replace(f'value="{hidden}"', "")
    assert seen in client.get("/staff").text


def test_province_and_administrators_see_all(sign_in, cast):
    for who in (cast.province, cast.admin):
        page = sign_in(who).get("/staff").text
        assert "王桂兰" in page
        assert "赵秀英" in page


def test_filters_narrow_and_stand_in_the_address(sign_in, cast):
    client = sign_in(cast.province)

    def names(query: str) -> set[str]:
        text = client.get(f"/staff/export.csv?{query}").data.decode("utf-8-sig")
        return {row.split(",")[0] for row in text.splitlines()[1:]}

    assert names("name=王") == {"王桂兰"}
    assert names("post=clerk") == {"李敏", "孙芳"}
    assert names("region=140728") == {"赵秀英", "孙芳"}
    assert names("region=1401&post=caregiver") == {"王桂兰"}
    assert names(f"home={cast.gucheng}&post=clerk") == {"孙芳"}
    assert names("level=3") == set()
    assert names("status=left") == set()
    assert names("sort=nonsense&home=x&level=x&region=x") == {"王桂兰", "李敏", "赵秀英", "孙芳"}


def test_who_left_is_found_among_those_who_left(site, sign_in, cast):
    with site.app.app_context():
        carry_out(cast.li, line("王桂兰", WANG, "", started="", ended="2026-01-31", level="技师"))
    client = sign_in(cast.li)
    assert "王桂兰" not in client.get("/staff").text
    assert "王桂兰" in client.get("/staff?status=left&level=5").text


def test_the_export_is_what_is_shown_masked_and_harmless(sign_in, cast):
    client = sign_in(cast.li)
    book = openpyxl.load_workbook(io.BytesIO(client.get("/staff/export.xlsx?name=王").data))
    rows = [[cell.value for cell in row] for row in book.active]
    assert len(rows) == 2
    assert rows[1][:3] == ["王桂兰", "140105********" + WANG[-4:], "138****0001"]
    assert WANG not in client.get("/staff/export.csv").text


def test_pages_need_the_same_statements_for_ten_and_for_hundreds(site, sign_in, cast):
    client = sign_in(cast.province)

    def statements(address: str) -> int:
        client.get(address)
        with count_statements() as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    places = ("/staff", "/staff?sort=home&name=员", "/organisations", "/staff/export.csv")
    before = [statements(place) for place in places]
    add_staff(site, cast.admin, 130)
    assert [statements(place) for place in places] == before
    assert "第 2 页，共 3 页" in client.get("/staff?page=2").text
    assert client.get("/staff?page=99").status_code == 404
    assert client.get("/staff?page=x").status_code == 404


@pytest.mark.parametrize("number", [WANG, "13800000001", "138 0000 0001"])
def test_an_exact_number_leads_to_the_person_within_scope_only(sign_in, cast, number):
    found = post(sign_in(cast.li), "/staff/find", {"number": number}, page="/staff")
    assert found.location == f"/staff/{cast.wang}"
    missed = post(sign_in(cast.sun), "/staff/find", {"number": number}, page="/staff")
    assert missed.location == "/staff"


def test_a_shared_phone_lists_those_in_scope(site, sign_in, cast):
    with site.app.app_context():
        carry_out(cast.li, line(phone="13800000001"))
    shown = post(sign_in(cast.li), "/staff/find", {"number": "13800000001"}, page="/staff")
    assert "王桂兰" in shown.text
    assert "任晋花" in shown.text


def test_other_packages_find_people_within_scope(app, cast):
    assert [card.id for card in find_people("王桂", actor(cast.li))] == [cast.wang]
    assert find_people("王桂", actor(cast.sun)) == []
    assert [card.id for card in find_people(WANG, actor(cast.county))] == [cast.wang]
    assert find_people("%", actor(cast.admin)) == []
    assert find_people(" ", actor(cast.admin)) == []


def test_organisations_are_listed_shown_and_kept_within_scope(sign_in, cast):
    county, hr = sign_in(cast.county), sign_in(cast.li)
    listed = county.get("/organisations").text
    assert "康宁养老院" in listed
    assert "古城养老院" not in listed
    assert "古城" not in county.get("/organisations/export.csv?name=古城").text
    assert county.get(f"/organisations/{cast.gucheng}").status_code == 404
    assert hr.get(f"/organisations/{cast.gucheng}/edit").status_code == 404
    address = f"/organisations/{cast.kangning}"
    saved = post(
        hr, f"{address}/edit", {"beds": "72", "residents": "55", "address": "坞城路 1 号"},
        page=f"{address}/edit",
    )  # fmt: skip
    assert saved.status_code == 303
    shown = county.get(address).text
    assert ">72<" in shown
    assert "坞城路" in shown
    bad = post(hr, f"{address}/edit", {"beds": "-3", "residents": ""}, page=f"{address}/edit")
    assert bad.status_code == 422


def test_learners_and_teachers_have_no_lists(sign_in, cast):
    for who in (cast.wang, cast.chen):
        client = sign_in(who)
        for address in ("/staff", "/staff/export.csv", "/organisations", f"/staff/{cast.li}"):
            assert client.get(address).status_code == 403
