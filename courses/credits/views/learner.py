"""My hours on paper: an extract with a QR that anyone can check."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from courses.credits.extracts import MOST_YEARS, issue_extract
from courses.credits.policy import OWN_EXTRACT
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.uow import unit_of_work
from lms.core.web import limiter

bp = Blueprint("my_hours", __name__, url_prefix="/learn/hours")


@bp.post("/extract")
@requires(OWN_EXTRACT)
@limiter.limit("20 per hour")
def extract() -> ResponseReturnValue:
    """Issue the extract of one year, or of the cycle of years that ends with it."""
    now = clock.now()
    this_year = clock.today().year
    last = request.form.get("year", this_year, type=int)
    last = last if 2020 <= last <= this_year else this_year
    span = request.form.get("span", 1, type=int)
    first = last - (span if 1 <= span <= MOST_YEARS else 1) + 1
    with unit_of_work():
        issued = issue_extract(acting().person_id, (first, last), acting(), now)
    return redirect(url_for("wallet.detail", code=issued.code), 303)
