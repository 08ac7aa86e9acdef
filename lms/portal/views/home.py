"""The first page: a landing for visitors, "what do I do next" for everybody else."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from lms.core.access import current_actor, public
from lms.portal.homes import home_of
from lms.portal.shell import current_shell

bp = Blueprint("home", __name__)
ROBOTS = "User-agent: *\nAllow: /$\nAllow: /v\nAllow: /static/\nDisallow: /\n"


@bp.get("/")
@public
def page() -> ResponseReturnValue:
    """Landing for visitors; the learner's or the staff member's own home."""
    actor = current_actor()
    if actor is None:
        return render_template("portal/landing.html")
    shell = current_shell(actor)
    return render_template(f"portal/home_{shell}.html", home=home_of(actor, shell))


@bp.get("/robots.txt")
@public
def robots() -> ResponseReturnValue:
    """Only the landing and the verification page are for search engines."""
    return Response(ROBOTS, mimetype="text/plain")
