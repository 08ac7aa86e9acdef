"""Importing in the browser: plan, confirm, watch, result."""

import io
import re

import pytest
import time_machine
from sqlalchemy import delete, select

from exams.bank import importing
from exams.bank.jobs import APPLY, TASK_RUNNERS, run_apply, sweep
from lms.core import tasks
from lms.core.db import session
from lms.core.tasks import Task
from lms.core.uow import unit_of_work
from lms.people.models import RoleGrant
from tests.exams.bank.pages import audited, post
from tests.exams.bank.samples import HEAD, JUDGE, MULTIPLE, SINGLE, workbook
from tests.factories.bank import make_question


def send(client, data: bytes, name: str = "q.xlsx"):
    file = (io.BytesIO(data), name)
    sent = {"file": file, "wanted": "auto", "rung": "2", "module": "基础知识"}
    return post(client, "/bank/base-bank/import", sent, content_type="multipart/form-data")


def work() -> None:
    """What the scheduler does."""
    while tasks.run_next(TASK_RUNNERS):
        pass


def plan_page(client, data: bytes, name: str = "q.xlsx"):
    """Upload, let the scheduler plan, open the page; its address too."""
    answer = send(client, data, name)
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert "data-task" in client.get(address).text
    assert client.get(f"{address}/state").json["state"] == "waiting"
    work()
    assert client.get(f"{address}/state").json["state"] in {"done", "failed"}
    return client.get(address), address


def test_a_file_is_planned_confirmed_and_waits_for_approval(author):
    plan, address = plan_page(author, workbook(HEAD, SINGLE, MULTIPLE, JUDGE))
    assert "导入 3 道题" in plan.text
    digest = re.search(r'name="digest" value="(\w+)"', plan.text)[1]
    assert post(author, address, {"digest": "0" * 64}).status_code == 409
    first = post(author, address, {"digest": digest})
    again = post(author, address, {"digest": digest})
    assert first.status_code == 303
    assert again.headers["Location"] == first.headers["Location"]
    work()
    assert "新增 3 道" in author.get(first.headers["Location"]).text
    assert "噎住" in author.get("/bank/base-bank?state=waiting").text
    assert audited("question.import") == 1


def test_a_plan_overtaken_by_another_writes_nothing(author, bank, cast):
    plan, address = plan_page(author, workbook(HEAD, SINGLE))
    digest = re.search(r'name="digest" value="(\w+)"', plan.text)[1]
    started = post(author, address, {"digest": digest}).headers["Location"]
    make_question(bank, cast.chen, code="NEW", stem=SINGLE[1], body={"options": SINGLE[2:6]})
    work()
    assert "重新上传" in author.get(started).text
    assert audited("question.import") == 0


def test_who_lost_the_role_before_the_task_ran_imports_nothing(author, cast):
    address = send(author, workbook(HEAD, SINGLE)).headers["Location"]
    with unit_of_work():
        session().execute(delete(RoleGrant).where(RoleGrant.person_id == cast.chen))
    work()
    task = session().scalars(select(Task).order_by(Task.id.desc())).first()
    assert (task.state, task.result.get("new")) == ("failed", None)
    assert address.endswith(task.ref)


def test_faults_are_shown_by_row_and_column_and_nothing_can_be_confirmed(author):
    bad = ["单选题", "问？", "甲", "乙", "", "", "Z"]
    plan, address = plan_page(author, workbook(HEAD, SINGLE, bad))
    assert "第 3 行" in plan.text
    assert "答案" in plan.text
    assert "digest" not in plan.text
    assert post(author, address, {"digest": ""}).status_code == 409
    assert "噎住" not in author.get("/bank/base-bank").text
    assert "第 3 行,答案" in author.get(f"{address}/faults.csv").text


def test_somebody_elses_import_is_not_there(author, examiner):
    address = send(author, workbook(HEAD, SINGLE)).headers["Location"]
    for place in (address, f"{address}/state", f"{address}/faults.csv"):
        assert examiner.get(place).status_code == 404


def test_plans_are_forgotten_after_a_day(author):
    _plan, address = plan_page(author, workbook(HEAD, SINGLE))
    with time_machine.travel("2090-01-01", tick=False):
        sweep()
    assert "噎住" not in author.get(address).text
    assert "重新上传" in author.get(address).text


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04", b"<!DOCTYPE x><quiz/>", b"\x00\x01", b"PK imsmanifest.xml"]
)
def test_a_hostile_upload_is_refused_with_a_sentence(author, data):
    page, _address = plan_page(author, data, "q.bin")
    assert page.status_code == 200
    assert "notice-bad" in page.text
    assert "digest" not in page.text
    assert "出了问题" not in page.text


def test_an_empty_upload_is_refused_beside_the_field(author):
    answer = send(author, b"", "q.bin")
    assert answer.status_code == 422
    assert "field-error" in answer.text


def test_writing_is_counted_too_and_a_bank_that_stood_still_is_read_once(author, monkeypatch):
    plan, address = plan_page(author, workbook(HEAD, SINGLE, MULTIPLE, JUDGE))
    digest = re.search(r'name="digest" value="(\w+)"', plan.text)[1]
    post(author, address, {"digest": digest})
    told, planned = [], []
    monkeypatch.setattr(importing, "plan_import", lambda *a: planned.append(a))
    task = session().scalars(select(Task).where(Task.kind == APPLY)).one()
    assert run_apply(task.params, lambda done, total: told.append((done, total)))["new"] == 3
    assert told[0] == (0, 6)
    assert told[-2:] == [(3, 6), (6, 6)]
    assert planned == []
