"""The first page: a landing for visitors, "what do I do next" for everybody else."""

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.core import clock, notify
from lms.core.access import Role, acting, action, current_actor, public, requires
from lms.core.links import safe_back
from lms.core.uow import unit_of_work
from lms.portal.homes import learner_home, legend, rungs, staff_home
from lms.portal.shell import current_shell

DISMISS = action("notice.dismiss", Role.LEARNER)

bp = Blueprint("home", __name__)
ROBOTS = "User-agent: *\nAllow: /$\nAllow: /v\nAllow: /static/\nDisallow: /\n"


@bp.get("/")
@public
def page() -> ResponseReturnValue:
    """Landing for visitors; the learner's or the staff member's own home."""
    actor = current_actor()
    if actor is None:
        return render_template("portal/landing.html")
    now = clock.now()
    if current_shell(actor) == "staff":
        return render_template(
            "portal/home_staff.html", home=staff_home(actor, now), legend=legend()
        )
    return render_template("portal/home_learner.html", home=learner_home(actor, now), rungs=rungs())


@bp.post("/notices/<int:notice_id>/read")
@requires(DISMISS)
def dismiss(notice_id: int) -> ResponseReturnValue:
    """Put one of the person's own notices away."""
    with unit_of_work():
        notify.dismiss(notice_id, acting().person_id, clock.now())
    return redirect(safe_back(url_for("home.page")), 303)


@bp.get("/robots.txt")
@public
def robots() -> ResponseReturnValue:
    """Only the landing and the verification page are for search engines."""
    return Response(ROBOTS, mimetype="text/plain")
