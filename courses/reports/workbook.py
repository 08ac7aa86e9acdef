"""The report as a workbook: its tables in one sheet, what they rest on in another. The same
figures and moment give the same bytes."""

import io
from datetime import datetime

from flask_babel import gettext as _

from courses.reports.paper import asked_words, forecast_words, no_rung
from courses.reports.queries import Line, YearReport
from lms.core.exports import write_xlsx


def write_report(report: YearReport, place: str, made: datetime) -> bytes:
    """The workbook of ``place``."""
    headings = [_("分类"), _("名称"), _("应参加"), _("已完成"), _("完成率"), _("已安排"),
                _("尚未参加"), _("未完成"), _("免修")]  # fmt: skip
    tables = (
        (_("合计"), [Line(place, report.totals)]), (_("按岗位"), report.posts),
        (_("按等级"), no_rung(report.rungs)), (_("按地区"), report.places),
        (_("按单位"), report.homes),
    )  # fmt: skip
    rows = [
        [kind, line.label, t.owing, t.done, f"{t.percent}%", t.scheduled, t.at_risk, t.missed,
         t.exempt]
        for kind, lines in tables
        for line in lines
        for t in (line.totals,)
    ]  # fmt: skip
    months: list[list[object]] = [[_("%(n)s月", n=month), count] for month, count in report.months]
    notes: list[list[object]] = [
        [_("依据的规则"), report.rule],
        [_("数据"), asked_words(report)],
        [_("预测"), forecast_words(report)],
        *months,
    ]
    out = io.BytesIO()
    write_xlsx(out, headings, rows, notes, created=made)
    return out.getvalue()
