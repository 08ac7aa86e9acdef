"""Enrolling in and passing the second factor."""

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lms.core import clock
from lms.core.access import acting, requires
from lms.core.forms import blame
from lms.core.links import safe_next
from lms.core.uow import unit_of_work
from lms.people import session_cookie, sessions
from lms.people.accounts import rules, second_factor, throttle
from lms.people.accounts.forms import CodeForm
from lms.people.accounts.policy import PASS_SECOND_FACTOR
from lms.people.accounts.views.sign_in import go_on
from lms.people.models import Account

bp = Blueprint("second_factor", __name__, url_prefix="/second-factor")


@bp.get("")
@requires(PASS_SECOND_FACTOR)
def confirm() -> ResponseReturnValue:
    """Ask for a code; somebody without a second factor is led to enrol."""
    if _account().totp_confirmed_at is None:
        return redirect(url_for("second_factor.enrol", next=safe_next("") or None))
    return _ask(CodeForm())


@bp.post("")
@requires(PASS_SECOND_FACTOR)
@throttle.address_limit
def check() -> ResponseReturnValue:
    """Check the code and go on with a new session that has passed."""
    form, now, account = CodeForm(), clock.now(), _account()
    if not form.sent():
        return _ask(form), 422
    key = throttle.key_for(account.id)
    throttle.ensure_open(key, now)
    begun = None
    with unit_of_work():
        throttle.ensure_open(key, now)
        if second_factor.verify(account.id, form.code.data or "", now):
            begun = sessions.rotate(account, now, session_cookie.this_browser(), second_factor=True)
    if begun is None:
        blame(form.code, _("验证码不对或已经用过。请等手机上换一组新数字再输。"))
        return _ask(form), 401
    return go_on(begun, safe_next("/"))


@bp.get("/enrol")
@requires(PASS_SECOND_FACTOR)
def enrol() -> ResponseReturnValue:
    """Explain, then show the QR code and ask for the first code."""
    return _enrolment(CodeForm())


@bp.post("/enrol/begin")
@requires(PASS_SECOND_FACTOR)
def begin() -> ResponseReturnValue:
    """Choose a secret."""
    with unit_of_work():
        second_factor.begin_enrolment(acting(), clock.now())
    return redirect(url_for("second_factor.enrol", next=safe_next("") or None), 303)


@bp.get("/code.svg")
@requires(PASS_SECOND_FACTOR)
def code() -> ResponseReturnValue:
    """The QR code of the secret that is being enrolled."""
    return Response(second_factor.drawing(_account()), mimetype="image/svg+xml")


@bp.post("/enrol")
@requires(PASS_SECOND_FACTOR)
@throttle.address_limit
def finish() -> ResponseReturnValue:
    """Confirm by a first code. The recovery codes are in the answer itself: nothing keeps them."""
    form, now, account = CodeForm(), clock.now(), _account()
    if not form.sent():
        return _enrolment(form), 422
    key = throttle.key_for(account.id)
    throttle.ensure_open(key, now)
    begun = codes = None
    with unit_of_work():
        codes = second_factor.confirm_enrolment(acting(), form.code.data or "", now)
        if codes is not None:
            begun = sessions.rotate(account, now, session_cookie.this_browser(), second_factor=True)
    if begun is None:
        blame(form.code, _("验证码不对。请输手机验证器上正在显示的 6 位数字。"))
        return _enrolment(form), 401
    g.second_factor_step = None
    return _recovery(codes or [], begun)


@bp.post("/recovery-codes")
@requires(PASS_SECOND_FACTOR)
@second_factor.requires_recent_second_factor
def renew() -> ResponseReturnValue:
    """Replace the recovery codes."""
    if g.get("second_factor_step") is not None:
        raise second_factor.SecondFactorNeeded(action=PASS_SECOND_FACTOR.name)
    with unit_of_work():
        codes = second_factor.renew_recovery_codes(acting(), clock.now())
    return _recovery(codes)


@bp.post("/remove")
@requires(PASS_SECOND_FACTOR)
@second_factor.requires_recent_second_factor
def remove() -> ResponseReturnValue:
    """Take the second factor off, to enrol with another phone."""
    if g.get("second_factor_step") is not None:
        raise second_factor.SecondFactorNeeded(action=PASS_SECOND_FACTOR.name)
    with unit_of_work():
        second_factor.remove(acting().account_id, acting(), clock.now())
    flash(_("旧的验证器已解除，现在可以用新手机重新设置。"), "success")
    return redirect(url_for("second_factor.enrol"), 303)


def _account() -> Account:
    account: Account = g.account
    return account


def _ask(form: CodeForm) -> str:
    return render_template("people/second_factor.html", form=form, next=safe_next(""))


def _enrolment(form: CodeForm) -> str:
    account = _account()
    confirmed = account.totp_confirmed_at is not None
    secret = None if confirmed else second_factor.secret_of(account)
    return render_template(
        "people/second_factor_enrol.html",
        form=form,
        confirmed=confirmed,
        key=rules.grouped(secret) if secret else None,
        enforced=sessions.second_factor_enforced(),
        must=g.get("second_factor_step") is not None,
        next=safe_next(""),
    )


def _recovery(codes: list[str], begun: session_cookie.NewSession | None = None) -> Response:
    page = render_template("people/recovery_codes.html", codes=codes, next=safe_next("/"))
    response = Response(page)
    if begun is not None:
        begun.give(response)
    return response
