"""The examiner's rooms of an event: sites, seats, invigilators, and the lists for the door."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exams.entries import places
from exams.entries.forms import RoomForm, SeatForm
from exams.entries.models import Entry, ExamEvent, ExamRoom
from exams.entries.policy import INVIGILATE, MANAGE
from exams.entries.readiness import gaps
from exams.entries.room_queries import possible_watchers, rooms_of, seat_list, sites_of
from exams.views.events import event_or_404
from exams.views.wall import entry_or_404, room_or_404
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.db import session
from lms.core.errors import DomainError, NotFound
from lms.core.uow import unit_of_work
from lms.people.api import person_cards, photo_of

bp = Blueprint("exam_halls", __name__, url_prefix="/events/<int:event_id>")


def _event(event_id: int) -> ExamEvent:
    event = event_or_404(event_id)
    MANAGE.ensure(acting(), event)
    return event


def _room(event: ExamEvent, room_id: int) -> ExamRoom:
    room = session().get(ExamRoom, room_id)
    if room is None or room.event_id != event.id:
        raise NotFound
    return room


@bp.route("/rooms", methods=["GET", "POST"])
@requires(MANAGE)
def page(event_id: int) -> ResponseReturnValue:
    """Rooms, seats, invigilators, and what is still missing; a post adds a room."""
    event, now = _event(event_id), clock.now()
    form = RoomForm()
    if form.sent():
        try:
            with unit_of_work():
                places.add_room(event, form.plan(), acting())
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(_("已增加考场，没有座位的考生已经排进去。"), "success")
            return redirect(url_for("exam_halls.page", event_id=event.id), 303)
    return render_template(
        "exams/rooms.html",
        event=event,
        form=form,
        rooms=rooms_of(event.id),
        seats=seat_list(event.id),
        sites=sites_of(event.organisation_id),
        watchers=possible_watchers(event, clock.local_date(now)),
        gaps=gaps(event, now),
    )


@bp.post("/rooms/<int:room_id>/drop")
@requires(MANAGE)
def drop(event_id: int, room_id: int) -> ResponseReturnValue:
    """Take away a room nobody sits in."""
    event = _event(event_id)
    room = _room(event, room_id)
    return _do(event, lambda: places.drop_room(room, acting()), _("已去掉考场。"))


@bp.post("/rooms/fill")
@requires(MANAGE)
def fill(event_id: int) -> ResponseReturnValue:
    """Seat everybody who has no seat."""
    event = _event(event_id)
    return _do(event, lambda: places.seat_waiting(event, acting()), _("已按考场顺序排座。"))


@bp.post("/rooms/<int:room_id>/watch")
@requires(MANAGE)
def watch(event_id: int, room_id: int) -> ResponseReturnValue:
    """Put an invigilator on a room, or (``off``) take her off."""
    event = _event(event_id)
    room, person_id = _room(event, room_id), request.form.get("person_id", 0, int)
    if request.form.get("off"):
        return _do(
            event,
            lambda: places.release_invigilator(room, person_id, acting(), clock.now()),
            _("已取消这位监考员。"),
        )
    return _do(
        event,
        lambda: places.assign(room, person_id, acting(), clock.now()),
        _("已安排监考员。"),
    )


def _do(event: ExamEvent, deed: Callable[[], object], done: str) -> ResponseReturnValue:
    try:
        with unit_of_work():
            deed()
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        flash(done, "success")
    return redirect(url_for("exam_halls.page", event_id=event.id), 303)


@bp.route("/entries/<int:entry_id>/seat", methods=["GET", "POST"])
@requires(MANAGE)
def seat(event_id: int, entry_id: int) -> ResponseReturnValue:
    """Give one candidate another seat."""
    event = _event(event_id)
    entry = entry_or_404(event, entry_id)
    form = SeatForm()
    form.room_id.choices = [(room.id, room.name) for room in rooms_of(event.id)]
    if request.method == "GET":
        form.room_id.data, form.seat.data = entry.room_id, entry.seat
    if form.sent():
        try:
            with unit_of_work():
                places.move(entry, _room(event, form.room_id.data), form.seat.data or 0, acting())
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(_("座位已换。"), "success")
            return redirect(url_for("exam_halls.page", event_id=event.id), 303)
    name = person_cards([entry.person_id])[entry.person_id].name
    return render_template("exams/seat.html", form=form, event=event, name=name)


@bp.get("/rooms/<int:room_id>/<any(seats, door):kind>")
@requires(INVIGILATE)
def paper(event_id: int, room_id: int, kind: str) -> ResponseReturnValue:
    """To print: the seat list with photos for the desk, or the list for the door."""
    event = event_or_404(event_id)
    room = room_or_404(event, room_id)
    rows = seat_list(event.id, room.id)
    return render_template("exams/room_paper.html", event=event, room=room, rows=rows, kind=kind)


@bp.get("/entries/<int:entry_id>/photo")
@requires(INVIGILATE)
def photo(event_id: int, entry_id: int) -> ResponseReturnValue:
    """A candidate's portrait, for whoever checks her identity."""
    entry: Entry = entry_or_404(event_or_404(event_id), entry_id)
    content = photo_of(entry.person_id)
    if content is None:
        raise NotFound
    return Response(content, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})
