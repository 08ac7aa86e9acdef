"""The yearly report of a region: on the page, as PDF, as a workbook."""

from urllib.parse import quote

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from courses.compliance.views.officer import words
from courses.reports import paper, queries
from courses.reports.policy import REPORT_SEE, RegionScope
from courses.reports.queries import YearReport
from lms.core import clock
from lms.core.access import Role, acting, requires
from lms.core.errors import NotFound
from lms.core.exports import xlsx_response
from lms.people.api import all_regions, full_name, post_labels

bp = Blueprint("reports", __name__, url_prefix="/reports/central")


@bp.get("")
@requires(REPORT_SEE)
def mine() -> ResponseReturnValue:
    """The report of my own region."""
    widest = min(acting().regions(Role.OFFICER), key=len)
    return redirect(url_for("reports.page", region=widest or "14", year=_year()))


@bp.get("/<region>")
@requires(REPORT_SEE)
def page(region: str) -> ResponseReturnValue:
    """The report on the page."""
    report = _report(region)
    above = region[:-2] if len(region) > 2 else ""
    return render_template(
        "courses/reports/year.html",
        report=report,
        place=full_name(region),
        above=above if above and REPORT_SEE.may(acting(), RegionScope(above)) else "",
        forecast=paper.forecast_words(report),
        months=[(_("%(n)s月", n=month), count) for month, count in report.months],
        years=[clock.today().year - back for back in range(3)],
        **words(),
    )


@bp.get("/<region>/report.pdf")
@requires(REPORT_SEE)
def printable(region: str) -> ResponseReturnValue:
    """The report to print."""
    report, place = _report(region), full_name(region)
    answer = make_response(paper.printed(report, place, clock.now()))
    answer.content_type = "application/pdf"
    name = quote(f"{paper.file_name(report, place)}.pdf")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/<region>/report.xlsx")
@requires(REPORT_SEE)
def workbook(region: str) -> ResponseReturnValue:
    """The tables of the report in one sheet, what they rest on in another."""
    report, place = _report(region), full_name(region)
    headings = [_("分类"), _("名称"), _("应参加"), _("已完成"), _("完成率"), _("已安排"),
                _("尚未参加"), _("未完成"), _("免修")]  # fmt: skip
    tables = (
        (_("合计"), [queries.Line(place, report.totals)]), (_("按岗位"), report.posts),
        (_("按地区"), report.places), (_("按单位"), report.homes),
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
        [_("预测"), paper.forecast_words(report)],
        *months,
    ]
    return xlsx_response(paper.file_name(report, place), headings, rows, notes)


def _report(region: str) -> YearReport:
    if region != "14" and region not in all_regions():
        raise NotFound(action=REPORT_SEE.name)
    REPORT_SEE.ensure(acting(), RegionScope(region))
    today = clock.today()
    return queries.year_report(region, _year(), today, post_labels(today))


def _year() -> int:
    today = clock.today()
    year = request.args.get("year", today.year, type=int)
    return year if today.year - 5 <= year <= today.year else today.year
