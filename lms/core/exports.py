"""Spreadsheets out: what a list shows, as .csv or .xlsx, with nothing that a program would run."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import PurePath
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO
from urllib.parse import quote

import xlsxwriter
from flask import Response
from xlsxwriter.worksheet import Worksheet

from lms.core.clock import SHANGHAI

#: What a spreadsheet may take for a formula; some take the wide signs too.
_LEADING = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
_IN_MEMORY = 4 * 1024 * 1024
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cells = Sequence[object]


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_LEADING) else text


def csv_response(name: str, headings: Cells, rows: Iterable[Cells]) -> Response:
    """A download ``name.csv`` in UTF-8 with the mark by which Excel knows it."""
    out: IO[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when sent
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    write_csv(text, headings, rows)
    text.detach()
    return _download(out, f"{name}.csv", CSV_TYPE)


def write_csv(out: IO[str], headings: Cells, rows: Iterable[Cells]) -> None:
    """Write a table as CSV."""
    writer = csv.writer(out)
    writer.writerow([_csv_value(value) for value in headings])
    for row in rows:
        writer.writerow([_csv_value(value) for value in row])


def xlsx_response(
    name: str, headings: Cells, rows: Iterable[Cells], notes: Sequence[Cells] = ()
) -> Response:
    """A download ``name.xlsx``; ``notes`` go to a second sheet."""
    out = TemporaryFile()  # noqa: SIM115 - closed when sent
    write_xlsx(out, headings, rows, notes)
    return _download(out, f"{name}.xlsx", XLSX_TYPE)


def write_xlsx(
    out: IO[bytes],
    headings: Cells,
    rows: Iterable[Cells],
    notes: Sequence[Cells] = (),
    created: datetime | None = None,
) -> None:
    """Write a table as a workbook, row by row, in memory that does not grow with it. The same
    table and ``created`` give the same bytes."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    book = xlsxwriter.Workbook(out, options)
    if created is not None:
        book.set_properties({"created": created.astimezone(UTC)})
    _write_sheet(book, "数据", headings, rows)
    if notes:
        _write_sheet(book, "填写说明", notes[0], notes[1:])
    book.close()


def _write_sheet(
    book: xlsxwriter.Workbook, title: str, headings: Cells, rows: Iterable[Cells]
) -> None:
    bold = book.add_format({"bold": True, "bg_color": "#F2EDE4", "border": 1})
    sheet = book.add_worksheet(title)
    # Columns are text, so that ids typed into a template keep all their digits.
    sheet.set_column(0, max(len(headings) - 1, 0), 22, book.add_format({"num_format": "@"}))
    sheet.freeze_panes(1, 0)
    for column, value in enumerate(headings):
        sheet.write_string(0, column, str(value), bold)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _put(sheet, number, column, value)


def _put(sheet: Worksheet, row: int, column: int, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float | date):
        sheet.write_string(row, column, str(value))
    elif isinstance(value, datetime):
        sheet.write_string(row, column, _moment(value))
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime.combine(value, time()))
    else:
        sheet.write_number(row, column, value)


def _csv_value(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return _moment(value)
    return value.isoformat() if isinstance(value, date) else harmless(str(value))


def _moment(value: datetime) -> str:
    return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _download(out: IO[bytes], filename: str, media_type: str) -> Response:
    length = out.seek(0, io.SEEK_END)
    response = Response(_pour(out), mimetype=media_type)
    response.content_length = length
    response.headers["Content-Disposition"] = (
        f'attachment; filename="export{PurePath(filename).suffix}"; '
        f"filename*=UTF-8''{quote(filename)}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _pour(out: IO[bytes]) -> Iterator[bytes]:
    with out:
        out.seek(0)
        while block := out.read(64 * 1024):
            yield block
