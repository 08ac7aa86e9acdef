"""Spreadsheets from strangers: read when honest, refused in plain words when not, never a crash."""

import contextlib
import csv
import io
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.core.exports import csv_response, harmless, write_csv, write_xlsx, xlsx_response
from lms.core.sheets import BadSheet, Table, as_text, read_table

HEADINGS = ("姓名", "证件号码", "入职日期")
LENIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
pytestmark = pytest.mark.usefixtures("app")


def workbook(*rows, formula=None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if formula:
        book.active[formula] = "=1+1"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_parts(base: bytes, **parts: bytes) -> bytes:
    """``base`` with some parts replaced or added; names written with ``__`` for ``/``."""
    out = io.BytesIO()
    wanted = {name.replace("__", "/").replace("_xml", ".xml"): p for name, p in parts.items()}
    with zipfile.ZipFile(io.BytesIO(base)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for entry in old.infolist():
            if entry.filename not in wanted:
                new.writestr(entry.filename, old.read(entry))
        for name, content in wanted.items():
            new.writestr(name, content)
    return out.getvalue()


def sheet(cells: str) -> bytes:
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    ).encode()


def read(data: bytes, name: str = "名单.xlsx") -> Table:
    return read_table(data, name)


def test_row_numbers_are_those_the_spreadsheet_shows():
    table = read(
        workbook((), HEADINGS, ("王桂兰", "1", None), (), ("李敏", "2", date(2026, 11, 23)))
    )
    assert table.headings == HEADINGS
    assert table.heading_row == 2
    assert [row.number for row in table.rows] == [3, 5]
    assert table.rows[1].values[2] == date(2026, 11, 23)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_the_encodings_offices_use(encoding, delimiter):
    text = f"姓名{delimiter}证件号码\n王桂兰{delimiter}14010519680312404X\n\n李敏{delimiter}2\n"
    table = read(text.encode(encoding), "名单.csv")
    assert table.headings == ("姓名", "证件号码")
    assert [(row.number, row.values[0]) for row in table.rows] == [(2, "王桂兰"), (4, "李敏")]


def test_formula_cells_are_told_by_row_and_column():
    assert read(workbook(HEADINGS, ("a", "b", "c"), formula="B2")).formulas == {(2, 1)}
    assert read(workbook(HEADINGS, ("a", "b", "c"), formula="C9")).formulas == {(9, 2)}
    assert read(b"a,b\n1,=cmd|'/c calc'!A0\n", "x.csv").formulas == {(2, 1)}


def test_numbers_keep_their_digits_and_dates_stay_dates():
    table = read(workbook(("n",), (13800000001,), (1.5,), (True,)))
    assert [as_text(row.values[0]) for row in table.rows] == ["13800000001", "1.5", "TRUE"]


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"", "a.xlsx", "空的"),
        (b" \n\n", "a.csv", "空的"),
        (b"PK\x03\x04broken", "a.xlsx", "已损坏"),
        (b"plain", "a.xlsx", "不是有效的"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "a.xls", "旧版"),
        (b"PK", "a.xlsm", "宏"),
        (b"a,b\x00c\n1,2", "a.csv", "不是文本"),
        (b"\xff" * 50, "a.csv", "编码"),
        (b"x" * (12 * 1024 * 1024 + 1), "a.csv", "太大"),
        (b",".join([b"h"] * 61), "a.csv", "60 列"),
        (b"a\n" * 50_002, "a.csv", "50000 行"),
    ],
)
def test_what_cannot_be_read_is_refused_in_plain_words(data, name, told):
    with pytest.raises(BadSheet) as refusal:
        read(data, name)
    assert told in str(refusal.value)


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    "parts",
    [
        {"xl__vbaProject.bin": b"x"},
        {"xl__macrosheets__sheet1_xml": b"<x/>"},
        {"xl__sharedStrings_xml": ENTITIES},
        {"xl__styles_xml": b"<broken"},
        {"xl__workbook_xml": b"<workbook/>"},
        {"xl__worksheets__sheet1_xml": sheet('<row r="1"><c r="XFD1048576"/></row>')},
        {"xl__worksheets__sheet1_xml": sheet('<row r="1"><c r="a1"/></row>')},
        {"xl__worksheets__sheet1_xml": sheet('<row r="x"><c/></row>')},
        {"xl__worksheets__sheet1_xml": sheet('<row r="60001"><c><v>1</v></c></row>')},
        {"xl__worksheets__sheet1_xml": b'<?xml version="1.0" encoding="cp037"?><worksheet/>'},
        {"..__evil_xml": b"<x/>"},
        {"__etc__x": b"<x/>"},
        {"xl__worksheets__sheet1_xml": sheet(" " * 120_000_000)},
    ],
)
def test_dangerous_workbooks_are_refused_before_a_reader_opens_them(parts):
    with pytest.raises(BadSheet):
        read(with_parts(workbook(HEADINGS), **parts))


