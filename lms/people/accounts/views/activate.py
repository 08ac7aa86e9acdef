"""Opening an account with the code on a paper slip.

Between the two pages the browser carries only the code's hash, signed: it opens nothing by
itself, since the code, not its hash, is what the first page asks for.
"""

from flask import Blueprint, redirect, render_template, url_for
from flask import session as form_session
from flask.typing import ResponseReturnValue

from lms.core import clock
from lms.core.access import public
from lms.core.errors import Invalid
from lms.core.forms import blame
from lms.core.uow import unit_of_work
from lms.people import session_cookie
from lms.people.accounts import passwords, signing_in, slips, throttle
from lms.people.accounts.forms import ActivateForm, SlipForm
from lms.people.accounts.views.sign_in import go_on
from lms.people.identifiers import mask_name

bp = Blueprint("activate", __name__)
HELD = "slip"


@bp.get("/activate")
@public
def page() -> ResponseReturnValue:
    """Ask for the code."""
    return render_template("people/activate.html", form=SlipForm())


@bp.post("/activate")
@public
@throttle.address_limit
def check() -> ResponseReturnValue:
    """Find the slip; a wrong, used or old code gets one and the same answer."""
    form = SlipForm()
    if not form.sent():
        return render_template("people/activate.html", form=form), 422
    hashed = slips.code_hash(form.code.data or "")
    try:
        slips.open_slip(hashed, clock.now())
    except slips.SlipSpent as error:
        blame(form.code, error)
        return render_template("people/activate.html", form=form), 422
    form_session[HELD] = hashed
    return redirect(url_for("activate.choose"), 303)


@bp.get("/activate/password")
@public
def choose() -> ResponseReturnValue:
    """Show whose account it is (masked) and ask for a password."""
    hashed = form_session.get(HELD)
    if not hashed:
        return redirect(url_for("activate.page"))
    return _show(ActivateForm(), slips.open_slip(hashed, clock.now()))


@bp.post("/activate/password")
@public
@throttle.address_limit
def finish() -> ResponseReturnValue:
    """Set the password, use the slip up and sign in."""
    hashed = form_session.get(HELD)
    if not hashed:
        return redirect(url_for("activate.page"), 303)
    form, now = ActivateForm(), clock.now()
    opened = slips.open_slip(hashed, now)
    if not form.sent():
        return _show(form, opened), 422
    password, login = form.password.data or "", form.login.data or ""
    try:
        signing_in.check_new_password(password, opened.account, now, login)
    except Invalid as error:
        blame(form.password, error)
        return _show(form, opened), 422
    password_hash = passwords.hash_password(password)
    try:
        with unit_of_work():
            begun = slips.activate(hashed, login, password_hash, now, session_cookie.this_browser())
    except slips.LoginRefused as error:
        blame(form.login, error)
        return _show(form, opened), 422
    return go_on(begun, "/")


def _show(form: ActivateForm, opened: slips.OpenedSlip) -> str:
    least = throttle.sign_in_rule(clock.now())["password_min"]
    return render_template(
        "people/activate_password.html",
        form=form,
        masked=mask_name(opened.person.name),
        id_tail=opened.person.id_masked[-4:],
        login=opened.account.login,
        phone=opened.person.phone_masked,
        needs_login=opened.needs_login,
        least=least,
    )
