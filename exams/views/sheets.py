"""An examiner's sheet on the tablet: tapped, typed without script, signed, corrected."""

import re
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from exams.entries.models import Entry, ExamEvent
from exams.marking.policy import JUDGE
from exams.marking.stations import judging, typed
from exams.marking.stations.models import Sheet, SheetScore, StationTemplate
from exams.marking.stations.rules import Tap, counts_of
from exams.views.stations import bp
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.db import session
from lms.core.errors import DomainError, Invalid, NotFound
from lms.core.uow import unit_of_work
from lms.people.api import person_cards


def _sheet(ref: str) -> Sheet:
    row = session().scalar(select(Sheet).where(Sheet.ref == ref))
    if row is None:
        raise NotFound
    judging.own(row, acting())
    return row


@bp.get("/sheets/<ref>")
@requires(JUDGE)
def sheet(ref: str) -> ResponseReturnValue:
    """The sheet: tap to deduct, undo, veto, sign."""
    row = _sheet(ref)
    station = judging.station_of(row)
    taps = judging.taps_of(row.id)
    counts, veto = counts_of(taps)
    entry = session().get_one(Entry, row.entry_id)
    return render_template(
        "exams/marking/sheet.html",
        sheet=row,
        station=station,
        event=session().get_one(ExamEvent, station.event_id),
        template=session().get_one(StationTemplate, station.template_id),
        checklist=judging.checklist_of(row),
        counts=counts,
        veto=veto,
        vetoed=next((-one.item for one in reversed(taps) if one.item < 0 and one.count), 0),
        last=max((t.seq for t in taps), default=0),
        signed=session().get(SheetScore, row.id),
        card=person_cards([entry.person_id])[entry.person_id],
        entry=entry,
    )


@bp.post("/sheets/<ref>/taps")
@requires(JUDGE)
def taps(ref: str) -> ResponseReturnValue:
    """``{"taps": [{"op", "seq", "item", "count", "note"}]}``; answers with the ops held."""
    row = _sheet(ref)
    given = [_tap(one) for one in _list(request.get_json(silent=True))]
    with unit_of_work():
        held = judging.tap(row, given, acting(), clock.now())
    return jsonify(held=held)


def _list(body: Any) -> list[Any]:
    found = body.get("taps") if isinstance(body, dict) else None
    if not isinstance(found, list) or len(found) > 500:
        raise Invalid
    return found


def _tap(one: Any) -> tuple[str, Tap]:
    if not isinstance(one, dict):
        raise Invalid
    op, note = one.get("op"), one.get("note", "")
    seq, item, count = (one.get(name) for name in ("seq", "item", "count"))
    if not isinstance(op, str) or not 8 <= len(op) <= 36 or not isinstance(note, str):
        raise Invalid
    if type(seq) is not int or type(item) is not int or type(count) is not int:
        raise Invalid
    return op, Tap(seq, item, count, note[:200])


@bp.post("/sheets/<ref>/plain")
@requires(JUDGE)
def plain(ref: str) -> ResponseReturnValue:
    """The counts as a form without script sends them, all at once."""
    row = _sheet(ref)
    counts = {
        int(name[6:]): _count(text)
        for name, text in request.form.items()
        if re.fullmatch(r"count-\d{1,3}", name)
    }
    veto, note = request.form.get("veto", "0"), request.form.get("note", "").strip()[:200]
    try:
        with unit_of_work():
            typed.put_down(row, counts, _count(veto), note, acting(), clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        flash(_("评分已保存，核对后签字。"), "success")
    return redirect(url_for("stations.sheet", ref=ref), 303)


def _count(text: str) -> int:
    text = text.strip() or "0"
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else -1


@bp.post("/sheets/<ref>/sign")
@requires(JUDGE)
def sign(ref: str) -> ResponseReturnValue:
    """Sign the sheet; nothing of it changes afterwards."""
    row = _sheet(ref)
    station_id = row.station_id
    with unit_of_work():
        comment = request.form.get("comment", "").strip()[:400]
        tenths = judging.sign(row, comment, acting(), clock.now())
    flash(_("已签字：%(marks)s 分。", marks=f"{tenths / 10:g}"), "success")
    return redirect(url_for("stations.candidates", station_id=station_id), 303)


@bp.post("/sheets/<ref>/correct")
@requires(JUDGE)
def correct(ref: str) -> ResponseReturnValue:
    """Open a sheet in place of a signed one, with a reason."""
    row = _sheet(ref)
    try:
        with unit_of_work():
            reason = request.form.get("reason", "")[:200]
            ref = judging.correct(row, reason, acting(), clock.now()).ref
    except DomainError as refusal:
        flash(str(refusal), "error")
    return redirect(url_for("stations.sheet", ref=ref), 303)
