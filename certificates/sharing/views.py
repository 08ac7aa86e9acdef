"""The holder's links to one certificate, and what those who follow them see."""

import logging

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import OperationalError
from wtforms import BooleanField, RadioField

from certificates import checks
from certificates.documents import photo_of
from certificates.policy import SHARE
from certificates.register import Entry, entry_of
from certificates.sharing import operations
from certificates.sharing.queries import Opened, opened, shares_of
from certificates.verification import verify
from certificates.views.check import was_miss
from certificates.words import KIND_WORDS, STATUS_HELP, STATUS_WORDS
from lms.core import clock
from lms.core.access import acting, current_actor, public, requires
from lms.core.config import Settings
from lms.core.errors import NotFound
from lms.core.forms import Form, choices
from lms.core.uow import unit_of_work
from lms.core.web import limiter

log = logging.getLogger(__name__)
bp = Blueprint("share", __name__)
_DAYS = {7: _l("7 天"), 30: _l("30 天"), 90: _l("90 天")}


class ShareForm(Form):
    """How long a link works and what it shows."""

    days = RadioField(
        _l("多久有效"), choices=choices((days, _DAYS[days]) for days in operations.DAYS),
        default="30",
    )  # fmt: skip
    name = BooleanField(_l("显示完整姓名"))
    photo = BooleanField(_l("显示照片"))


@bp.route("/certificates/<code>/share", methods=["GET", "POST"])
@requires(SHARE)
@limiter.limit("30 per hour", methods=["POST"])
def page(code: str) -> ResponseReturnValue:
    """My links to this certificate; a new one."""
    entry = _mine(code)
    form = ShareForm()
    if form.sent():
        shows = bool(form.name.data), bool(form.photo.data)
        with unit_of_work():
            operations.make(entry.id, int(form.days.data or 7), shows, acting(), clock.now())
        flash(_("链接已生成。复制下面的地址发给对方。"), "success")
        return redirect(url_for("share.page", code=entry.code), 303)
    shares = shares_of(entry.id, clock.today())
    return render_template(
        "certificates/share.html", entry=entry, form=form, shares=shares, site=_site(),
        has_photo=bool(entry.facts and entry.facts["holder"]["photo"]),
    )  # fmt: skip


@bp.post("/certificates/<code>/share/<int:share_id>/end")
@requires(SHARE)
def end(code: str, share_id: int) -> ResponseReturnValue:
    """End a link at once."""
    entry = _mine(code)
    with unit_of_work():
        operations.end(entry.id, share_id, acting(), clock.now())
    flash(_("链接已停用，再打开只会看到“链接已失效”。"), "success")
    return redirect(url_for("share.page", code=entry.code), 303)


@bp.get("/s/<token>")
@public
@limiter.limit("30 per minute; 300 per hour", deduct_when=was_miss)
def show(token: str) -> ResponseReturnValue:
    """The certificate today, with what its holder chose to show."""
    now = clock.now()
    found = opened(token, clock.local_date(now))
    if found is None:
        return _private(Response(render_template("certificates/share_gone.html"), status=404))
    verdict = verify(found.code, now)
    actor = current_actor()
    if actor is None or actor.person_id != verdict.person_id:
        _count(found)
        checks.buffer().note(found.certificate_id, clock.local_date(now))
    body = render_template(
        "certificates/shared.html", verdict=verdict, shown=verdict.shown, found=found, token=token,
        word=STATUS_WORDS[verdict.status], help=STATUS_HELP[verdict.status], kind_words=KIND_WORDS,
    )  # fmt: skip
    return _private(Response(body))


@bp.get("/s/<token>/photo.jpg")
@public
@limiter.limit("30 per minute; 300 per hour", deduct_when=was_miss)
def photo(token: str) -> ResponseReturnValue:
    """The photo on the certificate, if its holder chose to show it."""
    found = opened(token, clock.today())
    picture = photo_of(found.certificate_id) if found is not None and found.photo else None
    if picture is None:
        raise NotFound
    return _private(Response(picture, mimetype="image/jpeg"))


def _count(found: Opened) -> None:
    """Count the opening; a busy database loses the count, not the page."""
    try:
        with unit_of_work():
            operations.count_view(found.share_id, clock.now())
    except OperationalError:
        log.warning("an opening of a link was not counted")


def _private(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _mine(code: str) -> Entry:
    entry = entry_of(code)
    if entry is None:
        raise NotFound
    SHARE.ensure(acting(), entry)
    return entry


def _site() -> str:
    """The address under which this site is known."""
    settings: Settings = current_app.extensions["settings"]
    return settings.base_url
