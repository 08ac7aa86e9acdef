"""Administrators' pages of roles: who holds what where, granting and taking back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lms.core import clock
from lms.core.access import Actor, Role, acting, requires
from lms.core.errors import DomainError, NotFound
from lms.core.exports import csv_response, xlsx_response
from lms.core.forms import blame, choices
from lms.core.paging import page_number
from lms.core.uow import unit_of_work
from lms.people.accounts import keeper_queries, keeping
from lms.people.accounts.forms import SCOPES, GrantForm, ReasonForm
from lms.people.accounts.policy import GRANT_ROLE, SEE_ACCOUNTS, provinces
from lms.people.accounts.queries import GrantLine
from lms.people.accounts.second_factor import requires_recent_second_factor
from lms.people.regions import all_regions, full_name

bp = Blueprint("roles", __name__, url_prefix="/admin")


@bp.get("/roles")
@requires(SEE_ACCOUNTS)
def page() -> ResponseReturnValue:
    """The roles in force."""
    role, text = _filters()
    found = keeper_queries.grants(acting(), role, text, page_number())
    return render_template("people/roles.html", page=found, role=role, text=text, roles=_roles())


@bp.get("/roles.<any(csv, xlsx):kind>")
@requires(SEE_ACCOUNTS)
def export(kind: str) -> ResponseReturnValue:
    """The filtered list as a spreadsheet."""
    headings = [_("姓名"), _("角色"), _("范围"), _("开始日期"), _("结束日期")]
    rows = [
        [line.person_name, str(line.role.label), line.scope, line.valid_from, line.valid_to]
        for line in keeper_queries.all_grants(acting(), *_filters())
    ]
    respond = csv_response if kind == "csv" else xlsx_response
    return respond(_("角色"), headings, rows)


@bp.get("/accounts/<int:person_id>/grant")
@requires(GRANT_ROLE)
@requires_recent_second_factor
def ask(person_id: int) -> ResponseReturnValue:
    """A form for a new role."""
    shown = _shown(person_id)
    form = _form(acting())
    form.valid_from.data = clock.today()
    return render_template("people/role_grant.html", form=form, shown=shown)


@bp.post("/accounts/<int:person_id>/grant")
@requires(GRANT_ROLE)
@requires_recent_second_factor
def grant(person_id: int) -> ResponseReturnValue:
    """Grant a role, if the rule lets this actor grant it there."""
    shown, actor, form = _shown(person_id), acting(), _form(acting())
    sent = form.sent()
    organisation_id, region = _scope(form) if sent else (None, None)
    if not sent or form.errors:
        return render_template("people/role_grant.html", form=form, shown=shown), 422
    role = Role(form.role.data)
    GRANT_ROLE.ensure(actor, keeping.target_of(person_id, role, region, organisation_id))
    try:
        with unit_of_work():
            keeping.grant_role(
                person_id, role, actor, clock.now(), form.valid_from.data,
                organisation_id=organisation_id, region=region, valid_to=form.valid_to.data,
            )  # fmt: skip
    except DomainError as error:
        form.form_errors.append(str(error))
        return render_template("people/role_grant.html", form=form, shown=shown), 422
    flash(_("角色已授予。下次打开页面就生效，并会要求设置两步验证。"), "success")
    return redirect(url_for("accounts.person", person_id=person_id), 303)


@bp.get("/grants/<int:grant_id>/revoke")
@requires(GRANT_ROLE)
@requires_recent_second_factor
def ask_revoke(grant_id: int) -> ResponseReturnValue:
    """Say what taking a role back means and ask why."""
    return _revoking(_grant(grant_id), ReasonForm())


@bp.post("/grants/<int:grant_id>/revoke")
@requires(GRANT_ROLE)
@requires_recent_second_factor
def revoke(grant_id: int) -> ResponseReturnValue:
    """Take a role back at once."""
    line, form = _grant(grant_id), ReasonForm()
    if not form.sent():
        return _revoking(line, form), 422
    with unit_of_work():
        keeping.revoke_role(grant_id, form.reason.data or "", acting(), clock.now())
    flash(_("角色已收回。"), "success")
    return redirect(url_for("accounts.person", person_id=line.person_id), 303)


def _filters() -> tuple[str, str]:
    role = request.args.get("role", "")
    return role if role in set(Role) else "", request.args.get("q", "").strip()[:60]


def _roles() -> list[Role]:
    return [role for role in Role if role is not Role.LEARNER]


def _form(actor: Actor) -> GrantForm:
    """The form with the roles and regions this actor may grant."""
    form = GrantForm()
    admin = actor.has(Role.ADMIN)
    roles = _roles() if admin else [Role.OFFICER]
    codes = [code for code in all_regions() if admin or code.startswith(provinces(actor) or ("-",))]
    form.role.choices = choices((role, role.label) for role in roles)
    form.region.choices = choices([("", "—"), *((code, full_name(code)) for code in codes)])
    if not admin:
        form.scope.choices = choices(pair for pair in SCOPES if pair[0] == "region")
        form.scope.data = form.scope.data or "region"
    return form


def _scope(form: GrantForm) -> tuple[int | None, str | None]:
    """The organisation or region chosen; faults go beside the field."""
    if form.scope.data == "organisation":
        found = keeper_queries.organisation_named(form.organisation.data or "")
        if found is None:
            blame(form.organisation, _("没有找到这个机构，请核对信用代码或全称。"))
        return found, None
    if form.scope.data == "region":
        if not form.region.data:
            blame(form.region, _("请选择地区。"))
        return None, form.region.data or None
    if form.role.data != Role.ADMIN:
        blame(form.scope, _("只有平台管理角色可以不限范围。"))
    return None, None


def _shown(person_id: int) -> keeper_queries.AccountPage:
    shown = keeper_queries.account_page(acting(), person_id, clock.now())
    if shown is None or person_id == acting().person_id:
        raise NotFound(action=GRANT_ROLE.name)
    return shown


def _grant(grant_id: int) -> GrantLine:
    line = keeper_queries.grant_with(grant_id)
    if line is None:
        raise NotFound(action=GRANT_ROLE.name)
    GRANT_ROLE.ensure(acting(), keeping.target_of_grant(line))
    return line


def _revoking(line: GrantLine, form: ReasonForm) -> str:
    return render_template("people/role_revoke.html", line=line, form=form)
