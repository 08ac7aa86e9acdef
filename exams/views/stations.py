"""Stations of an event and their panels; an examiner's candidates and her sheet on the tablet."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exams.entries.models import Entry, ExamEvent
from exams.entries.policy import MANAGE
from exams.marking.errors import InConflict
from exams.marking.forms import RulingForm
from exams.marking.policy import JUDGE, SET_STATIONS
from exams.marking.stations import judging, scoring, setting
from exams.marking.stations.board import board_of, candidates_at
from exams.marking.stations.library import proposed, templates_for
from exams.marking.stations.models import Station, StationTemplate
from exams.views.events import event_or_404
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.db import session
from lms.core.errors import DomainError, NotFound
from lms.core.uow import unit_of_work
from lms.people.api import person_cards, role_holders

bp = Blueprint("stations", __name__)


def _event(event_id: int) -> ExamEvent:
    event = event_or_404(event_id)
    SET_STATIONS.ensure(acting(), event)
    return event


@bp.route("/events/<int:event_id>/stations", methods=["GET", "POST"])
@requires(SET_STATIONS)
def plan(event_id: int) -> ResponseReturnValue:
    """Choose the stations; then panels and how far every candidate is."""
    event = _event(event_id)
    if request.method == "POST":
        chosen = [int(one) for one in request.form.getlist("template") if one.isdecimal()]
        try:
            with unit_of_work():
                setting.set_stations(event, chosen, acting(), clock.now())
        except DomainError as refusal:
            flash(str(refusal), "error")
        return redirect(url_for("stations.plan", event_id=event_id), 303)
    stations = scoring.stations_of(event_id)
    offered = [] if stations else templates_for(event.part, event.rung, event.organisation_id)
    people = role_holders(event.organisation_id, JUDGE.roles, clock.today())
    return render_template(
        "exams/marking/stations.html",
        event=event,
        stations=stations,
        offered=offered,
        proposed=proposed(offered),
        members=setting.members_of([station.id for station, _template in stations]),
        people=sorted(person_cards(people).values(), key=lambda card: card.name),
        board=board_of(event, clock.now()) if stations else [],
    )


@bp.post("/events/<int:event_id>/stations/<int:station_id>/panel")
@requires(SET_STATIONS)
def panel(event_id: int, station_id: int) -> ResponseReturnValue:
    """Set a station's panel."""
    event, station = _event(event_id), _station(station_id, event_id)
    chosen = [int(one) for one in request.form.getlist("person") if one.isdecimal()]
    try:
        with unit_of_work():
            setting.assign(event, station, chosen, acting(), clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        flash(_("考评员已安排。"), "success")
    return redirect(url_for("stations.plan", event_id=event_id), 303)


def _station(station_id: int, event_id: int | None = None) -> Station:
    station = session().get(Station, station_id)
    if station is None or event_id not in (None, station.event_id):
        raise NotFound
    return station


def _entry(entry_id: int, event_id: int) -> Entry:
    entry = session().get(Entry, entry_id)
    if entry is None or entry.event_id != event_id or entry.withdrawn_at is not None:
        raise NotFound
    return entry


@bp.route(
    "/events/<int:event_id>/stations/<int:station_id>/ruling/<int:entry_id>",
    methods=["GET", "POST"],
)
@requires(MANAGE)
def ruling(event_id: int, station_id: int, entry_id: int) -> ResponseReturnValue:
    """Adjudicate a station whose sheets lie too far apart: the scores, without names."""
    event = event_or_404(event_id)
    MANAGE.ensure(acting(), event)
    station, entry = _station(station_id, event_id), _entry(entry_id, event_id)
    found = next(
        s for s in scoring.standings_of(entry, event, clock.now()) if s.station.id == station.id
    )
    form = RulingForm()
    if form.sent():
        scaled = (form.marks.data or 0) * 10
        tenths = int(scaled) if scaled == int(scaled) else -1
        try:
            with unit_of_work():
                reason = form.reason.data or ""
                scoring.rule(entry, station, tenths, reason, acting(), clock.now())
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(_("仲裁分已登记。"), "success")
            return redirect(url_for("stations.plan", event_id=event_id), 303)
    return render_template(
        "exams/marking/ruling.html", form=form, event=event, entry=entry, standing=found
    )


@bp.get("/stations/<int:station_id>")
@requires(JUDGE)
def candidates(station_id: int) -> ResponseReturnValue:
    """An examiner's candidates at her station."""
    station = _mine(station_id)
    event = session().get_one(ExamEvent, station.event_id)
    template = session().get_one(StationTemplate, station.template_id)
    rows = candidates_at(station, acting())
    return render_template(
        "exams/marking/station.html", event=event, station=station, template=template, rows=rows
    )


def _mine(station_id: int) -> Station:
    station = _station(station_id)
    JUDGE.ensure(acting(), session().get_one(ExamEvent, station.event_id))
    if acting().person_id not in setting.members_of([station_id]).get(station_id, []):
        raise NotFound(action=JUDGE.name)
    return station


@bp.post("/stations/<int:station_id>/<int:entry_id>")
@requires(JUDGE)
def begin(station_id: int, entry_id: int) -> ResponseReturnValue:
    """Open the sheet of a candidate."""
    station = _mine(station_id)
    entry = _entry(entry_id, station.event_id)
    try:
        with unit_of_work():
            sheet = judging.open_sheet(station, entry, acting(), clock.now())
            ref = sheet.ref if sheet else None
    except DomainError as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("stations.candidates", station_id=station_id), 303)
    if ref is None:
        flash(str(InConflict.text), "warning")
        return redirect(url_for("stations.candidates", station_id=station_id), 303)
    return redirect(url_for("stations.sheet", ref=ref), 303)
