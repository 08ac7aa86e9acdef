"""Webhooks and chat robots of a home or a region, from registration to their end."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lms.core import clock
from lms.core.access import Role, acting, requires
from lms.core.errors import DomainError
from lms.core.forms import blame, choices
from lms.core.uow import unit_of_work
from lms.core.web import limiter, per_person
from lms.people.api import (
    full_name,
    organisation_card,
    organisation_cards,
    person_cards,
    requires_recent_second_factor,
)
from lms.post import endpoints, queries
from lms.post.endpoints import AddressRefused, Draft
from lms.post.forms import EndpointForm, NothingForm
from lms.post.models import PostEndpoint
from lms.post.policy import ENDPOINT_KEEP, ENDPOINTS_SEE
from lms.post.sending import Place
from lms.post.wording import CHANNEL_LABELS, ENDPOINT_LABELS, ENDPOINT_TONES, why

bp = Blueprint("endpoints", __name__, url_prefix="/webhooks")
_WORDS = {
    "channels": CHANNEL_LABELS, "labels": ENDPOINT_LABELS, "tones": ENDPOINT_TONES, "why": why,
}  # fmt: skip


@bp.get("")
@requires(ENDPOINTS_SEE)
def page() -> ResponseReturnValue:
    """The list."""
    lines = queries.endpoint_lines(acting())
    return render_template("post/endpoints.html", lines=lines, **_WORDS)


@bp.route("/new", methods=["GET", "POST"])
@requires(ENDPOINT_KEEP)
@limiter.limit("30 per hour", methods=["POST"], key_func=per_person)
@requires_recent_second_factor
def new() -> ResponseReturnValue:
    """Register one."""
    form, places = EndpointForm(), _places()
    form.place.choices = choices((key, label) for key, (label, _place) in places.items())
    if not form.sent():
        return _form(form), 422 if request.method == "POST" else 200
    draft = Draft(
        form.kind.data, form.label.data or "", places[form.place.data][1], form.url.data or "",
        form.secret.data or "", form.people.data,
    )  # fmt: skip
    try:
        host = endpoints.check_address(draft.kind, draft.url)  # asks the network: no lock is held
        with unit_of_work():
            row, secret = endpoints.register(draft, host, acting(), clock.now())
    except AddressRefused as error:
        blame(form.url, error)
        return _form(form), error.status
    except DomainError as error:
        form.form_errors.append(str(error))
        return _form(form), error.status
    return _one(row, secret)


@bp.get("/<int:endpoint_id>")
@requires(ENDPOINTS_SEE)
def one(endpoint_id: int) -> ResponseReturnValue:
    """One of them."""
    row = endpoints.endpoint(endpoint_id)
    ENDPOINTS_SEE.ensure(acting(), row)
    return _one(row)


@bp.post("/<int:endpoint_id>/<any(approve, secret, test, end):step>")
@requires(ENDPOINT_KEEP)
@limiter.limit("60 per hour", key_func=per_person)
@requires_recent_second_factor
def step(endpoint_id: int, step: str) -> ResponseReturnValue:
    """Approve it, change its secret, send a test, end it."""
    row = endpoints.endpoint(endpoint_id)
    ENDPOINT_KEEP.ensure(acting(), row)
    now, secret = clock.now(), ""
    try:
        with unit_of_work():
            if step == "secret":
                secret = endpoints.renew_secret(row, acting(), now)
            elif step == "approve":
                endpoints.approve(row, acting(), now)
            elif step == "test":
                endpoints.send_test(row, acting(), now)
            else:
                endpoints.end(row, acting(), now)
    except DomainError as error:
        flash(str(error), "danger")
    else:
        flash(_done(step), "success")
    if secret:
        return _one(endpoints.endpoint(endpoint_id), secret)
    return redirect(url_for("endpoints.one", endpoint_id=endpoint_id), 303)


def _done(step: str) -> str:
    return {
        "approve": _("已批准，从现在起会发送到这里。"),
        "secret": _("密钥已更换。旧密钥还会一起签名一段时间。"),
        "test": _("测试消息已排队，几秒后看发送记录。"),
        "end": _("已停用。"),
    }[step]


def _places() -> dict[str, tuple[str, Place]]:
    """What the actor may register for: (label, place) by the value in the form."""
    actor = acting()
    places: dict[str, tuple[str, Place]] = {}
    for key, card in organisation_cards(sorted(actor.organisations(Role.HR))).items():
        places[f"o{key}"] = (card.name, Place(key, card.region))
    for region in actor.regions(Role.OFFICER):
        if region:
            places[f"r{region}"] = (full_name(region), Place(None, region))
    return places


def _one(row: PostEndpoint, secret: str = "") -> str:
    people = {row.created_by, row.approved_by, row.ended_by} - {None}
    home = organisation_card(row.organisation_id) if row.organisation_id is not None else None
    return render_template(
        "post/endpoint.html",
        line=queries.endpoint_line(row),
        home=home,
        secret=secret,
        people=person_cards([key for key in people if key is not None]),
        may_keep=ENDPOINT_KEEP.may(acting(), row),
        is_own=row.created_by == acting().person_id,
        form=NothingForm(formdata=None),
        **_WORDS,
    )


def _form(form: EndpointForm) -> str:
    return render_template("post/endpoint_new.html", form=form)
