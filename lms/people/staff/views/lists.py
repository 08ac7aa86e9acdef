"""The staff list: narrowed, sorted, paged, exported exactly as shown."""

import logging

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import Invalid
from lms.core.ladder import Rung
from lms.core.sheets import csv_response, xlsx_response
from lms.core.web import limiter
from lms.people.accounts.texts import STATUS_LABELS
from lms.people.posts import post_labels
from lms.people.rosters.policy import IMPORT_ROSTER
from lms.people.staff.choices import region_choices
from lms.people.staff.forms import FindForm, StaffFilterForm
from lms.people.staff.paging import asked_page, here, page_of, sort_column
from lms.people.staff.policy import SEE_STAFF
from lms.people.staff.queries import (
    COUNT_LIMIT,
    EXPORT_LIMIT,
    PAGE,
    SORTS,
    StaffFilter,
    StaffRow,
    count_up_to,
    find_exact,
    homes_visible_to,
    staff_page,
    staff_query,
)

log = logging.getLogger("lms.exports")
bp = Blueprint("staff", __name__, url_prefix="/staff")


@bp.get("")
@requires(SEE_STAFF)
def page() -> ResponseReturnValue:
    """The list."""
    return _list(FindForm())


@bp.post("/find")
@requires(SEE_STAFF)
@limiter.limit("120 per hour")
def find() -> ResponseReturnValue:
    """Look one person up by exact number; posted, so that no number stands in an address."""
    form = FindForm()
    if not form.sent():
        return _list(form), 422
    found = find_exact(form.number.data or "", acting())
    if len(found) == 1:
        return redirect(url_for("staff_person.page", person_id=found[0].id), 303)
    if found:
        return render_template("people/staff_found.html", people=found)
    flash(_("在您的管理范围内没有找到。号码要完整：证件 18 位，手机 11 位。"), "warning")
    return redirect(url_for("staff.page"), 303)


@bp.get("/export.csv")
@requires(SEE_STAFF)
def as_csv() -> Response:
    """The list as CSV."""
    return csv_response(_("人员名单"), *_export())


@bp.get("/export.xlsx")
@requires(SEE_STAFF)
def as_xlsx() -> Response:
    """The list as a workbook."""
    return xlsx_response(_("人员名单"), *_export())


def _list(find_form: FindForm) -> str:
    wanted, form, number = _wanted(), _filters(), asked_page()
    actor, today = acting(), clock.today()
    query = staff_query(wanted, actor, today)
    listed = page_of(number, count_up_to(query), PAGE)
    return render_template(
        "people/staff.html",
        rows=staff_page(query, wanted.sort, (number - 1) * PAGE),
        listed=listed, more=listed.total > COUNT_LIMIT, limit=COUNT_LIMIT, wanted=wanted, form=form,
        find_form=find_form, posts=post_labels(today), rungs=_rungs(), accounts=STATUS_LABELS,
        columns=_columns(wanted.sort), csv_url=here("staff.as_csv"), xlsx_url=here("staff.as_xlsx"),
        may_import=IMPORT_ROSTER,
    )  # fmt: skip


def _wanted() -> StaffFilter:
    """The filters in the address; what makes no sense is left out."""
    args = request.args
    sort = args.get("sort", "name")
    return StaffFilter(
        name=args.get("name", "").strip()[:60],
        home=args.get("home", type=int),
        region=_digits(args.get("region", "")),
        post=args.get("post", "")[:30],
        level=args.get("level", type=int),
        status="left" if args.get("status") == "left" else "current",
        sort=sort if sort.lstrip("-") in SORTS and len(sort) < 12 else "name",
    )


def _digits(text: str) -> str:
    return text if text.isdecimal() and text.isascii() and len(text) in {2, 4, 6} else ""


def _filters() -> StaffFilterForm:
    form = StaffFilterForm(request.args)
    actor = acting()
    anything = [("", _("全部"))]
    form.home.choices = anything + [(str(n), name) for n, name in homes_visible_to(actor)]
    form.region.choices = anything + region_choices(actor)
    form.post.choices = anything + list(post_labels(clock.today()).items())
    form.level.choices = anything + [(str(int(rung)), str(rung.label)) for rung in Rung]
    form.status.choices = [("", _("在职")), ("left", _("已离职"))]
    return form


def _columns(sort: str) -> list[object]:
    return [
        sort_column(_("姓名"), "name", sort),
        _("证件号码"),
        sort_column(_("用人单位"), "home", sort),
        sort_column(_("岗位"), "post", sort),
        _("技能等级"),
        sort_column(_("入职日期"), "started", sort),
        _("账户"),
    ]


def _rungs() -> dict[int, str]:
    return {int(rung): str(rung.label) for rung in Rung}


def _export() -> tuple[list[str], list[list[object]]]:
    wanted, actor, today = _wanted(), acting(), clock.today()
    query = staff_query(wanted, actor, today)
    rows = staff_page(query, wanted.sort, 0, EXPORT_LIMIT + 1)
    if len(rows) > EXPORT_LIMIT:
        raise Invalid(_("一次最多导出 %(n)s 行，请先用筛选缩小范围。", n=EXPORT_LIMIT))
    log.info("export", extra={"person": actor.person_id, "rows": len(rows)})
    posts, rungs = post_labels(today), _rungs()
    headings = [
        _("姓名"), _("证件号码"), _("手机号"), _("用人单位"), _("岗位"), _("技能等级"),
        _("入职日期"), _("离职日期"), _("账户"),
    ]  # fmt: skip
    return headings, [_cells(row, posts, rungs) for row in rows]


def _cells(row: StaffRow, posts: dict[str, str], rungs: dict[int, str]) -> list[object]:
    return [
        row.name, row.id_masked, row.phone_masked, row.home, posts.get(row.post, row.post),
        rungs.get(row.rung or 0, ""), row.started_on, row.ended_on,
        STATUS_LABELS.get(row.account or "", ""),
    ]  # fmt: skip
