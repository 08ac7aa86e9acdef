"""Sign-in page."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from lms.core.access import public

bp = Blueprint("sign_in", __name__)


@bp.get("/sign-in")
@public
def page() -> ResponseReturnValue:
    """Show the sign-in form."""
    return render_template("people/sign_in.html")
