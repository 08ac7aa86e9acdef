"""A learner checks in on her phone: by scanning the hall's screen or typing its six digits."""

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeTimedSerializer

from courses.classroom import codes, queries
from courses.classroom.forms import CodeForm
from courses.classroom.models import CentralSession
from courses.classroom.operations import attendance, sessions
from courses.classroom.policy import OWN_SESSIONS
from courses.classroom.views.device import device, with_device
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import blame
from lms.core.uow import unit_of_work
from lms.core.web import limiter, per_person
from lms.people.api import organisation_cards

bp = Blueprint("check_in", __name__)
#: How long after scanning the button may be pressed; the scan itself must be fresh.
TICKET_SECONDS = 600


@bp.get("/learn/check-in")
@requires(OWN_SESSIONS)
def page() -> ResponseReturnValue:
    """Type the code; says what to do when no session is near."""
    return with_device(make_response(_page(CodeForm())))


@bp.post("/learn/check-in")
@requires(OWN_SESSIONS)
@limiter.limit("20 per minute; 60 per hour", key_func=per_person)
def typed() -> ResponseReturnValue:
    """Check in or out with the digits typed."""
    form = CodeForm()
    if not form.sent():
        return _page(form), 422
    code, now = form.code.data or "", clock.now()
    row = next((r for r in near_sessions() if _accepts(r, code)), None)
    if row is None:
        blame(form.code, _("签到码不对或已经更换，请看大屏幕上的新码再试一次。"))
        return _page(form), 422
    step = attendance.check_code(row, code, now)
    return _record(row, step, codes.method_of(code), form)


@bp.get("/check-in/<ref>/<code>")
@requires(OWN_SESSIONS)
@limiter.limit("20 per minute", key_func=per_person)
def scanned(ref: str, code: str) -> ResponseReturnValue:
    """Where the QR code leads: shows the session and one button. Digits are typed elsewhere, where
    guesses are counted."""
    row = queries.session_by_ref(ref)
    if codes.method_of(code) != "qr":
        raise NotFound
    try:
        step = attendance.check_code(row, code, clock.now())
    except attendance.CodeExpired as error:
        flash(str(error), "warning")
        return redirect(url_for("check_in.page"), 303)
    ticket = _tickets().dumps([row.id, acting().person_id, step, codes.method_of(code)])
    answer = make_response(
        render_template("courses/classroom/scanned.html", row=row, ticket=ticket)
    )
    return with_device(answer)


@bp.post("/check-in/<ref>")
@requires(OWN_SESSIONS)
@limiter.limit("20 per minute", key_func=per_person)
def confirm(ref: str) -> ResponseReturnValue:
    """Check in with the ticket that a fresh scan gave to this very person."""
    row = queries.session_by_ref(ref)
    try:
        held = _tickets().loads(request.form.get("ticket", ""), max_age=TICKET_SECONDS)
    except BadSignature:
        held = None
    if held is None or held[:2] != [row.id, acting().person_id]:
        flash(_("扫码已过期，请对着大屏幕再扫一次。"), "warning")
        return redirect(url_for("check_in.page"), 303)
    return _record(row, int(held[2]), str(held[3]), CodeForm())


def _record(row: CentralSession, step: int, method: str, form: CodeForm) -> ResponseReturnValue:
    kind = "out" if request.form.get("kind") == "out" else "in"
    try:
        with unit_of_work():
            attendance.scan(row.id, kind, step, method, device(), acting(), clock.now())
    except DomainError as error:
        blame(form.code, error)
        return _page(form), error.status
    text = _("签到成功，请安心上课。") if kind == "in" else _("已签退。")
    flash(text, "success")
    return with_device(make_response(redirect(url_for("my_sessions.page"), 303)))


def _page(form: CodeForm) -> str:
    near = near_sessions()
    homes = organisation_cards({row.organiser_id for row in near})
    return render_template("courses/classroom/check_in.html", form=form, near=near, homes=homes)


def near_sessions() -> list[CentralSession]:
    """Sessions near now that the actor may check in to."""
    actor = acting()
    cards = organisation_cards(actor.employer_ids)
    region = next((cards[i].region for i in actor.employer_ids if i in cards), "")
    return queries.check_in_choices(actor.person_id, region, clock.now())


def _accepts(row: CentralSession, code: str) -> bool:
    seconds = attendance.code_seconds(row)
    return codes.accepted_step(sessions.secret_of(row), code, clock.now(), seconds) is not None


def _tickets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="central.check-in")
