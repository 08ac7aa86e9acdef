"""HR's and officers' list: who has finished onboarding and this year's refresher."""

from collections.abc import Iterable
from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from courses.enrolment.policy import PROGRESS
from courses.enrolment.progress import (
    ROLES,
    STATES,
    ProgressFilter,
    ProgressLine,
    audiences,
    progress_lines,
    progress_page,
    progress_query,
)
from courses.enrolment.wording import PROGRESS_LABELS
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.paging import Page, page_number, with_filters
from lms.core.sheets import csv_response, xlsx_response
from lms.people.api import all_regions, full_name, organisation_cards, post_labels

bp = Blueprint("training", __name__, url_prefix="/training")
SIZE = 50


@bp.get("")
@requires(PROGRESS)
def page() -> ResponseReturnValue:
    """The list, with its filters in the address."""
    today = clock.today()
    wanted = _wanted()
    number = page_number()
    meant_for = audiences(today.year)
    query = progress_query(acting(), wanted, today, meant_for)
    total, lines = progress_page(query, meant_for, number, SIZE)
    homes = organisation_cards(acting().organisations(*ROLES))
    return render_template(
        "courses/training.html",
        page=Page(lines, number, total, SIZE),
        wanted=wanted,
        active=sum(1 for value in request.args.values() if value and value != "1"),
        year=today.year,
        posts=post_labels(clock.today()),
        homes=sorted(homes.values(), key=lambda home: home.id),
        regions=_regions(),
        region_name=full_name,
        state_names=PROGRESS_LABELS,
        states=STATES,
        csv_url=with_filters(url_for(".export", form="csv")),
        xlsx_url=with_filters(url_for(".export", form="xlsx")),
    )


@bp.get("/export.<form>")
@requires(PROGRESS)
def export(form: str) -> ResponseReturnValue:
    """Everything the filters find, as a spreadsheet."""
    today = clock.today()
    meant_for = audiences(today.year)
    lines = progress_lines(progress_query(acting(), _wanted(), today, meant_for), meant_for)
    headings = [
        _("姓名"), _("用人单位"), _("地区"), _("岗位"), _("入职日期"), _("岗前培训"),
        _("岗前培训完成日期"), _("%(year)s 年度复训", year=today.year), _("年度复训完成日期"),
    ]  # fmt: skip
    write = xlsx_response if form == "xlsx" else csv_response
    return write(f"training-{today.isoformat()}", headings, _rows(lines))


def _rows(lines: Iterable[ProgressLine]) -> Iterable[list[object]]:
    posts, states = post_labels(clock.today()), PROGRESS_LABELS
    for line in lines:
        yield [
            line.name, line.organisation, full_name(line.region), posts.get(line.post, line.post),
            line.started_on, str(states[line.onboarding]), _day(line.onboarding_at),
            str(states[line.refresher]), _day(line.refresher_at),
        ]  # fmt: skip


def _day(moment: datetime | None) -> object:
    return clock.local_date(moment) if moment else ""


def _wanted() -> ProgressFilter:
    args = request.args
    region = args.get("region", "")
    return ProgressFilter(
        text=args.get("q", "").strip()[:30],
        organisation_id=args.get("home", type=int),
        region=region if region in all_regions() else "",
        post=args.get("post", "")[:30],
        onboarding=_state(args.get("onboarding", "")),
        refresher=_state(args.get("refresher", "")),
    )


def _state(value: str) -> str:
    return value if value in STATES else ""


def _regions() -> list[tuple[str, str]]:
    prefixes = acting().regions(*ROLES)
    return [
        (code, full_name(code))
        for code in all_regions()
        if any(code.startswith(prefix) for prefix in prefixes)
    ]
