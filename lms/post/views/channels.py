"""The channels of the installation: what is set up, how it does, a test message."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lms.core import audit, clock
from lms.core.access import acting, requires
from lms.core.errors import NotFound
from lms.core.uow import unit_of_work
from lms.core.web import limiter, per_person
from lms.people.api import contacts_of
from lms.post import circuits, queries
from lms.post.forms import NothingForm
from lms.post.policy import CHANNELS_SEE
from lms.post.sending import Message, Place, to_target
from lms.post.setup import post_room
from lms.post.wording import why

bp = Blueprint("channels", __name__, url_prefix="/channels")


@bp.get("")
@requires(CHANNELS_SEE)
def page() -> ResponseReturnValue:
    """State of every channel."""
    me = acting().person_id
    address = queries.address_of(me)
    return render_template(
        "post/channels.html",
        settings=post_room().settings,
        waiting=queries.waiting_by_channel(),
        circuits=circuits.circuits(),
        may_test={
            "email": address is not None and address.verified_at is not None,
            "sms": contacts_of([me])[me].has_phone,
        },
        last=queries.own_tests(me),
        form=NothingForm(formdata=None),
        why=why,
    )


@bp.post("/<any(email, sms):channel>/test")
@requires(CHANNELS_SEE)
@limiter.limit("10 per hour", key_func=per_person)
def test(channel: str) -> ResponseReturnValue:
    """Send a test message to myself."""
    if not post_room().has(channel):
        raise NotFound(action=CHANNELS_SEE.name)
    me, now = acting().person_id, clock.now()
    message = Message(
        f"test:{channel}:{me}:{now:%Y%m%d%H%M%S}", "post.test", {"year": now.year}, "/"
    )
    with unit_of_work():
        circuits.forgive(channel)
        to_target(message, Place(None, ""), channel, channel, person_id=me)
        audit.record(acting(), "post.channel.test", "person", me, channel=channel)
    flash(_("测试消息已排队，几秒后看发送记录。"), "success")
    return redirect(url_for("channels.page"), 303)
