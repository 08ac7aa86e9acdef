"""An employer sees everybody at a glance and takes the inspection pack in one click."""

import io
import zipfile
from datetime import date

import openpyxl
import pytest
import time_machine
from sqlalchemy import select

from courses.api import materialise
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import NewPerson, employ, register_person
from lms.people.models import Organisation
from tests.cast import citizen_id
from tests.factories.central import NINE
from tests.factories.certificates import issue_now, skill_request
from tests.statements import count_statements


@pytest.fixture(autouse=True)
def november(site):
    with time_machine.travel(NINE, tick=False):
        with site.app.app_context():
            materialise(2026, clock.today(), NINE)
        yield


def hire(site, cast, many, first=200):
    with site.app.app_context(), unit_of_work():
        for n in range(first, first + many):
            person = register_person(NewPerson(f"新员工{n}", citizen_id(n), None), SYSTEM, NINE)
            employ(person.id, cast.kangning, "caregiver", date(2026, 3, 1), SYSTEM, NINE)


def test_everybody_with_what_she_lacks(site, cast, sign_in):
    page = sign_in(cast.li).get(f"/employers/{cast.kangning}").text
    assert "王桂兰" in page
    assert "护理员没有等级证书" in page
    assert "尚未参加" in page
    assert "赵秀英" not in page
    with site.app.app_context():
        issue_now(skill_request(cast.wang, cast.base))
    assert "初级工" in sign_in(cast.li).get(f"/employers/{cast.kangning}").text


def test_hr_with_one_employer_is_led_to_it(cast, sign_in):
    answer = sign_in(cast.li).get("/employers")
    assert answer.headers["Location"].endswith(f"/employers/{cast.kangning}")
    assert sign_in(cast.county).get("/employers").headers["Location"].endswith("/organisations")


def test_nobody_sees_another_employer(cast, sign_in):
    for who, status in (
        (cast.li, 200), (cast.county, 200), (cast.province, 200), (cast.sun, 404),
        (cast.other_county, 404), (cast.wang, 403),
    ):  # fmt: skip
        for ending in ("", "/inspection.zip"):
            assert sign_in(who).get(f"/employers/{cast.kangning}{ending}").status_code == status
    assert sign_in(cast.li).get("/employers/999999").status_code == 404


def test_the_pack_holds_the_same_as_the_page_and_is_on_record(site, cast, sign_in):
    with site.app.app_context(), unit_of_work():
        home = session().get_one(Organisation, cast.kangning)
        home.for_destitute, home.residents, home.beds = True, 8, 120
    answer = sign_in(cast.li).get(f"/employers/{cast.kangning}/inspection.zip")
    assert "no-store" in answer.headers["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        sheets = {
            name: list(openpyxl.load_workbook(io.BytesIO(packed.read(name))).active.values)
            for name in packed.namelist()
        }
    assert [row[0] for row in sheets["人员一览.xlsx"]][1:].count("王桂兰") == 1
    rows = {row[0]: row for row in sheets["配备指标.xlsx"]}
    assert rows["护理员与在住老人"][1:] == (1, 8, 3, "还差 2 人")
    assert rows["社会工作者与床位"][1:] == (0, 120, 2, "还差 2 人")
    with site.app.app_context():
        kinds = list(session().scalars(select(AuditEvent.action)))
    assert "employer.pack" in kinds


def test_the_page_needs_the_same_statements_for_two_and_for_forty_people(site, cast, sign_in):
    client, address = sign_in(cast.li), f"/employers/{cast.kangning}"
    client.get(address)
    with count_statements() as few:
        client.get(address)
    hire(site, cast, 40)
    with count_statements() as many:
        assert client.get(address).text.count("新员工") == 40
    assert len(many) == len(few)
