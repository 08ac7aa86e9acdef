"""A learner's central sessions, with a calendar file for each."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from courses import central
from courses.classroom import queries
from courses.classroom.calendar import ics
from courses.classroom.policy import OWN_SESSIONS
from courses.classroom.texts import SEAT_LABELS, SESSION_LABELS, SESSION_TONES
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import DomainError, NotFound
from lms.core.uow import unit_of_work

bp = Blueprint("my_sessions", __name__, url_prefix="/learn/central")
_ANSWERED = {
    "booked": _l("已为您留好座位。"),
    "waiting": _l("名额已满，您在候补名单上。"),
    "cancelled": _l("已回复不参加。"),
}


@bp.get("")
@requires(OWN_SESSIONS)
def page() -> ResponseReturnValue:
    """My sessions: those to come first, then those that were."""
    now = clock.now()
    mine = queries.sessions_for(acting().person_id, clock.today(), past=True)
    ahead = [
        s for s in mine if s.session.ends_at >= now and s.session.status in {"planned", "open"}
    ]
    past = [s for s in reversed(mine) if s not in ahead]
    return render_template(
        "courses/classroom/mine.html",
        ahead=ahead,
        past=past,
        seat_labels=SEAT_LABELS,
        labels=SESSION_LABELS,
        tones=SESSION_TONES,
    )


@bp.post("/<int:session_id>/<any(come, decline):word>")
@requires(OWN_SESSIONS)
def answer(session_id: int, word: str) -> ResponseReturnValue:
    """Say whether I come to a session I was invited to."""
    try:
        with unit_of_work():
            got = central.answer_invitation(session_id, word == "come", acting(), clock.now())
    except NotFound:
        raise
    except DomainError as error:
        flash(str(error), "danger")
    else:
        flash(str(_ANSWERED[got]), "success")
    return redirect(url_for("my_sessions.page"), 303)


@bp.get("/<int:session_id>.ics")
@requires(OWN_SESSIONS)
def calendar(session_id: int) -> ResponseReturnValue:
    """The session for the phone's calendar."""
    mine = queries.sessions_for(acting().person_id, clock.today(), past=True)
    found = next((s.session for s in mine if s.session.id == session_id), None)
    if found is None:
        raise NotFound
    base_url = current_app.extensions["settings"].base_url
    host = urlsplit(base_url).hostname or "localhost"
    address = base_url + url_for("my_sessions.page")
    body = ics(found, host, address, clock.now())
    answer = Response(body, mimetype="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="session-{session_id}.ics"'
    return answer
