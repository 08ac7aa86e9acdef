"""A marker's pages: her queues, one answer at a time, without a name anywhere."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exams.entries.models import ExamEvent
from exams.marking import claiming, giving
from exams.marking.claiming import Asked
from exams.marking.forms import DeclineForm, opinion_form, tenths_in
from exams.marking.policy import BRING_CHECKLISTS, CORRECT, MARK_ANSWERS
from exams.marking.queues import answer_for, queue_of, queues_for
from exams.marking.stations.board import stations_for
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.db import session
from lms.core.errors import DomainError, NotFound
from lms.core.uow import unit_of_work

bp = Blueprint("marking", __name__, url_prefix="/marking")


def _asked(event_id: int, version_id: int, number: int) -> Asked:
    event = session().get(ExamEvent, event_id)
    if event is None:
        raise NotFound
    MARK_ANSWERS.ensure(acting(), event)
    return Asked(event_id, version_id, number - 1)


@bp.get("")
@requires(MARK_ANSWERS)
def home() -> ResponseReturnValue:
    """What there is to mark."""
    return render_template(
        "exams/marking/home.html",
        queues=queues_for(acting()),
        stations=stations_for(acting()),
        corrections=CORRECT.may(acting()),
        checklists=BRING_CHECKLISTS.may(acting()),
    )


@bp.get("/<int:event_id>/<int:version_id>/<int:number>")
@requires(MARK_ANSWERS)
def queue(event_id: int, version_id: int, number: int) -> ResponseReturnValue:
    """One question: how far it is, and a button to go on."""
    found = queue_of(_asked(event_id, version_id, number), acting())
    return render_template("exams/marking/queue.html", queue=found)


@bp.post("/<int:event_id>/<int:version_id>/<int:number>/next")
@requires(MARK_ANSWERS)
def take(event_id: int, version_id: int, number: int) -> ResponseReturnValue:
    """Claim the next answer."""
    asked = _asked(event_id, version_id, number)
    queue_of(asked, acting())
    return _next(asked, third=request.form.get("third") == "1")


def _next(asked: Asked, third: bool) -> ResponseReturnValue:
    with unit_of_work():
        script = claiming.claim_next(asked, acting(), clock.now(), third=third)
        ref = script.ref if script else None
    if ref is not None:
        return redirect(url_for("marking.answer", ref=ref), 303)
    flash(_("这道题现在没有要您评的答卷了。"), "success")
    back = url_for(
        "marking.queue",
        event_id=asked.event_id,
        version_id=asked.version_id,
        number=asked.part + 1,
    )
    return redirect(back, 303)


@bp.route("/answers/<ref>", methods=["GET", "POST"])
@requires(MARK_ANSWERS)
def answer(ref: str) -> ResponseReturnValue:
    """One answer with its rubric; sent, the next one comes by itself."""
    found = answer_for(ref, acting())
    form = opinion_form(found.points)()
    if form.sent():
        tenths = tenths_in(form, len(found.points))
        try:
            with unit_of_work():
                giving.give(ref, tenths, form["comment"].data or "", acting(), clock.now())
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            return _next(found.queue.asked, third=found.place == claiming.THIRD)
    return render_template(
        "exams/marking/answer.html", answer=found, form=form, decline=DeclineForm(formdata=None)
    )


@bp.post("/answers/<ref>/decline")
@requires(MARK_ANSWERS)
def decline(ref: str) -> ResponseReturnValue:
    """Give an answer back: the marker knows whose it is."""
    found = answer_for(ref, acting())
    form = DeclineForm()
    if not form.sent():
        flash(_("请选择交回的原因。"), "error")
        return redirect(url_for("marking.answer", ref=ref), 303)
    with unit_of_work():
        claiming.decline(ref, form.reason.data, form.note.data or "", acting(), clock.now())
    flash(_("已交回，并记录回避。这位考生的答卷不会再分给您。"), "info")
    return _next(found.queue.asked, third=found.place == claiming.THIRD)
