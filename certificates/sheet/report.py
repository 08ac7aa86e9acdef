"""The report: one line for each line of the sheet, as texts and dates a spreadsheet cannot run."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime

from flask_babel import gettext as _

from certificates.rules import Status
from certificates.sheet.answering import Found
from certificates.words import KIND_WORDS, STATUS_WORDS

Row = list[object]


def headings(on: date | None) -> list[str]:
    """The headings, with a column for the day if one was asked about."""
    told = [
        _("行号"), _("证书编号或查验码"), _("状态"), _("持证人"), _("证书编号"), _("证书种类"),
        _("等级"), _("发证日期"), _("有效期至"), _("查询时间"),
    ]  # fmt: skip
    return told if on is None else [*told, _("%(day)s 当天", day=on.isoformat())]


def rows(
    found: Iterable[Found], now: datetime, on: date | None, may_try: Callable[[str], bool]
) -> Iterator[Row]:
    """The lines of the report. ``may_try`` spends a try at a certificate's holder, which a wrong
    one costs; when there is none left, that line is not answered."""
    for answer in found:
        line, row = answer.asked, answer.certificate
        tried = line.number or (row.number if row else line.typed)
        wrong = bool(line.holder) and not answer.holder_fits
        if wrong and not may_try(tried):
            yield _told(answer, _("持证人试错太多，请过一小时再查"), now, None)
        elif row is None:
            absent = _("查无此证") if line.code else _("查无此证，或持证人不符")
            yield _told(answer, absent, now, None if on is None else _("无效"))
        else:
            then = None if on is None else (_("有效") if answer.valid_then else _("无效"))
            yield _told(answer, str(STATUS_WORDS[answer.status][0]), now, then)


def _told(answer: Found, status: str, now: datetime, then: str | None) -> Row:
    row = answer.certificate
    shown = row is not None and answer.status is not Status.DAMAGED
    line: Row = [answer.asked.row, answer.asked.typed, status, _holder(answer)]
    if row is None or not shown:
        line += ["", "", "", "", ""]
    else:
        line += [
            row.number, str(KIND_WORDS[row.kind]), answer.grade or "", row.issued_on,
            row.valid_to or _("长期有效"),
        ]  # fmt: skip
    return [*line, now, *([] if then is None else [then])]


def _holder(answer: Found) -> str:
    if answer.holder_fits is None:
        return _("未核对")
    return _("相符") if answer.holder_fits else _("不符")
