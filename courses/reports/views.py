"""The yearly report of a region or a home: on the page, as PDF, as a workbook, and as lists."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from courses.compliance import report as flags_report
from courses.compliance.views.officer import words
from courses.reports import paper
from courses.reports.asking import Wanted, refuse_too_much, wanted, year_report
from courses.reports.figures import Scope
from courses.reports.policy import REPORT_HOME, REPORT_SEE
from courses.reports.workbook import write_report
from lms.core import clock
from lms.core.access import Role, acting, requires
from lms.core.errors import NotFound
from lms.people.api import all_regions, full_name, level_of, organisation_card

bp = Blueprint("reports", __name__, url_prefix="/reports/central")
TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


@bp.get("")
@requires(REPORT_SEE)
def mine() -> ResponseReturnValue:
    """The report of my own region."""
    widest = min(acting().regions(Role.OFFICER), key=len)
    return redirect(url_for("reports.page", region=widest or "14", **wanted().args()))


@bp.get("/<region>")
@requires(REPORT_SEE)
def page(region: str) -> ResponseReturnValue:
    """The report on the page."""
    return _draw(_region(region), full_name(region))


@bp.get("/<region>/report.<any(pdf, xlsx):kind>")
@requires(REPORT_SEE)
def document(region: str, kind: str) -> ResponseReturnValue:
    """The report to print, or as a workbook."""
    return _document(_region(region), full_name(region), kind)


@bp.get("/<region>/flags.<any(csv, json):kind>")
@requires(REPORT_SEE)
def known_list(region: str, kind: str) -> ResponseReturnValue:
    """Who was missing on a day, as known at a moment (now, when none is given): what ``lms flags``
    prints, byte for byte."""
    return _list(_region(region), kind)


@bp.get("/homes/<int:organisation_id>")
@requires(REPORT_HOME)
def home(organisation_id: int) -> ResponseReturnValue:
    """The report of one home."""
    scope, name = _home(organisation_id)
    return _draw(scope, name)


@bp.get("/homes/<int:organisation_id>/report.<any(pdf, xlsx):kind>")
@requires(REPORT_HOME)
def home_document(organisation_id: int, kind: str) -> ResponseReturnValue:
    """The report of one home to print, or as a workbook."""
    scope, name = _home(organisation_id)
    return _document(scope, name, kind)


def _draw(scope: Scope, place: str) -> str:
    asked = wanted()
    found = year_report(scope, asked)
    return render_template(
        "courses/reports/year.html",
        report=found,
        asked=asked,
        place=place,
        above=_above(scope, asked),
        address=lambda **changed: _address(scope, asked, **changed),
        list_address=lambda kind: url_for(
            "reports.known_list", region=scope.region, kind=kind, **asked.args()
        ),
        forecast=paper.forecast_words(found),
        months=[(_("%(n)s月", n=month), count) for month, count in found.months],
        years=[clock.today().year - back for back in range(3)],
        now=clock.now().astimezone(clock.SHANGHAI),
        **words(),
    )


def _document(scope: Scope, place: str, kind: str) -> Response:
    asked = wanted()
    found = year_report(scope, asked)
    made = asked.known or clock.now()
    make = paper.printed if kind == "pdf" else write_report
    return _download(make(found, place, made), f"{paper.file_name(found, place)}.{kind}", kind)


def _list(scope: Scope, kind: str) -> Response:
    asked = wanted()
    on, known = asked.past or (clock.today(), clock.now())
    refuse_too_much(scope.region, asked.year, on, known)
    question = flags_report.Asked(asked.year, on, known, scope.region)
    form = flags_report.as_csv if kind == "csv" else flags_report.as_json
    content = form(question, flags_report.lines(question))
    return _download(content.encode(), f"flags-{asked.year}-{scope.region}.{kind}", kind)


def _download(content: bytes, name: str, kind: str) -> Response:
    answer = make_response(content)
    answer.content_type = TYPES[kind]
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _address(scope: Scope, asked: Wanted, kind: str = "", **changed: Any) -> str:
    """This report's address, or its document's, with something of what is asked changed."""
    args = asked.args() | changed | ({"kind": kind} if kind else {})
    if scope.organisation_id is not None:
        where = "reports.home_document" if kind else "reports.home"
        return url_for(where, organisation_id=scope.organisation_id, **args)
    where = "reports.document" if kind else "reports.page"
    return url_for(where, region=scope.region, **args)


def _above(scope: Scope, asked: Wanted) -> str:
    """The address of the report one level up, where the reader may see it; else empty."""
    region = scope.region if scope.organisation_id is not None else scope.region[:-2]
    if not region or not REPORT_SEE.may(acting(), Scope(region)):
        return ""
    return url_for("reports.page", region=region, **asked.args())


def _region(region: str) -> Scope:
    scope = Scope(region)
    if region not in all_regions():
        raise NotFound(action=REPORT_SEE.name)
    REPORT_SEE.ensure(acting(), scope)
    return scope


def _home(organisation_id: int) -> tuple[Scope, str]:
    card = organisation_card(organisation_id)
    if card is None or level_of(card.region) != "county":
        raise NotFound(action=REPORT_HOME.name)
    scope = Scope(card.region, organisation_id)
    REPORT_HOME.ensure(acting(), scope)
    return scope, card.name
