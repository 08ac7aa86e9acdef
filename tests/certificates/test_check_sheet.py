"""An employer's sheet: faults by cell, the same answers as the page, nothing to guess with."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import openpyxl
import pytest
import time_machine
from sqlalchemy import func, select

from certificates.checks import buffer
from certificates.models import Certificate
from certificates.operations import correct, revoke, suspend
from certificates.rules import new_code
from certificates.sheet.answering import answers
from certificates.sheet.plan import MOST_ASKED, plan
from certificates.verification import verify
from lms.core.access import SYSTEM
from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.sheets import SheetRow, Table
from lms.core.tasks import Task
from lms.core.uow import unit_of_work
from lms.people.models import Person
from tests.certificates.log.test_log import untriggered
from tests.factories.certificates import NOW, course_request, issue_now, skill_request
from tests.forms import post
from tests.statements import count_statements

HEAD = "证书编号或查验码,持证人\n"


def table(*rows: tuple[object, ...], headings=("证书编号或查验码", "持证人"), formulas=()) -> Table:
    lines = [SheetRow(n, row) for n, row in enumerate(rows, start=2)]
    return Table(tuple(headings), 1, lines, frozenset(formulas))


def send(client, text, name="名单.csv", **fields):
    data = {"file": (io.BytesIO(text.encode() if isinstance(text, str) else text), name)}
    return post(client, "/v/sheet", {"form": "csv"} | data | fields)


def report(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.fixture
def hr(sign_in, cast):
    return sign_in(cast.li)


def test_each_fault_is_told_by_cell_with_its_cure(app):
    read = plan(
        table(
            ("S000014000123264000001", ""),
            ("", "王桂兰"),
            (1.23e21, "王桂兰"),
            ("x" * 61, "王"),
            ("S1", "王" * 61),
            ("S2", "王"),
            ("s-2", "李"),
            (None, None),
            formulas=[(9, 0)],
        )
    )
    assert [(fault.row, fault.column) for fault in read.faults] == [
        (2, "持证人"), (3, "证书编号或查验码"), (4, "证书编号或查验码"), (5, "证书编号或查验码"),
        (6, "持证人"), (8, "证书编号或查验码"), (9, "证书编号或查验码"),
    ]  # fmt: skip
    assert "第 7 行重复" in read.faults[5].cure
    assert "公式" in read.faults[6].cure
    assert [line.row for line in read.asked] == [7, 8]
    assert plan(table(("S1", "王"), headings=("甲", "乙"))).faults[0].row == 1
    assert plan(table(("S1", "王"), headings=("Number", "Name"))).faults == ()
    many = table(*[(f"S{n}", "王") for n in range(MOST_ASKED + 1)])
    assert "5000" in plan(many).faults[0].cure
    assert plan(table(*[(f"S{n}", "王") for n in range(MOST_ASKED)])).faults == ()


def test_a_sheet_with_faults_is_not_answered_and_shows_them(hr, monkeypatch):
    answer = send(hr, f"{HEAD}S000014000123264000001,\n=1+1,王\n")
    assert answer.status_code == 422
    assert "有 2 处要改，一本也没有查" in answer.text
    assert "第 2 行" in answer.text
    assert "按编号查，要填持证人" in answer.text
    assert "只有表头" in send(hr, HEAD).text
    assert "不是有效的 .xlsx" in send(hr, "x", "a.xlsx").text
    monkeypatch.setattr("certificates.sheet.views.MOST_BYTES", 100)
    assert "2 MB" in send(hr, b"x" * 101, "a.csv").text
    assert "不晚于今天" in send(hr, f"{HEAD}S1,王\n", on="2999-01-01").text


def test_the_report_answers_each_line(site, hr, cast):
    with site.app.app_context():
        plain, gone = (issue_now(skill_request(cast.wang, cast.base)) for _ in range(2))
        past = {"issued_on": date(2025, 1, 1), "valid_to": date(2025, 12, 31)}
        over = issue_now(course_request(cast.zhao, cast.base, **past))
        tail = session().get_one(Person, cast.wang).id_masked[-4:]
        with unit_of_work():
            revoke(gone.certificate_id, "成绩造假，查实", SYSTEM, NOW)
    unknown = new_code()
    lines = [
        (plain.number, "王桂兰"), (gone.number.lower(), tail), (over.code, ""), (unknown, ""),
        (f"{plain.code}", "李四"), ("S000014000123269999999", "王桂兰"),
    ]  # fmt: skip
    with time_machine.travel(NOW + timedelta(days=1)):
        answer = send(hr, HEAD + "".join(f"{a},{b}\n" for a, b in lines), on="2026-11-20")
    got = report(answer)
    assert [(row["行号"], row["状态"], row["持证人"]) for row in got] == [
        ("2", "有效", "相符"), ("3", "已吊销", "相符"), ("4", "已过期", "未核对"),
        ("5", "查无此证", "未核对"), ("6", "有效", "不符"),
        ("7", "查无此证，或持证人不符", "未核对"),
    ]  # fmt: skip
    assert [row["2026-11-20 当天"] for row in got] == [
        "有效",
        "无效",
        "无效",
        "无效",
        "有效",
        "无效",
    ]
    assert got[0]["证书编号"] == plain.number
    assert (got[0]["等级"], got[0]["发证日期"]) == ("五级/初级工", "2026-11-20")
    assert got[2]["有效期至"] == "2025-12-31"
    assert got[0]["查询时间"] == "2026-11-21 10:00"
    assert "王桂兰" not in answer.data.decode("utf-8-sig")
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_report_is_a_workbook_without_formulas(hr):
    answer = send(hr, f"{HEAD}@SUM(A1),王\n+1-2,王\n", form="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert [cell.value for cell in sheet[2]][:3] == [2, "@SUM(A1)", "查无此证，或持证人不符"]
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "n", "d"}
    as_csv = send(hr, f"{HEAD}@SUM(A1),王\n+1-2,王\n").data.decode("utf-8-sig")
    assert "'@SUM(A1)" in as_csv
    assert "'+1-2" in as_csv


def test_a_sheet_and_the_page_never_differ(app, cast):
    issued = [issue_now(skill_request(cast.wang, cast.base)) for _ in range(6)]
    for act, which in ((revoke, 0), (suspend, 1), (correct, 2)):
        with unit_of_work():
            act(issued[which].certificate_id, "成绩造假，查实", SYSTEM, NOW)
    untriggered(f"UPDATE certificate SET title = 'x' WHERE id = {issued[3].certificate_id}")
    untriggered(f"UPDATE log_leaf SET data = 'x' WHERE certificate_id = {issued[4].certificate_id}")
    with unit_of_work():
        suspend(issued[5].certificate_id, "投诉待查实", SYSTEM, NOW)
    untriggered("DELETE FROM certificate_event WHERE id = (SELECT MAX(id) FROM certificate_event)")
    codes = [*session().scalars(select(Certificate.code)), new_code()]
    asked = plan(table(*[(code, "") for code in codes])).asked
    for day in (date(2026, 11, 19), date(2026, 11, 20)):
        for found in answers(asked, NOW, day):
            verdict = verify(found.asked.typed, NOW)
            assert found.status is verdict.status
            assert bool(found.valid_then) == verdict.valid_on(day)
    statuses = {str(found.status) for found in answers(asked, NOW, None)}
    assert statuses == {"valid", "revoked", "suspended", "corrected", "damaged", "absent"}


def test_five_thousand_lines_take_statements_by_the_hundred(app, cast):
    codes = [issue_now(skill_request(cast.wang, cast.base)).code for _ in range(3)]
    codes += [new_code() for _ in range(MOST_ASKED - 3)]
    asked = plan(table(*[(code, "") for code in codes])).asked
    with count_statements() as seen:
        found = list(answers(asked, NOW, None))
    assert [str(one.status) for one in found[:4]] == ["valid"] * 3 + ["absent"]
    assert len(found) == MOST_ASKED
    assert len([line for line in seen if line.lstrip().startswith("SELECT")]) <= 5 * 50


def test_only_employers_and_officers_may_and_not_all_day(sign_in, visitor, cast, hr):
    assert visitor.get("/v/sheet").status_code == 302
    assert sign_in(cast.wang).get("/v/sheet").status_code == 403
    assert sign_in(cast.zhou).get("/v/sheet").status_code == 200
    sent = [send(hr, f"{HEAD}S1,王\n").status_code for _ in range(14)]
    assert sent == [200] * 12 + [429] * 2
    names = openpyxl.load_workbook(
        io.BytesIO(sign_in(cast.zhou).get("/v/sheet/template.xlsx").data)
    )
    assert [cell.value for cell in names.active[1]] == ["证书编号或查验码", "持证人"]


def test_a_sheet_is_no_way_to_guess_a_holder(site, hr, cast):
    with site.app.app_context():
        issued = issue_now(skill_request(cast.wang, cast.base))
    assert send(hr, f"{HEAD}{issued.number},1\n{issued.number},2\n").status_code == 422
    for n in range(30):
        limited = post(
            hr, "/v", {"number": issued.number, "holder": f"李{n}"},
            environ_base={"REMOTE_ADDR": f"10.0.0.{n}"},
        )  # fmt: skip
        assert limited.status_code == 404
    (line,) = report(send(hr, f"{HEAD}{issued.number},0000\n"))
    assert line["状态"] == "持证人试错太多，请过一小时再查"
    assert report(send(hr, f"{HEAD}{issued.number},王桂兰\n"))[0]["状态"] == "有效"


def test_checks_are_counted_and_nothing_of_the_sheet_is_kept(site, hr, cast):
    with site.app.app_context():
        issued = issue_now(skill_request(cast.wang, cast.base))
        before = session().scalar(select(func.count()).select_from(Task))
        files = set(site.app.extensions["settings"].instance.rglob("*"))
    assert len(report(send(hr, f"{HEAD}{issued.number},王桂兰\n{new_code()},\n"))) == 2
    with site.app.app_context():
        assert buffer().flush() == 1
        assert session().scalar(select(func.count()).select_from(Task)) == before
        left = set(site.app.extensions["settings"].instance.rglob("*")) - files
        assert not [path for path in left if "sheet" in path.name or path.suffix == ".csv"]
        (noted,) = session().scalars(
            select(AuditEvent).where(AuditEvent.action == "certificate.check_sheet")
        )
        assert "2" in str(noted.details)
        assert issued.number not in str(noted.details)