def test_a_workbook_with_very_many_entries_is_refused():
    extra = {f"xl__media__{n}": b"x" for n in range(400)}
    with pytest.raises(BadSheet):
        read(with_parts(workbook(HEADINGS), **extra))


def test_only_the_first_visible_sheet_is_read():
    book = openpyxl.Workbook()
    book.active.append(("hidden",))
    book.active.sheet_state = "hidden"
    book.create_sheet("名单").append(("shown",))
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue()).headings == ("shown",)


ORDINARY = workbook(HEADINGS, ("王桂兰", "1", date(2026, 1, 2)))


@LENIENT
@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.xlsx", "a.txt"]))
def test_any_bytes_give_a_table_or_a_refusal(data, name):
    with contextlib.suppress(BadSheet):
        read(data, name)


@LENIENT
@given(st.data())
def test_a_flipped_byte_gives_a_table_or_a_refusal(data):
    content = bytearray(ORDINARY)
    flip(data, content)
    with contextlib.suppress(BadSheet):
        read(bytes(content))


@LENIENT
@given(st.data())
def test_a_flipped_byte_inside_the_sheet_gives_a_table_or_a_refusal(data):
    with zipfile.ZipFile(io.BytesIO(ORDINARY)) as archive:
        inner = bytearray(archive.read("xl/worksheets/sheet1.xml"))
    flip(data, inner)
    with contextlib.suppress(BadSheet):
        read(with_parts(ORDINARY, xl__worksheets__sheet1_xml=bytes(inner)))


def flip(data, content: bytearray) -> None:
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))


CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cn")),
    min_size=1,
    max_size=20,
)


@LENIENT
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_is_written_as_a_workbook_is_read_back(rows):
    out = io.BytesIO()
    write_xlsx(out, HEADINGS, rows)
    table = read(out.getvalue())
    assert [list(row.values) for row in table.rows] == rows
    assert table.formulas == frozenset()


@LENIENT
@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=5))
def test_no_written_csv_cell_can_run(rows):
    out = io.StringIO()
    write_csv(out, ("a", "b"), rows)
    for read_row, row in zip(list(csv.reader(io.StringIO(out.getvalue())))[1:], rows, strict=True):
        for cell, value in zip(read_row, row, strict=True):
            assert cell[0] not in "=+-@\t"
            assert cell in {value, "'" + value}


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM", "＝1+1", "＠SUM", "\tx", "\rx"])
def test_text_that_looks_like_a_formula_stays_text(text):
    assert harmless(text) == "'" + text


def test_downloads_are_named_and_not_kept(app):
    with app.test_request_context():
        answer = csv_response("人员", ("姓名",), [("=1",), (None,), (date(2026, 1, 2),)])
        assert answer.get_data().decode("utf-8-sig").split() == ["姓名", "'=1", '""', "2026-01-02"]
        assert answer.headers["Cache-Control"] == "no-store"
        book = xlsx_response("人员", ("姓名", "n"), [("=1", 3)], [("说明",), ("一",)])
        loaded = openpyxl.load_workbook(io.BytesIO(book.get_data()))
    assert loaded.sheetnames == ["数据", "填写说明"]
    assert loaded["数据"]["A2"].data_type == "s"
    assert loaded["数据"]["B2"].value == 3
