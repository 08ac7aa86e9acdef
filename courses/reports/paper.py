"""The report as a PDF: Typst, the font of the certificates, charts drawn as bars."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst
from flask_babel import gettext as _

from certificates.api import paper_fonts
from courses.compliance.totals import Totals
from courses.reports.queries import Line, YearReport
from lms.core.i18n import show_date, show_time

_SHEET = (Path(__file__).parent / "report.typ").read_text(encoding="utf-8")
#: archival with tags; the stub wants its own invariant list type
STANDARDS: Any = ["a-2b"]


def printed(report: YearReport, place: str, now: datetime) -> bytes:
    """The report of ``place`` as PDF/A-2b; the same figures and moment give the same bytes."""
    data = {
        "title": _("%(year)s 年集中培训情况", year=report.year),
        "place": place,
        # A report of the past says the same whenever it is printed.
        "made": "" if report.asked else _("制表：%(at)s", at=show_time(now)),
        "counted": asked_words(report),
        "rule": f"{report.rule} · {report.source}",
        "tiles": _tiles(report.totals),
        "forecast": forecast_words(report),
        "months": [[_("%(n)s月", n=month), count] for month, count in report.months],
        "months_title": _("各月完成人数"),
        "tables": [
            {"title": title, "head": _head(first), "rows": [_row(line) for line in lines]}
            for title, first, lines in (
                (_("按岗位"), _("岗位"), report.posts),
                (_("按等级"), _("等级"), no_rung(report.rungs)),
                (_("按地区（完成率低的在前）"), _("地区"), report.places),
                (homes_title(report), _("单位"), report.homes),
            )
            if lines
        ],
    }
    compiler = typst.Compiler(font_paths=paper_fonts(), ignore_system_fonts=True)
    files: Any = {"main.typ": _SHEET.encode()}
    drawn = compiler.compile(
        input=files,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=STANDARDS,
        timestamp=now.astimezone(UTC).replace(microsecond=0),
    )
    return drawn[0] if isinstance(drawn, list) else drawn or b""


def forecast_words(report: YearReport) -> str:
    """The forecast as a sentence, with how it was reckoned; empty when there is none."""
    found = report.forecast
    if found is None:
        return ""
    return _(
        "照近 %(days)s 天完成 %(pace)s 人的速度，到期限还有 %(left)s 天，"
        "预计再完成 %(expected)s 人，还有 %(missing)s 人完不成。",
        days=found.days, pace=found.pace, left=found.left, expected=found.expected,
        missing=found.missing,
    )  # fmt: skip


def asked_words(report: YearReport) -> str:
    """What the figures are: of a day as known at a moment, or since when they hold."""
    if report.asked is not None:
        on, known = report.asked
        return _("%(on)s 的情况，按 %(known)s 已知的记录", on=show_date(on), known=show_time(known))
    return _("数据截至：%(at)s", at=show_time(report.moment)) if report.moment else ""


def no_rung(lines: list[Line]) -> list[Line]:
    """Lines by rung, with words for those who hold none."""
    return [line if line.label else replace(line, label=_("没有等级证书")) for line in lines]


def homes_title(report: YearReport) -> str:
    """What the table of homes shows."""
    return _("按单位") if report.homes_all else _("未完成人数最多的单位")


def _tiles(t: Totals) -> list[list[str]]:
    return [
        [_("应参加"), str(t.owing)], [_("已完成"), f"{t.done}（{t.percent}%）"],
        [_("已安排"), str(t.scheduled)], [_("尚未参加"), str(t.at_risk)],
        [_("未完成"), str(t.missed)], [_("免修"), str(t.exempt)],
    ]  # fmt: skip


def _head(first: str) -> list[str]:
    return [first, _("应参加"), _("已完成"), _("占比"), _("还没完成"), _("免修")]


def _row(line: Line) -> list[str]:
    t = line.totals
    return [line.label, str(t.owing), str(t.done), f"{t.percent}%", str(t.not_done), str(t.exempt)]


def file_name(report: YearReport, place: str) -> str:
    """The name of a download, without an ending."""
    return _("%(place)s%(year)s年集中培训情况", place=place, year=report.year)
