"""My reminders: what was sent to me and how, and what I want to be sent."""

from datetime import time
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lms.core import clock
from lms.core.access import Role, acting, public, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import blame
from lms.core.notify import sentence
from lms.core.quiet import Quiet
from lms.core.rules import rule_on
from lms.core.uow import unit_of_work
from lms.core.web import csrf, limiter, per_person
from lms.people.api import contacts_of
from lms.post import choosing, queries
from lms.post.choosing import Choice
from lms.post.forms import AddressForm, ChoiceForm, NothingForm
from lms.post.packing import stopped_person
from lms.post.policy import OWN_POST
from lms.post.rules import RULE
from lms.post.setup import post_room
from lms.post.wording import CHANNEL_LABELS, STATE_TONES, state_words, why

bp = Blueprint("my_post", __name__)


@bp.get("/me/reminders")
@requires(OWN_POST)
def page() -> ResponseReturnValue:
    """What was sent to me."""
    return render_template(
        "post/mine.html", lines=queries.own_deliveries(acting().person_id), **words()
    )


@bp.route("/me/reminders/settings", methods=["GET", "POST"])
@requires(OWN_POST)
def settings() -> ResponseReturnValue:
    """What I want to be sent."""
    form = _own_choice()
    if not form.sent():
        return _draw(form), 422 if request.method == "POST" else 200
    wanted = Choice(
        form.email.data, form.sms.data, form.digests.data, form.locale.data,
        _quiet(form.quiet_from.data, form.quiet_to.data),
    )  # fmt: skip
    try:
        with unit_of_work():
            choosing.choose(wanted, acting(), clock.now())
    except DomainError as error:
        blame(form.quiet_from, error)
        return _draw(form), error.status
    flash(_("已保存。"), "success")
    return redirect(url_for("my_post.settings"), 303)


@bp.post("/me/reminders/email")
@requires(OWN_POST)
@limiter.limit("6 per hour", key_func=per_person)
def set_address() -> ResponseReturnValue:
    """Note my address; a letter asks whether it is mine."""
    form = AddressForm()
    if not form.sent():
        return _draw(address=form), 422
    if not post_room().has("email"):
        raise NotFound(action=OWN_POST.name)
    try:
        with unit_of_work():
            choosing.set_address(form.address.data or "", acting(), clock.now())
    except DomainError as error:
        blame(form.address, error)
        return _draw(address=form), error.status
    flash(_("确认邮件已在路上，请打开邮件里的链接。"), "success")
    return redirect(url_for("my_post.settings"), 303)


@bp.post("/me/reminders/email/drop")
@requires(OWN_POST)
def drop_address() -> ResponseReturnValue:
    """Forget my address."""
    with unit_of_work():
        choosing.drop_address(acting())
    flash(_("邮箱已删除。"), "success")
    return redirect(url_for("my_post.settings"), 303)


@bp.route("/me/reminders/email/<token>", methods=["GET", "POST"])
@requires(OWN_POST)
def confirm(token: str) -> ResponseReturnValue:
    """The link in the letter. A press of a button confirms, for mail systems look at links too."""
    choosing.check_token(token, acting(), clock.now())
    if request.method == "GET":
        return render_template("post/confirm.html", form=NothingForm(formdata=None))
    with unit_of_work():
        choosing.confirm_address(token, acting(), clock.now())
    flash(_("邮箱已确认，以后的提醒也会发到这里。"), "success")
    return redirect(url_for("my_post.settings"), 303)


@bp.get("/stop-mail/<token>")
@public
def ask_stop(token: str) -> ResponseReturnValue:
    """Ask whether to end e-mail; whoever holds the letter may."""
    if stopped_person(token) is None:
        raise NotFound(action="post.stop")
    return render_template("post/stop.html", form=NothingForm(formdata=None), done=False)


@bp.post("/stop-mail/<token>")
@public
@csrf.exempt  # type: ignore[untyped-decorator]
def stop(token: str) -> ResponseReturnValue:
    """End e-mail. Mail programs send this by themselves (RFC 8058): the token is the proof."""
    person_id = stopped_person(token)
    if person_id is None or person_id not in contacts_of([person_id]):
        raise NotFound(action="post.stop")
    with unit_of_work():
        choosing.stop_mail(person_id, clock.now())
    return render_template("post/stop.html", form=NothingForm(formdata=None), done=True)


def words() -> dict[str, Any]:
    """Labels and functions for the templates."""
    return {
        "channels": CHANNEL_LABELS, "tones": STATE_TONES, "state_words": state_words, "why": why,
        "sentence": sentence,
    }  # fmt: skip


def _quiet(begins: time | None, ends: time | None) -> Quiet | None:
    if begins is None and ends is None:
        return None
    return Quiet(begins or time(23, 59), ends or time(0, 0))


def _own_choice(**posted: None) -> ChoiceForm:
    """The form with what she has chosen; ``formdata=None`` leaves out what was posted."""
    own = choosing.chosen(acting().person_id)
    return ChoiceForm(
        email=own.email, sms=own.sms, digests=own.digests, locale=own.locale,
        quiet_from=own.quiet.begins if own.quiet else None,
        quiet_to=own.quiet.ends if own.quiet else None,
        **posted,
    )  # fmt: skip


def _draw(form: ChoiceForm | None = None, address: AddressForm | None = None) -> str:
    actor, room = acting(), post_room()
    return render_template(
        "post/settings.html",
        form=form or _own_choice(formdata=None),
        address_form=address or AddressForm(formdata=None),
        address=queries.address_of(actor.person_id),
        contact=contacts_of([actor.person_id])[actor.person_id],
        has_email=room.has("email"),
        has_sms=room.has("sms"),
        has_digests=actor.has(Role.HR, Role.OFFICER),
        widest=rule_on(RULE, clock.today()).value["widest_quiet"],
    )
