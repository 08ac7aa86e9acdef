"""The invigilator's wall of a room, and the log of one candidate."""

from collections.abc import Collection

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from exams.entries.admission import present_code
from exams.entries.models import Admission, Entry, ExamEvent, ExamRoom, Part
from exams.entries.policy import INVIGILATE, MANAGE, rooms_watched
from exams.entries.room_queries import rooms_of
from exams.invigilation.expelling import standing_expulsion
from exams.invigilation.queries import late_answers, log_of, tally, tiles
from exams.invigilation.voiding import certified, waiting
from exams.sittings import presence
from exams.sittings.queries import last_attempt
from exams.views.events import event_or_404
from lms.core import clock
from lms.core.access import Role, acting, requires
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.uow import look_anew
from lms.people.api import person_cards

bp = Blueprint("exam_wall", __name__, url_prefix="/events/<int:event_id>")


def room_or_404(event: ExamEvent, room_id: int) -> ExamRoom:
    """A room of the event in which this member of staff may act."""
    room = session().get(ExamRoom, room_id)
    if room is None or room.event_id != event.id:
        raise NotFound
    INVIGILATE.ensure(acting(), room)
    return room


def entry_or_404(event: ExamEvent, entry_id: int) -> Entry:
    """A candidate of the event over whom this member of staff watches."""
    entry = session().get(Entry, entry_id)
    if entry is None or entry.event_id != event.id or entry.withdrawn_at is not None:
        raise NotFound
    INVIGILATE.ensure(acting(), entry)
    return entry


@bp.get("/wall")
@requires(INVIGILATE)
def everywhere(event_id: int) -> ResponseReturnValue:
    """All candidates this person watches over; who has one room goes straight to it."""
    event = event_or_404(event_id)
    INVIGILATE.ensure(acting(), event)
    watched = _watched(event)
    if watched is not None and len(watched) == 1:
        return redirect(
            url_for("exam_wall.room", event_id=event.id, room_id=next(iter(watched))), 303
        )
    return _wall(event, None, watched)


def _watched(event: ExamEvent) -> frozenset[int] | None:
    """The rooms whose candidates may be shown; None for all."""
    if event.organisation_id in acting().organisations(Role.EXAMINER):
        return None
    return rooms_watched(event.id, acting().person_id)


@bp.get("/wall/<int:room_id>")
@requires(INVIGILATE)
def room(event_id: int, room_id: int) -> ResponseReturnValue:
    """One room; ``?tiles=1`` gives the tiles alone, for the page to refresh itself."""
    event = event_or_404(event_id)
    found = room_or_404(event, room_id)
    return _wall(event, found, [found.id])


def _wall(
    event: ExamEvent, room: ExamRoom | None, watched: Collection[int] | None
) -> ResponseReturnValue:
    if event.part != Part.THEORY:
        raise NotFound
    now = clock.now()
    notes = presence.book().due(now)
    if notes:
        presence.write(notes.items())
        look_anew()
    shown = tiles(event, watched, now)
    code = None
    if room is not None and event.admission == Admission.CODE and event.status == "published":
        code = present_code(room.id, now)[0]
    facts = {"event": event, "room": room, "tiles": shown, "tally": tally(shown), "code": code}
    if request.args.get("tiles"):
        return _fragment(render_template("exams/_wall.html", now=now, **facts))
    visible = [r for r in rooms_of(event.id) if watched is None or r.id in watched]
    return render_template("exams/wall.html", now=now, rooms=visible, **facts)


def _fragment(text: str) -> Response:
    """The tiles, or 304 when nothing has changed since the last look."""
    answer = make_response(text)
    answer.add_etag()
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request)
    return answer


@bp.get("/entries/<int:entry_id>/watch")
@requires(INVIGILATE)
def candidate(event_id: int, entry_id: int) -> ResponseReturnValue:
    """One candidate: what may be done now, and everything that happened."""
    event = event_or_404(event_id)
    entry = entry_or_404(event, entry_id)
    attempt, now = last_attempt(entry.id), clock.now()
    expulsion = standing_expulsion(attempt.id) if attempt is not None else None
    tile = tiles(event, None, now, entry.id)[0]
    return render_template(
        "exams/watch.html",
        event=event,
        entry=entry,
        room=session().get(ExamRoom, entry.room_id) if entry.room_id else None,
        card=person_cards([entry.person_id])[entry.person_id],
        attempt=attempt,
        tile=tile,
        expulsion=expulsion,
        voiding=waiting(attempt.id) if attempt is not None else None,
        certified=expulsion is not None and certified(expulsion.attempt_id),
        log=log_of(entry.id),
        late=late_answers(entry.id),
        can_manage=MANAGE.may(acting(), event),
    )
