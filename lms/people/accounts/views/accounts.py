"""Administrators' pages of accounts: find somebody, see, disable, reset, add."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from lms.core import clock
from lms.core.access import Actor, acting, requires
from lms.core.errors import Conflict, DomainError, NotFound
from lms.core.paging import page_number
from lms.core.uow import unit_of_work
from lms.people import posts
from lms.people.accounts import keeper_queries, keeping, second_factor, slips, throttle
from lms.people.accounts.forms import FindForm, NewPersonForm, ReasonForm
from lms.people.accounts.policy import CHANGE_ACCOUNT, GRANT_ROLE, SEE_ACCOUNTS
from lms.people.accounts.second_factor import requires_recent_second_factor
from lms.people.accounts.texts import STATUS_LABELS
from lms.people.models import Account
from lms.people.operations import NewPerson

bp = Blueprint("accounts", __name__, url_prefix="/admin/accounts")


@dataclass(frozen=True, slots=True)
class Act:
    """Something an administrator does to an account, with what it will mean."""

    label: LazyString
    warning: LazyString
    done: LazyString
    run: Callable[[Account, str, Actor, datetime], object]
    danger: bool = True


ACTS = {
    "disable": Act(
        _l("停用账户"),
        _l("所有设备立刻退出，激活码作废，不能再登录。学习和证书记录保留。"),
        _l("账户已停用。"),
        lambda account, reason, actor, now: keeping.disable_account(account.id, reason, actor, now),
    ),
    "enable": Act(
        _l("恢复账户"),
        _l("可以用原来的密码重新登录；没有密码的，请再打印一张激活码。"),
        _l("账户已恢复。"),
        lambda account, reason, actor, _now: keeping.enable_account(account.id, reason, actor),
        danger=False,
    ),
    "sign-out": Act(
        _l("让所有设备退出"),
        _l("这个人在所有设备上立刻退出登录，可以再次登录。"),
        _l("所有设备都已退出登录。"),
        lambda account, reason, actor, now: keeping.end_sessions(account.id, reason, actor, now),
    ),
    "second-factor": Act(
        _l("解除两步验证"),
        _l("验证器和备用码作废，所有设备退出。下次登录时要重新设置。请先当面或打电话核实是本人。"),
        _l("两步验证已解除。"),
        lambda account, reason, actor, now: second_factor.remove(account.id, actor, now, reason),
    ),
}


@bp.get("")
@requires(SEE_ACCOUNTS)
def page() -> ResponseReturnValue:
    """The list of accounts."""
    kind = request.args.get("kind", "power")
    kind = kind if kind in keeper_queries.KINDS else "power"
    text = request.args.get("q", "").strip()[:60]
    found = keeper_queries.accounts(acting(), text, kind, page_number())
    return render_template(
        "people/accounts.html", page=found, kind=kind, text=text, form=FindForm(),
        statuses=STATUS_LABELS, may_add=CHANGE_ACCOUNT.may(acting()),
    )  # fmt: skip


@bp.post("/find")
@requires(SEE_ACCOUNTS)
def find() -> ResponseReturnValue:
    """Go to the person with a phone or id number."""
    form = FindForm()
    person_id = (
        keeper_queries.person_with(acting(), form.number.data or "") if form.sent() else None
    )
    if person_id is None:
        flash(_("没有找到这个号码的人，或有几个人用同一个手机号，请用身份证号查。"), "warning")
        return redirect(url_for("accounts.page"), 303)
    return redirect(url_for("accounts.person", person_id=person_id), 303)


@bp.get("/new")
@requires(CHANGE_ACCOUNT)
def new() -> ResponseReturnValue:
    """A form for somebody who stands on no roster."""
    return render_template("people/account_new.html", form=NewPersonForm())


@bp.post("/new")
@requires(CHANGE_ACCOUNT)
@requires_recent_second_factor
def add() -> ResponseReturnValue:
    """Register a person; her roles are granted on her page."""
    form = NewPersonForm()
    if not form.sent():
        return render_template("people/account_new.html", form=form), 422
    facts = NewPerson(form.name.data or "", form.id_number.data or "", form.phone.data or None)
    try:
        with unit_of_work():
            person_id = keeping.add_person(facts, form.login.data or "", acting(), clock.now())
    except DomainError as error:
        form.form_errors.append(str(error))
        return render_template("people/account_new.html", form=form), 422
    flash(_("已登记。请接着授予角色，再打印激活码。"), "success")
    return redirect(url_for("accounts.person", person_id=person_id), 303)


@bp.get("/<int:person_id>")
@requires(SEE_ACCOUNTS)
def person(person_id: int) -> ResponseReturnValue:
    """One account."""
    shown = _shown(person_id)
    actor = acting()
    grants = [
        (grant, GRANT_ROLE.may(actor, keeping.target_of_grant(grant))) for grant in shown.grants
    ]
    return render_template(
        "people/account.html", shown=shown, grants=grants, acts=_acts(shown, actor),
        posts=posts.post_labels(clock.today()), statuses=STATUS_LABELS,
        may_grant=GRANT_ROLE.may(actor) and actor.person_id != person_id,
        may_change=CHANGE_ACCOUNT.may(actor, person_id),
    )  # fmt: skip


@bp.get("/<int:person_id>/do/<act>")
@requires(CHANGE_ACCOUNT)
@requires_recent_second_factor
def ask(person_id: int, act: str) -> ResponseReturnValue:
    """Say what an act will mean and ask why."""
    return _confirm(_shown(person_id), act, ReasonForm())


@bp.post("/<int:person_id>/do/<act>")
@requires(CHANGE_ACCOUNT)
@requires_recent_second_factor
def do(person_id: int, act: str) -> ResponseReturnValue:
    """Do it, with the reason in the audit trail."""
    shown, form = _shown(person_id), ReasonForm()
    if act not in _acts(shown, acting()):
        raise Conflict
    if not form.sent():
        return _confirm(shown, act, form), 422
    with unit_of_work():
        ACTS[act].run(shown.account, form.reason.data or "", acting(), clock.now())
    flash(str(ACTS[act].done), "success")
    return redirect(url_for("accounts.person", person_id=person_id), 303)


@bp.post("/<int:person_id>/slip")
@requires(CHANGE_ACCOUNT)
@requires_recent_second_factor
def slip(person_id: int) -> ResponseReturnValue:
    """Make an activation slip. The code is in the answer itself: nothing keeps it."""
    shown = _shown(person_id)
    CHANGE_ACCOUNT.ensure(acting(), person_id)
    with unit_of_work():
        code = slips.issue_slip(person_id, acting(), clock.now())
    days = throttle.sign_in_rule(clock.now())["slip_days"]
    address = current_app.extensions["settings"].base_url + url_for("activate.page")
    return render_template(
        "people/account_slip.html", shown=shown, code=code, days=days, address=address
    )


def _shown(person_id: int) -> keeper_queries.AccountPage:
    shown = keeper_queries.account_page(acting(), person_id, clock.now())
    if shown is None:
        raise NotFound(action=SEE_ACCOUNTS.name)
    return shown


def _acts(shown: keeper_queries.AccountPage, actor: Actor) -> dict[str, Act]:
    """The acts that make sense for an account in its present state."""
    if not CHANGE_ACCOUNT.may(actor, shown.person.id):
        return {}
    disabled = shown.account.status == "disabled"
    wanted = {
        "disable": not disabled,
        "enable": disabled,
        "sign-out": bool(shown.devices),
        "second-factor": shown.account.totp_confirmed_at is not None,
    }
    return {name: act for name, act in ACTS.items() if wanted[name]}


def _confirm(shown: keeper_queries.AccountPage, act: str, form: ReasonForm) -> str:
    CHANGE_ACCOUNT.ensure(acting(), shown.person.id)
    if act not in ACTS:
        raise NotFound
    return render_template("people/account_act.html", shown=shown, act=ACTS[act], form=form)
