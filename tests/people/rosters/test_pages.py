"""The import in a browser: upload, plan, confirm, result, slips; and who gets to see what."""

import io
import re

import openpyxl
import pytest
from sqlalchemy import select

from lms.core import tasks
from lms.core.db import db, session
from lms.people.api import JOBS, TASK_RUNNERS
from lms.people.models import ActivationSlip
from lms.people.rosters import quarantine
from tests.cast import citizen_id
from tests.factories.rosters import WANG, carry_out, line, stays, workbook
from tests.forms import post

NUMBER = citizen_id(501, "19800214")


def upload(client, content: bytes, name: str = "名单.xlsx"):
    return post(
        client, "/roster", {"file": (io.BytesIO(content), name)}, page="/roster",
        content_type="multipart/form-data",
    )  # fmt: skip


def run_tasks(site) -> None:
    with site.app.app_context():
        while tasks.run_next(TASK_RUNNERS):
            pass
        db.session.remove()


def planned(site, client, *rows) -> str:
    """Upload rows, plan them; the address of the plan."""
    sent = upload(client, workbook(*rows))
    assert sent.status_code == 303, sent.text
    run_tasks(site)
    return sent.location


@pytest.fixture
def hr(sign_in, cast):
    return sign_in(cast.li)


def known_stays(site, number: str):
    with site.app.app_context():
        return stays(number)


def test_from_upload_to_slips(site, hr):
    where = planned(site, hr, line(), line("王桂兰", WANG, "", started="2024-03-01", post="院长"))
    page = hr.get(where).text
    assert "导入 2 人" in page
    assert "任晋花" in page
    assert NUMBER not in page
    assert known_stays(site, NUMBER) == []
    confirmed = post(hr, f"{where}/apply", page=where)
    assert confirmed.status_code == 303
    assert "正在导入名单" in hr.get(confirmed.location).text
    run_tasks(site)
    assert "全部写入了" in hr.get(confirmed.location).text
    assert len(known_stays(site, NUMBER)) == 1
    slips = f"{confirmed.location}/slips"
    assert "任晋花" in hr.get(slips).text
    printed = post(hr, slips, page=slips)
    assert re.search(r'class="slip-code">[0-9A-Z -]{16,}<', printed.text)
    assert "data:image/svg+xml;base64," in printed.text
    with site.app.app_context():
        assert len(session().scalars(select(ActivationSlip)).all()) == 1
    assert "已经确认导入" in hr.get(where).text
    again = post(hr, f"{where}/apply", page=where)
    assert again.location == confirmed.location


def test_a_waiting_task_shows_a_page_that_refreshes_itself(hr):
    where = upload(hr, workbook(line())).location
    page = hr.get(where)
    assert 'http-equiv="refresh"' in page.text
    assert 'data-task="' in page.text
    assert hr.get(f"{where}/state").json == {"state": "waiting", "done": 0, "total": 0}


def test_faults_are_listed_downloadable_and_nothing_can_be_confirmed(site, hr):
    where = planned(site, hr, line(), line("", citizen_id(9), phone="123"))
    page = hr.get(where).text
    assert "有 2 处要改" in page
    assert "第 3 行" in page
    assert "导入 1 人" not in page
    listed = hr.get(f"{where}/faults.csv")
    assert listed.data.decode("utf-8-sig").splitlines()[1].startswith("3,姓名,")
    assert post(hr, f"{where}/apply", page=where).status_code == 409


def test_a_file_that_is_no_table_ends_with_the_reason(site, hr):
    where = upload(hr, b"\xd0\xcf\x11\xe0 old", "old.xls").location
    run_tasks(site)
    assert "旧版 .xls" in hr.get(where).text


def test_an_upload_without_a_file_says_so(hr):
    answer = post(hr, "/roster", {}, page="/roster", content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "请选择一个" in answer.text


def test_a_plan_made_stale_by_another_import_is_refused(site, hr, cast):
    where = planned(site, hr, line("王桂兰", WANG, "", started="", ended="2026-10-31"), line())
    with site.app.app_context():
        carry_out(cast.li, line("王桂兰", WANG, "", started="", ended="2026-11-20"))
        db.session.remove()
    confirmed = post(hr, f"{where}/apply", page=where)
    run_tasks(site)
    assert "刚刚有变化" in hr.get(confirmed.location).text
    assert known_stays(site, NUMBER) == []


def test_who_lost_her_role_meanwhile_gets_nothing(site, hr, cast):
    where = upload(hr, workbook(line())).location
    with site.app.app_context():
        from_now = "UPDATE role_grant SET revoked_at = '2026-01-06 00:00:00' WHERE person_id = :p"
        with db.engine.begin() as connection:
            connection.exec_driver_sql(from_now.replace(":p", str(cast.li)))
    run_tasks(site)
    assert hr.get(where).status_code == 403


def test_somebody_elses_import_does_not_exist(site, hr, sign_in, cast):
    where = planned(site, hr, line())
    other = sign_in(cast.sun)
    for address in (where, f"{where}/state", f"{where}/faults.csv", f"{where}/slips"):
        assert other.get(address).status_code == 404
    assert post(other, f"{where}/apply", page="/roster").status_code == 404


def test_a_caregiver_and_a_teacher_have_no_import(sign_in, cast):
    for who in (cast.wang, cast.chen):
        assert sign_in(who).get("/roster").status_code == 403


def test_the_template_has_the_headings_and_is_a_valid_empty_roster(hr):
    book = openpyxl.load_workbook(io.BytesIO(hr.get("/roster/template.xlsx").data))
    assert [cell.value for cell in book.worksheets[0][1]][:3] == ["姓名", "证件号码", "手机号"]
    assert book.worksheets[0].max_row == 1
    assert "养老护理员" in str([c.value for row in book.worksheets[1] for c in row])


def test_uploads_are_kept_sealed_and_forgotten(site, hr, monkeypatch):
    upload(hr, workbook(line()))
    with site.app.app_context():
        folder = quarantine._folder()
        [kept] = folder.glob("*.sealed")
        assert b"PK" not in kept.read_bytes()[:40]
        assert quarantine.fetch(kept.stem)[:2] == b"PK"
        monkeypatch.setattr(quarantine, "KEPT_SECONDS", -5)
        for _name, _when, job in JOBS:
            job()
        assert list(folder.glob("*.sealed")) == []
