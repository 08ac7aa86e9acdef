"""Verification: anybody with the paper learns at once whether it is real today."""

from datetime import date

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from limits import parse

from certificates import checks, rules
from certificates.answers import as_json
from certificates.errors import NotADay
from certificates.express.door import keep
from certificates.forms import ConfirmForm, LookUpForm
from certificates.rules import Status
from certificates.verification import Verdict, code_for, confirms_holder, number_of, verify
from certificates.words import FAULT_WORDS, KIND_WORDS, STATUS_HELP, STATUS_WORDS
from lms.core import clock
from lms.core.access import current_actor, public
from lms.core.errors import NotFound, Throttled
from lms.core.forms import blame
from lms.core.web import limiter, wants_json

bp = Blueprint("verify", __name__)
MISSES = "30 per minute; 300 per hour"
HOLDER_TRIES = parse("30 per hour")


def was_miss(response: Response) -> bool:
    """Only misses are counted: codes cannot be guessed, and a crowd may share one address."""
    return response.status_code == 404


def counted_check(code: str) -> Verdict:
    """Verify and count, unless the holder looks at her own."""
    now = clock.now()
    verdict = verify(code, now)
    actor = current_actor()
    own = actor is not None and actor.person_id == verdict.person_id
    if verdict.certificate_id is not None and not own:
        checks.buffer().note(verdict.certificate_id, clock.local_date(now))
    return verdict


def answer_json(verdict: Verdict, day: date | None) -> Response:
    """The JSON answer, 404 for what does not exist."""
    response = jsonify(as_json(verdict, day))
    response.status_code = 404 if verdict.status is Status.ABSENT else 200
    response.vary.add("Accept")
    keep(response, verdict)
    return response


@bp.get("/v/<code>")
@bp.get("/V/<code>", endpoint="page_upper")
@public
@limiter.limit(MISSES, deduct_when=was_miss)
def page(code: str) -> ResponseReturnValue:
    """One large word and the facts to compare; JSON for programs."""
    if wants_json():
        day = day_asked()
        return answer_json(counted_check(code), day)
    verdict = counted_check(code)
    day, strange = _day_shown()
    body = render_template(
        "certificates/verify.html",
        verdict=verdict,
        shown=verdict.shown,
        word=STATUS_WORDS[verdict.status],
        help=STATUS_HELP[verdict.status],
        kind_words=KIND_WORDS,
        code=verdict.code,
        grouped=rules.grouped(verdict.code or ""),
        form=ConfirmForm(),
        day=day,
        valid_then=verdict.valid_on(day) if day else None,
        strange_day=strange,
        fault=FAULT_WORDS.get(verdict.fault) if verdict.fault else None,
        today=clock.today(),
    )
    response = Response(body, status=404 if verdict.status is Status.ABSENT else 200)
    response.vary.add("Accept")
    keep(response, verdict)
    return response


@bp.post("/v/<code>")
@public
@limiter.limit("10 per minute; 60 per hour")
def confirm(code: str) -> ResponseReturnValue:
    """Does the name, or the end of the id number, belong to this certificate?"""
    known = rules.normal_code(code)
    if known is None:
        raise NotFound
    form = ConfirmForm()
    if not form.sent():
        flash(_("请填写姓名或证件号后四位。"), "warning")
        return redirect(url_for("verify.page", code=known), 303)
    _spend_try(number_of(known) or known)
    if confirms_holder(known, form.holder.data or ""):
        flash(_("一致：填写的内容与证书持证人相符。"), "success")
    else:
        flash(_("不一致：填写的内容与证书持证人不符。"), "danger")
    return redirect(url_for("verify.page", code=known), 303)


@bp.get("/v")
@public
def search() -> ResponseReturnValue:
    """Type a number or a code, or scan with the camera."""
    return render_template("certificates/search.html", form=LookUpForm(), missed=False)


@bp.post("/v")
@public
@limiter.limit("20 per minute; 120 per hour")
def look_up() -> ResponseReturnValue:
    """A code leads on; a number does so together with its holder's name."""
    form = LookUpForm()
    missed = False
    if form.sent() and _names_somebody(form):
        typed = form.number.data or ""
        code = rules.normal_code(typed) or _by_number(typed, form.holder.data or "")
        if code is not None:
            return redirect(url_for("verify.page", code=code), 303)
        missed = True
    body = render_template("certificates/search.html", form=form, missed=missed)
    return Response(body, status=404 if missed else 422)


def _names_somebody(form: LookUpForm) -> bool:
    """A number alone finds nothing, which is no word on whether the certificate exists."""
    if form.holder.data or rules.normal_code(form.number.data or ""):
        return True
    blame(form.holder, _("用证书编号查时，请填写持证人；查验码是 26 位，请核对。"))
    return False


def _by_number(typed: str, holder: str) -> str | None:
    _spend_try(rules.normal_number(typed))
    return code_for(typed, holder)


def _spend_try(number: str) -> None:
    """One of a certificate's few tries at naming its holder, from wherever and by whichever door:
    whoever has many addresses must not get to try all ends of an id number."""
    if not may_try_holder(number):
        raise Throttled(retry_after=HOLDER_TRIES.get_expiry())


def may_try_holder(number: str) -> bool:
    """Spend one try at the holder of the certificate with this number; False if none is left."""
    return bool(limiter.limiter.hit(HOLDER_TRIES, "holder", rules.normal_number(number)))


def day_asked() -> date | None:
    """The day of ``?on=``, if one is asked for. Raises NotADay."""
    asked = request.args.get("on")
    if not asked:
        return None
    try:
        day = date.fromisoformat(asked)
    except ValueError as error:
        raise NotADay from error
    if day > clock.today():
        raise NotADay
    return day


def _day_shown() -> tuple[date | None, bool]:
    """The day to answer for on the page, and whether one was asked that has no answer."""
    try:
        return day_asked(), False
    except NotADay:
        return None, True
