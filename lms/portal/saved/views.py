"""Saved views: keeping, opening, sharing, having them sent."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import blame
from lms.core.uow import unit_of_work
from lms.people.api import full_name, organisation_card
from lms.portal.saved import operations, queries
from lms.portal.saved.forms import ViewForm
from lms.portal.saved.lists import LISTS, address
from lms.portal.saved.models import SavedView
from lms.portal.saved.operations import Draft
from lms.portal.saved.policy import VIEW_DROP, VIEW_OPEN, VIEWS_USE, unit_of

bp = Blueprint("saved", __name__, url_prefix="/views")
RHYTHM_LABELS = {"never": _l("不发送"), "weekly": _l("每周一"), "monthly": _l("每月一日")}


@bp.get("")
@requires(VIEWS_USE)
def page() -> ResponseReturnValue:
    """What I may open."""
    return render_template(
        "portal/views.html", rows=queries.views_of(acting()), rhythms=RHYTHM_LABELS
    )


@bp.get("/new")
@requires(VIEWS_USE)
def new() -> ResponseReturnValue:
    """Name the list that is to be saved."""
    query = request.query_string.decode()
    form = ViewForm(data={"of": request.args.get("of", ""), "query": query[:1000]})
    return _form(form)


@bp.post("")
@requires(VIEWS_USE)
def save() -> ResponseReturnValue:
    """Save it."""
    form = ViewForm()
    if not form.sent():
        return _form(form), 422
    draft = Draft(form.of.data or "", form.query.data or "", form.name.data or "", form.shared.data)
    try:
        with unit_of_work():
            operations.save(draft, acting(), clock.now())
    except DomainError as error:
        blame(form.name, error)
        return _form(form), error.status
    flash(_("视图已保存。"), "success")
    return redirect(url_for("saved.page"), 303)


@bp.get("/<int:view_id>")
@requires(VIEW_OPEN)
def show(view_id: int) -> ResponseReturnValue:
    """Open the list with its filter, as far as I may see it now."""
    view = _view(view_id)
    return redirect(address(view.kind, view.query, acting()))


@bp.get("/<int:view_id>/file.<any(csv, xlsx, pdf):kind>")
@requires(VIEW_OPEN)
def file(view_id: int, kind: str) -> ResponseReturnValue:
    """Its file, made now and for me."""
    view = _view(view_id)
    if kind not in LISTS[view.kind].files:
        raise NotFound(action=VIEW_OPEN.name)
    return redirect(address(view.kind, view.query, acting(), kind))


@bp.post("/<int:view_id>/sending")
@requires(VIEW_OPEN)
def send(view_id: int) -> ResponseReturnValue:
    """Have it sent to me, or no longer."""
    view = _view(view_id)
    try:
        with unit_of_work():
            operations.order(view, request.form.get("rhythm", ""), acting(), clock.now())
    except DomainError as error:
        flash(str(error), "danger")
        return redirect(url_for("saved.page"), 303)
    flash(_("已记下。到时候首页的“消息”里有链接。"), "success")
    return redirect(url_for("saved.page"), 303)


@bp.post("/<int:view_id>/drop")
@requires(VIEW_DROP)
def drop(view_id: int) -> ResponseReturnValue:
    """Put my own view away."""
    view = operations.view_of(view_id)
    VIEW_DROP.ensure(acting(), view)
    with unit_of_work():
        operations.drop(view, acting(), clock.now())
    flash(_("视图“%(name)s”已删去。", name=view.name), "success")
    return redirect(url_for("saved.page"), 303)


def _view(view_id: int) -> SavedView:
    """The view, when I may open it."""
    view = operations.view_of(view_id)
    VIEW_OPEN.ensure(acting(), view)
    return view


def _form(form: ViewForm) -> str:
    if form.of.data not in LISTS:
        raise NotFound(action=VIEWS_USE.name)
    organisation_id, region = unit_of(acting())
    home = organisation_card(organisation_id) if organisation_id is not None else None
    return render_template(
        "portal/view_new.html",
        form=form,
        of=LISTS[form.of.data],
        unit=home.name if home else full_name(region) if region else "",
    )
