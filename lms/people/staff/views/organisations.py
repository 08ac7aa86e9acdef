"""Homes, bases and authorities within scope; a home's beds and residents."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lms.core.access import Actor, acting, requires
from lms.core.errors import NotFound
from lms.core.sheets import csv_response, xlsx_response
from lms.core.uow import unit_of_work
from lms.people.models import ORGANISATION_KINDS
from lms.people.queries import OrganisationCard, organisation_card
from lms.people.regions import full_name
from lms.people.staff import operations
from lms.people.staff.choices import region_choices
from lms.people.staff.forms import PlaceFilterForm, PlaceForm
from lms.people.staff.paging import asked_page, here, page_of
from lms.people.staff.policy import KEEP_ORGANISATION, SEE_ORGANISATIONS
from lms.people.staff.queries import (
    EXPORT_LIMIT,
    PAGE,
    PlaceRow,
    places_page,
    staff_by_post,
    staff_counts,
)
from lms.people.staff.texts import kind_labels, post_table

bp = Blueprint("organisations", __name__, url_prefix="/organisations")


@bp.get("")
@requires(SEE_ORGANISATIONS)
def page() -> ResponseReturnValue:
    """The list."""
    number = asked_page()
    rows, total = _rows((number - 1) * PAGE, PAGE)
    return render_template(
        "people/organisations.html",
        rows=rows, listed=page_of(number, total, PAGE), form=_filters(acting()),
        active=sum(1 for key in ("name", "kind", "region") if request.args.get(key)),
        kinds=kind_labels(), full_name=full_name,
        csv_url=here("organisations.as_csv"), xlsx_url=here("organisations.as_xlsx"),
    )  # fmt: skip


@bp.get("/export.csv")
@requires(SEE_ORGANISATIONS)
def as_csv() -> Response:
    """The list as CSV."""
    return csv_response(_("机构名单"), *_export())


@bp.get("/export.xlsx")
@requires(SEE_ORGANISATIONS)
def as_xlsx() -> Response:
    """The list as a workbook."""
    return xlsx_response(_("机构名单"), *_export())


@bp.get("/<int:organisation_id>")
@requires(SEE_ORGANISATIONS)
def show(organisation_id: int) -> ResponseReturnValue:
    """One organisation."""
    card = _card(organisation_id)
    SEE_ORGANISATIONS.ensure(acting(), card)
    return render_template(
        "people/organisation.html",
        card=card, kinds=kind_labels(), where=full_name(card.region),
        staff=staff_counts([card.id]).get(card.id, 0),
        by_post=post_table(staff_by_post(card.id)), keep=KEEP_ORGANISATION,
    )  # fmt: skip


@bp.route("/<int:organisation_id>/edit", methods=["GET", "POST"])
@requires(KEEP_ORGANISATION)
def edit(organisation_id: int) -> ResponseReturnValue:
    """Bring beds, residents and address up to date."""
    card = _card(organisation_id)
    KEEP_ORGANISATION.ensure(acting(), card)
    form = PlaceForm(beds=card.beds, residents=card.residents, address=card.address)
    if form.sent():
        with unit_of_work():
            operations.keep_organisation(
                card.id, form.beds.data or 0, form.residents.data or 0, form.address.data or "",
                acting(),
            )  # fmt: skip
        flash(_("已更新。"), "success")
        return redirect(url_for("organisations.show", organisation_id=card.id), 303)
    status = 422 if form.errors else 200
    return render_template("people/organisation_edit.html", card=card, form=form), status


def _card(organisation_id: int) -> OrganisationCard:
    card = organisation_card(organisation_id)
    if card is None:
        raise NotFound
    return card


def _rows(offset: int, limit: int) -> tuple[list[PlaceRow], int]:
    args = request.args
    region = args.get("region", "")
    kind = args.get("kind", "")
    return places_page(
        acting(), args.get("name", "").strip()[:60],
        kind if kind in ORGANISATION_KINDS else "",
        region if region.isdecimal() and region.isascii() else "",
        offset, limit,
    )  # fmt: skip


def _filters(actor: Actor) -> PlaceFilterForm:
    form = PlaceFilterForm(request.args)
    form.kind.choices = [("", _("全部")), *kind_labels().items()]
    form.region.choices = [("", _("全部")), *region_choices(actor)]
    return form


def _export() -> tuple[list[str], list[list[object]]]:
    rows, _total = _rows(0, EXPORT_LIMIT)
    kinds = kind_labels()
    headings = [
        _("名称"), _("统一社会信用代码"), _("类别"), _("地区"), _("床位数"), _("在住老人数"),
        _("在职人数"), _("特困供养"), _("地址"),
    ]  # fmt: skip
    return headings, [
        [
            row.card.name, row.card.credit_code, kinds[row.card.kind], full_name(row.card.region),
            row.card.beds, row.card.residents, row.staff,
            _("是") if row.card.for_destitute else "", row.card.address,
        ]
        for row in rows
    ]  # fmt: skip
