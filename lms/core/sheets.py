"""Spreadsheets in: .xlsx and .csv from people we do not know, hostile until proven otherwise.

Nothing is opened by a library before its size, names and extent were checked by a streaming
parser that refuses entities. Writing lives in ``lms.core.exports`` and is offered here too.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from flask_babel import gettext as _
from python_calamine import CalamineError, load_workbook

from lms.core.exports import csv_response, xlsx_response
from lms.core.xlsx import BadSheet, checked_workbook, too_large

MOST_ROWS = 50_000
MOST_COLUMNS = 60
MOST_BYTES = 12 * 1024 * 1024
#: Excel keeps 15 digits of a number; a longer one (an id typed as a number) has lost its tail.
EXACT_NUMBER = 10**15
_OLE = b"\xd0\xcf\x11\xe0"

__all__ = [
    "BadSheet",
    "SheetRow",
    "Table",
    "as_text",
    "csv_response",
    "read_table",
    "xlsx_response",
]

Value = str | int | float | bool | date | None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that holds something; ``number`` is what the spreadsheet shows at its left."""

    number: int
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Table:
    """The first sheet: its first filled row as headings, the filled rows below.

    ``formulas`` are the (row number, column index) of cells that hold a formula.
    """

    headings: tuple[str, ...]
    heading_row: int
    rows: list[SheetRow]
    formulas: frozenset[tuple[int, int]] = field(default_factory=frozenset)


def read_table(data: bytes, filename: str) -> Table:
    """Read an uploaded .xlsx or .csv.

    Raises:
        BadSheet: the file is too large, of another kind, dangerous or damaged.
    """
    if len(data) > MOST_BYTES:
        raise BadSheet(_("文件太大（上限 12 MB），请分成几份上传。"))
    if not data.strip():
        raise BadSheet(_("文件是空的。"))
    name = filename.lower()
    if name.endswith((".xlsm", ".xltm", ".xlsb", ".xlam")):
        raise BadSheet(_("不接收带宏的文件，请另存为 .xlsx 后再上传。"))
    if data.startswith(_OLE) or name.endswith(".xls"):
        raise BadSheet(_("这是旧版 .xls 或加了密码的文件，请另存为不加密的 .xlsx 后再上传。"))
    if data.startswith(b"PK"):
        return _table(*_xlsx_rows(data))
    if name.endswith(".xlsx"):
        raise BadSheet(_("这个文件不是有效的 .xlsx，请用表格软件打开后重新保存。"))
    return _table(*_csv_rows(data))


def as_text(value: Value) -> str:
    """What a cell says, as typed: whole numbers without a point, dates as 2026-11-23."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


Formulas = frozenset[tuple[int, int]]


def _table(numbered: Iterator[tuple[int, list[Value]]], formulas: Formulas) -> Table:
    filled = (
        SheetRow(number, tuple(values))
        for number, values in numbered
        if any(as_text(value) for value in values)
    )
    head = next(filled, None)
    if head is None:
        raise BadSheet(_("表里没有内容。"))
    # A formula without a stored result leaves an empty row; it must be reported all the same.
    rows = list(filled)
    known = {row.number for row in rows} | {head.number}
    rows += [SheetRow(number, ()) for number in {n for n, _column in formulas} - known]
    rows.sort(key=lambda row: row.number)
    headings = tuple(as_text(value) for value in head.values)
    return Table(headings, head.number, rows, formulas)


def _xlsx_rows(data: bytes) -> tuple[Iterator[tuple[int, list[Value]]], Formulas]:
    clean, formulas = checked_workbook(data, MOST_ROWS, MOST_COLUMNS)
    try:
        book = load_workbook(io.BytesIO(clean.content))
        rows = book.get_sheet_by_name(clean.sheet).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, KeyError, OverflowError) as error:
        raise BadSheet(_("文件读不出来，请用表格软件打开后重新保存。")) from error
    except BaseException as error:  # a panic in the reader is not an Exception
        if type(error).__name__ != "PanicException":
            raise
        raise BadSheet(_("文件读不出来，请用表格软件打开后重新保存。")) from error
    numbered = ((n, [_plain(value) for value in row]) for n, row in enumerate(rows, start=1))
    return numbered, formulas


def _plain(value: object) -> Value:
    if isinstance(value, datetime):
        return value.date() if value.time() == datetime.min.time() else value
    if isinstance(value, bool | int | float | date):
        return value
    if isinstance(value, str):
        return value.strip() or None
    return None if value is None else str(value)


def _csv_rows(data: bytes) -> tuple[Iterator[tuple[int, list[Value]]], Formulas]:
    text = _decoded(data)
    if "\0" in text:
        raise BadSheet(_("这不是文本表格，请用 .xlsx 或 .csv。"))
    first = text.lstrip().splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=first.count)
    rows: list[tuple[int, list[Value]]] = []
    formulas: set[tuple[int, int]] = set()
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
            if number > MOST_ROWS + 1 or len(cells) > MOST_COLUMNS:
                raise too_large(MOST_ROWS, MOST_COLUMNS)
            rows.append((number, [cell.strip() or None for cell in cells]))
            formulas |= {(number, n) for n, c in enumerate(cells) if c.lstrip().startswith("=")}
    except csv.Error as error:
        raise BadSheet(_("文件读不出来，请用表格软件打开后重新保存。")) from error
    return iter(rows), frozenset(formulas)


def _decoded(data: bytes) -> str:
    """UTF-8 first, then the encodings that Chinese spreadsheets save in."""
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ()
    for encoding in (*encodings, "utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadSheet(_("认不出文件的文字编码，请另存为 .xlsx 后再上传。"))
