"""«Me»: what is kept of me, who looked, how I sign in."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import Invalid, NotFound
from lms.core.forms import blame
from lms.core.uow import unit_of_work
from lms.people import posts, session_cookie, sessions
from lms.people.accounts import passwords, queries, second_factor, signing_in, slips, throttle
from lms.people.accounts.forms import ChangePasswordForm, LoginForm
from lms.people.accounts.policy import OWN_ACCOUNT
from lms.people.models import Account

bp = Blueprint("me", __name__, url_prefix="/me")


@bp.get("")
@requires(OWN_ACCOUNT)
def page() -> ResponseReturnValue:
    """My page."""
    actor, account = acting(), _account()
    me = queries.page_of(
        actor,
        account,
        second_factor.recovery_codes_left(account.id),
        slips.shares_phone(account.person),
    )
    return render_template(
        "people/me.html",
        me=me,
        posts=posts.post_labels(clock.today()),
        enforced=sessions.second_factor_enforced(),
    )


@bp.get("/looks")
@requires(OWN_ACCOUNT)
def looks() -> ResponseReturnValue:
    """Who looked at my record or changed it."""
    return render_template("people/me_looks.html", looks=queries.looks_at(acting().person_id))


@bp.get("/password")
@requires(OWN_ACCOUNT)
def password() -> ResponseReturnValue:
    """Ask for the old and the new password."""
    return _password_page(ChangePasswordForm())


@bp.post("/password")
@requires(OWN_ACCOUNT)
@throttle.address_limit
def change_password() -> ResponseReturnValue:
    """Change the password; every other device is signed out."""
    form, now, account = ChangePasswordForm(), clock.now(), _account()
    if not form.sent():
        return _password_page(form), 422
    key = throttle.key_for(account.id)
    throttle.ensure_open(key, now)
    if not passwords.matches(account.password_hash, form.current.data or ""):
        with unit_of_work():
            throttle.note_failure(key, now)
        blame(form.current, _("现在的密码不对。"))
        return _password_page(form), 422
    new = form.password.data or ""
    try:
        signing_in.check_new_password(new, account, now)
    except Invalid as error:
        blame(form.password, error)
        return _password_page(form), 422
    password_hash = passwords.hash_password(new)
    with unit_of_work():
        signing_in.change_password(account.id, password_hash, acting(), now)
    flash(_("密码已修改，其他设备已退出登录。"), "success")
    return redirect(url_for("me.page"), 303)


@bp.get("/login")
@requires(OWN_ACCOUNT)
def login() -> ResponseReturnValue:
    """Ask for a login name."""
    return render_template("people/me_login.html", form=LoginForm(login=_account().login))


@bp.post("/login")
@requires(OWN_ACCOUNT)
def change_login() -> ResponseReturnValue:
    """Set the login name."""
    form = LoginForm()
    if not form.sent():
        return render_template("people/me_login.html", form=form), 422
    try:
        with unit_of_work():
            slips.set_login(_account(), form.login.data or "", acting())
    except slips.LoginRefused as error:
        blame(form.login, error)
        return render_template("people/me_login.html", form=form), 422
    flash(_("登录名已设好，下次可以用它登录。"), "success")
    return redirect(url_for("me.page"), 303)


@bp.post("/devices/<int:session_id>/end")
@requires(OWN_ACCOUNT)
def end_device(session_id: int) -> ResponseReturnValue:
    """Sign one of my devices out."""
    actor, now = acting(), clock.now()
    mine = queries.devices_of(actor.account_id, now, actor.session_id)
    if session_id not in {line.id for line in mine}:
        raise NotFound
    with unit_of_work():
        sessions.end(session_id, now)
    flash(_("那台设备已退出登录。"), "success")
    return redirect(url_for("me.page", _anchor="devices"), 303)


@bp.post("/devices/end-all")
@requires(OWN_ACCOUNT)
def end_everywhere() -> ResponseReturnValue:
    """Sign out everywhere, here too."""
    with unit_of_work():
        sessions.end_all(acting().account_id, clock.now())
    flash(_("所有设备都已退出登录。"), "success")
    response = redirect(url_for("sign_in.page"), 303)
    session_cookie.forget_cookie(response)
    return response


def _account() -> Account:
    account: Account = g.account
    return account


def _password_page(form: ChangePasswordForm) -> str:
    least = throttle.sign_in_rule(clock.now())["password_min"]
    return render_template("people/me_password.html", form=form, least=least)
