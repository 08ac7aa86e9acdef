"""Signing in and out."""

from dataclasses import dataclass

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template
from flask import session as form_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from lms.core import clock
from lms.core.access import current_actor, public
from lms.core.links import safe_next
from lms.core.uow import unit_of_work
from lms.people import session_cookie, sessions
from lms.people.accounts import passwords, signing_in, throttle
from lms.people.accounts.forms import SignInForm

bp = Blueprint("sign_in", __name__)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A line of the hint shown in a demo database."""

    login: str
    who: LazyString


DEMO_ACCOUNTS = (
    DemoAccount("caregiver", _l("养老护理员")),
    DemoAccount("author", _l("培训基地课程编写")),
    DemoAccount("examiner", _l("评价机构考务")),
    DemoAccount("hr", _l("养老机构人事")),
    DemoAccount("county", _l("县级民政")),
    DemoAccount("city", _l("市级民政")),
    DemoAccount("province", _l("省级民政")),
    DemoAccount("admin", _l("平台管理")),
)


@bp.get("/sign-in")
@public
def page() -> ResponseReturnValue:
    """Show the sign-in form; whoever is signed in goes on."""
    if current_actor() is not None:
        return redirect(safe_next("/"))
    return _show(SignInForm())


@bp.post("/sign-in")
@public
@throttle.address_limit
def enter() -> ResponseReturnValue:
    """Check name and password. One argon2 verification whatever was typed."""
    form = SignInForm()
    if not form.sent():
        return _show(form), 422
    now = clock.now()
    found = signing_in.find(form.name.data or "")
    try:
        throttle.ensure_open(found.key, now)
        right = passwords.matches(found.password_hash, form.password.data or "")
        with unit_of_work():
            begun = signing_in.enter(found, right, now, session_cookie.this_browser())
    except throttle.Locked as error:
        response = Response(_show(form, str(error)), 429)
        response.headers["Retry-After"] = str(error.details["retry_after"])
        return response
    if begun is None:
        return _show(form, _("手机号、登录名或密码不对，请再试一次。")), 401
    return go_on(begun, safe_next("/"))


@bp.post("/sign-out")
@public
def leave() -> ResponseReturnValue:
    """End this session."""
    actor = current_actor()
    if actor is not None and actor.session_id is not None:
        with unit_of_work():
            sessions.end(actor.session_id, clock.now())
    flash(_("您已退出登录。"), "success")
    response = redirect("/sign-in", 303)
    session_cookie.forget_cookie(response)
    return response


def go_on(begun: session_cookie.NewSession, target: str) -> ResponseReturnValue:
    """Send the browser on with its new session; the form session starts afresh with it."""
    form_session.clear()
    g.pop("csrf_token", None)
    response = redirect(target, 303)
    begun.give(response)
    return response


def _show(form: SignInForm, refusal: str = "") -> str:
    demo = DEMO_ACCOUNTS if current_app.extensions.get("is_demo") else ()
    rule = throttle.sign_in_rule(clock.now()) if refusal else {}
    return render_template(
        "people/sign_in.html", form=form, refusal=refusal, rule=rule, demo=demo, next=safe_next("")
    )
