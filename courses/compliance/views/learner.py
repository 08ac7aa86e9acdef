"""My year: where I stand, why, and what next."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from courses.appeals.queries import appeals_of
from courses.classroom.queries import sessions_for
from courses.compliance import queries
from courses.compliance.policy import OWN_DUTY
from courses.compliance.verdicts import ATTENTION
from courses.compliance.views.officer import words
from courses.credits.queries import hours_in_year, transcript
from lms.core import clock
from lms.core.access import acting, requires

bp = Blueprint("my_duty", __name__, url_prefix="/learn")


@bp.get("/duty")
@requires(OWN_DUTY)
def page() -> ResponseReturnValue:
    """My duty of this year (or of the year asked for)."""
    today = clock.today()
    year = request.args.get("year", today.year, type=int)
    year = year if 2020 <= year <= today.year else today.year
    me = acting().person_id
    verdicts, appeals = queries.duties_of(me, year, today), appeals_of(me, year)
    return render_template(
        "courses/compliance/mine.html",
        year=year,
        this_year=today.year,
        verdicts=verdicts,
        appeals=appeals,
        may_appeal=any(v.state in ATTENTION for v in verdicts)
        and all(row.step is not None for row in appeals),
        credit=hours_in_year(me, year),
        entries=transcript(me, year),
        ahead=[
            own
            for own in sessions_for(me, today)
            if own.seat in {"booked", "waiting"} and own.session.status == "open"
        ],
        **words(),
    )
