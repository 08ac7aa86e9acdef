"""What was sent to whom and how it went, for HR and officers; sending again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import DomainError
from lms.core.forms import choices
from lms.core.paging import page_number
from lms.core.uow import unit_of_work
from lms.post import queries
from lms.post.forms import FilterForm
from lms.post.models import CHANNELS, STATES
from lms.post.policy import DELIVERIES_SEE, DELIVERY_RETRY
from lms.post.queries import Filter
from lms.post.retrying import retry
from lms.post.setup import post_room
from lms.post.views.mine import words
from lms.post.wording import CHANNEL_LABELS, STATE_LABELS

bp = Blueprint("deliveries", __name__, url_prefix="/deliveries")


@bp.get("")
@requires(DELIVERIES_SEE)
def page() -> ResponseReturnValue:
    """Deliveries, newest first."""
    channel, state = request.args.get("channel", ""), request.args.get("state", "")
    wanted = Filter(
        channel if channel in CHANNELS else "", state if state in STATES else "",
        request.args.get("person", None, type=int),
    )  # fmt: skip
    form = FilterForm(formdata=None, channel=wanted.channel, state=wanted.state)
    everything = ("", _("全部"))
    form.channel.choices = choices([everything, *CHANNEL_LABELS.items()])
    form.state.choices = choices([everything, *STATE_LABELS.items()])
    return render_template(
        "post/deliveries.html",
        page=queries.page_of(acting(), wanted, page_number()),
        totals=queries.totals(acting()),
        form=form,
        active=bool(wanted.channel) + bool(wanted.state) + (wanted.person_id is not None),
        person_id=wanted.person_id,
        states=STATE_LABELS,
        **words(),
    )


@bp.get("/<int:delivery_id>")
@requires(DELIVERIES_SEE)
def one(delivery_id: int) -> ResponseReturnValue:
    """One delivery and every try."""
    row = queries.delivery(delivery_id)
    DELIVERIES_SEE.ensure(acting(), row)
    connected = post_room().has(row.channel)
    return render_template(
        "post/delivery.html",
        connected=connected,
        line=queries.line_of(row),
        attempts=queries.attempts_of(row.id),
        may_retry=connected and row.state == "failed" and DELIVERY_RETRY.may(acting(), row),
        **words(),
    )


@bp.post("/<int:delivery_id>/retry")
@requires(DELIVERY_RETRY)
def again(delivery_id: int) -> ResponseReturnValue:
    """Send it again."""
    row = queries.delivery(delivery_id)
    DELIVERY_RETRY.ensure(acting(), row)
    try:
        with unit_of_work():
            retry(row, acting(), clock.now())
    except DomainError as error:
        flash(str(error), "danger")
    else:
        flash(_("已重新排队，几秒后发送（免打扰时间除外）。"), "success")
    return redirect(url_for("deliveries.one", delivery_id=delivery_id), 303)
