"""A list signed on paper and typed into a sheet: all of it is noted, or nothing."""

import io
from datetime import timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from courses.api import hours_in_year
from courses.classroom import attendance_sheet as sheet
from courses.classroom.models import AttendanceFact
from lms.core.db import session
from lms.core.sheets import BadSheet, SheetRow, Table
from tests.factories.central import NINE, book, close, open_session
from tests.forms import token_from

DAY = NINE.date()
DOOR = sheet.Door({1: "王桂兰", 2: "李敏"}, [DAY], lambda at: at <= NINE + timedelta(hours=6))


def table(*rows, headings=sheet.HEADINGS, formulas=()):
    return Table(
        tuple(headings), 1, [SheetRow(n, tuple(r)) for n, r in enumerate(rows, 2)],
        frozenset(formulas),
    )  # fmt: skip


CASES = {
    "came": ((1, "王桂兰", "", "08:55", ""), [("in", -5)], None),
    "came and left": ((1, "", "", "08:55", "12:00"), [("in", -5), ("out", 180)], None),
    "a wide colon": ((1, "", "", "9：00", ""), [("in", 0)], None),
    "with the day": ((1, "", "", "2026-11-23 09:00", ""), [("in", 0)], None),
    "as Excel keeps it": ((1, "", "", "2026-11-23T09:00:00", ""), [("in", 0)], None),
    "did not come": ((1, "王桂兰", "", "", ""), [], None),
    "an unknown number": ((9, "", "", "09:00", ""), [], "编号"),
    "no number": (("", "王桂兰", "", "09:00", ""), [], "编号"),
    "another name": ((1, "李敏", "", "09:00", ""), [], "姓名"),
    "no time": ((1, "", "", "来了", ""), [], "签到时间"),
    "no such hour": ((1, "", "", "25:00", ""), [], "签到时间"),
    "no such day": ((1, "", "", "2026-13-40 09:00", ""), [], "签到时间"),
    "after the end": ((1, "", "", "23:00", ""), [], "签到时间"),
    "left before she came": ((1, "", "", "10:00", "09:30"), [], "签退时间"),
    "left and never came": ((1, "", "", "", "09:30"), [], "签退时间"),
}


@pytest.mark.parametrize(("row", "lines", "column"), CASES.values(), ids=CASES)
def test_a_row(row, lines, column):
    found = sheet.plan(table(row), DOOR)
    read = [(line.kind, int((line.at - NINE).total_seconds()) // 60) for line in found.lines]
    assert read == lines
    assert [(fault.row, fault.column) for fault in found.faults] == (
        [(2, column)] if column else []
    )


def test_every_fault_is_gathered():
    rows = [(1, "", "", "09:00", ""), (1, "", "", "09:00", ""), (7, "", "", "", "")]
    found = sheet.plan(table(*rows, (2, "", "", "x", "")), DOOR)
    assert [(fault.row, fault.column) for fault in found.faults] == [
        (3, "编号"), (4, "编号"), (5, "签到时间"),
    ]  # fmt: skip


def test_a_time_without_its_day_is_refused_where_there_are_two():
    door = sheet.Door({1: "王桂兰"}, [DAY, DAY + timedelta(days=1)], lambda _at: True)
    assert sheet.plan(table((1, "", "", "09:00", "")), door).faults
    assert not sheet.plan(table((1, "", "", "2026-11-24 09:00", "")), door).faults


def test_a_formula_and_a_missing_column_are_refused():
    assert sheet.plan(table((1, "", "", "09:00", ""), formulas=[(2, 3)]), DOOR).faults
    with pytest.raises(BadSheet):
        sheet.plan(table((1, ""), headings=("编号", "姓名")), DOOR)


@given(st.lists(st.tuples(*[st.one_of(st.none(), st.text(max_size=12), st.integers())] * 5)))
def test_whatever_is_typed_is_read_or_named(rows):
    found = sheet.plan(table(*rows), DOOR)
    assert all(line.person_id in DOOR.names for line in found.lines)
    assert all(fault.cure for fault in found.faults)


@pytest.fixture
def hall(do, cast):
    row = do(open_session, cast)
    do(book, row, [cast.wang, cast.li], cast, NINE - timedelta(days=1))
    return row


def upload(client, row, content, **more):
    data = {"csrf_token": token_from(client), "file": (io.BytesIO(content), "登记.xlsx"), **more}
    return client.post(f"/sessions/{row.id}/sheet", data=data)


def filled(content, times):
    """The template with times by name."""
    book_ = load_workbook(io.BytesIO(content))
    for line in book_.active.iter_rows(min_row=2):
        line[3].value, line[4].value = times.get(line[1].value, (None, None))
    out = io.BytesIO()
    book_.save(out)
    return out.getvalue()


def test_the_template_filled_in_is_noted_whole(do, hall, cast, sign_in):
    with time_machine.travel(hall.ends_at, tick=False):
        chen = sign_in(cast.chen)
        content = chen.get(f"/sessions/{hall.id}/sheet.xlsx").data
        times = {"王桂兰": ("08:50", None), "李敏": ("09:00", "10:00")}
        assert upload(chen, hall, filled(content, times)).status_code == 303
        assert upload(chen, hall, filled(content, times)).status_code == 303
        assert do(facts) == [("in", "sheet"), ("in", "sheet"), ("out", "sheet")]
        assert do(close, hall, cast).attended == (cast.wang,)


def test_one_fault_and_nothing_is_noted(do, hall, cast, sign_in):
    with time_machine.travel(hall.ends_at, tick=False):
        chen = sign_in(cast.chen)
        content = chen.get(f"/sessions/{hall.id}/sheet.xlsx").data
        answer = upload(
            chen, hall, filled(content, {"王桂兰": ("08:50", None), "李敏": ("来", None)})
        )
    assert answer.status_code == 422
    assert "第 3 行" in answer.text or "第 2 行" in answer.text
    assert do(facts) == []


def test_after_the_close_it_needs_a_reason_and_is_counted_again(do, hall, cast, sign_in):
    do(close, hall, cast)
    with time_machine.travel(hall.ends_at + timedelta(hours=1), tick=False):
        chen = sign_in(cast.chen)
        content = filled(
            chen.get(f"/sessions/{hall.id}/sheet.xlsx").data, {"王桂兰": ("08:50", "")}
        )
        assert upload(chen, hall, content).status_code == 422
        assert do(facts) == []
        assert upload(chen, hall, content, reason="纸面签到表补录").status_code == 303
    assert do(hours_in_year, cast.wang, 2026)["professional"] == 80


def test_what_is_no_sheet_is_refused(hall, cast, sign_in):
    chen = sign_in(cast.chen)
    empty = io.BytesIO()
    Workbook().save(empty)
    for content in (b"", b"PK\x03\x04 broken", empty.getvalue()):
        assert upload(chen, hall, content).status_code == 422


def test_the_roster_for_the_printer_has_everybody_with_a_place(hall, cast, sign_in):
    page = sign_in(cast.chen).get(f"/sessions/{hall.id}/roster").text
    assert "王桂兰" in page
    assert "李敏" in page
    assert "签到时间和签名" in page
    assert "赵秀英" not in page


def facts():
    query = select(AttendanceFact.kind, AttendanceFact.method)
    return sorted(tuple(row) for row in session().execute(query))
