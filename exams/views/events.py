"""The examiner's events: list, plan, publish, close."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exams.entries import operations
from exams.entries.chains import chain_of
from exams.entries.choices import banks_for, blueprints_for, earlier_events, organisations_of
from exams.entries.forms import CandidatesForm, EventForm
from exams.entries.make_ups import may_make_up
from exams.entries.models import ExamEvent, Part
from exams.entries.policy import INVIGILATE, MANAGE, MARK, PEOPLE, RELEASE, VIEW, watched_by
from exams.entries.readiness import gaps
from exams.entries.staff_queries import CandidateList, candidates_of, events_for
from exams.marking.operations import checklist
from exams.marking.queues import queues_for
from exams.papers.jobs import publish_later, takes_long
from exams.papers.shown import papers_shown
from exams.views.paging import page_of
from lms.core import clock
from lms.core.access import Actor, acting, requires
from lms.core.db import session
from lms.core.errors import DomainError, NotFound
from lms.core.ladder import Rung
from lms.core.uow import unit_of_work

Change = Callable[[ExamEvent, Actor, datetime], None]
bp = Blueprint("exam_events", __name__, url_prefix="/events")


def event_or_404(event_id: int) -> ExamEvent:
    """An event this member of staff may see."""
    event = session().get(ExamEvent, event_id)
    if event is None:
        raise NotFound
    VIEW.ensure(acting(), event)
    return event


@bp.get("")
@requires(VIEW)
def events() -> ResponseReturnValue:
    """All events in scope, newest first."""
    args = request.args
    filters = {name: args.get(name, "").strip() for name in ("q", "status", "part")}
    found = events_for(acting(), **filters, page=args.get("page", 1, int))
    return render_template(
        "exams/events.html",
        found=found,
        filters=filters,
        page=page_of(found),
        rungs=Rung,
        can_manage=MANAGE.may(acting()),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(MANAGE)
def new() -> ResponseReturnValue:
    """Plan a new event; ``?practice=1`` and ``?make_up_of=`` begin with what fits them."""
    form = _form()
    if request.method == "GET":
        earlier = request.args.get("make_up_of", type=int)
        make_up = event_or_404(earlier) if earlier else None
        form.suggest(clock.now(), request.args.get("practice") == "1", make_up)
    if form.sent():
        try:
            with unit_of_work():
                event = operations.create_event(form.plan(), acting(), clock.now())
                event_id = event.id
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(_("已保存为草稿。加好考生，检查无误后再发布。"), "success")
            return redirect(url_for("exam_events.page", event_id=event_id), 303)
    return render_template("exams/event_form.html", form=form, event=None)


@bp.route("/<int:event_id>/edit", methods=["GET", "POST"])
@requires(MANAGE)
def edit(event_id: int) -> ResponseReturnValue:
    """Change a draft."""
    event = event_or_404(event_id)
    MANAGE.ensure(acting(), event)
    form = _form()
    if request.method == "GET":
        form.fill(event)
    if form.sent():
        try:
            with unit_of_work():
                operations.change_event(event, form.plan(), acting(), clock.now())
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(_("安排已保存。"), "success")
            return redirect(url_for("exam_events.page", event_id=event_id), 303)
    return render_template("exams/event_form.html", form=form, event=event)


def _form() -> EventForm:
    form = EventForm()
    actor = acting()
    form.offer(
        organisations_of(actor), banks_for(actor), earlier_events(actor), blueprints_for(actor)
    )
    return form


@bp.get("/<int:event_id>")
@requires(VIEW)
def page(event_id: int) -> ResponseReturnValue:
    """One event: its plan, its candidates and how far they are, results."""
    event = event_or_404(event_id)
    can = _can(event)
    found = _candidates(event) if can["people"] else None
    papers = papers_shown(event, clock.now())
    return render_template(
        "exams/event.html",
        event=event,
        found=found,
        page=page_of(found) if found else None,
        papers=papers,
        checklist=_checklist(event),
        form=CandidatesForm(),
        rungs=Rung,
        now=clock.now(),
        queues=queues_for(acting(), event.id) if event.part == Part.THEORY else [],
        can=can,
        watched=watched_by(acting(), event),
        make_up=_make_up(event) if can["manage"] else 0,
        gaps=gaps(event, clock.now()),
    )


def _checklist(event: ExamEvent) -> dict[str, int]:
    return checklist(event.blueprint) if event.part != Part.THEORY and event.blueprint else {}


@bp.get("/<int:event_id>/progress")
@requires(PEOPLE)
def progress(event_id: int) -> ResponseReturnValue:
    """The table of candidates alone, for the page to refresh itself."""
    event = event_or_404(event_id)
    PEOPLE.ensure(acting(), event)
    return render_template(
        "exams/_progress.html", event=event, found=_candidates(event), can=_can(event),
        watched=watched_by(acting(), event),
    )  # fmt: skip


def _make_up(event: ExamEvent) -> int:
    """How many more may enter this make-up."""
    if event.make_up_of is None or clock.now() >= event.closes_at:
        return 0
    return len(may_make_up(event, chain_of(event)))


def _can(event: ExamEvent) -> dict[str, bool]:
    actor = acting()
    return {
        "manage": MANAGE.may(actor, event),
        "people": PEOPLE.may(actor, event),
        "invigilate": INVIGILATE.may(actor, event),
        "mark": MARK.may(actor, event),
        "release": RELEASE.may(actor, event),
    }


def _candidates(event: ExamEvent) -> CandidateList:
    may_publish = RELEASE.may(acting(), event)
    page = request.args.get("page", 1, int)
    return candidates_of(event, clock.now(), page, unpublished=may_publish)


@bp.post("/<int:event_id>/publish")
@requires(MANAGE)
def publish(event_id: int) -> ResponseReturnValue:
    """Open the event to its candidates; with many of them as a task, shown on the event's page."""
    event = event_or_404(event_id)
    MANAGE.ensure(acting(), event)
    reason = request.form.get("reason", "").strip()[:400]
    if event.status == "draft" and takes_long(event):
        with unit_of_work():
            publish_later(event, acting(), reason)
        return redirect(url_for("exam_events.page", event_id=event_id), 303)
    publish_now = partial(operations.publish_event, reason=reason)
    return _change(event_id, publish_now, _("已发布，考生现在能看到这场考试。"))


@bp.post("/<int:event_id>/close")
@requires(MANAGE)
def close(event_id: int) -> ResponseReturnValue:
    """Let nobody start any more."""
    return _change(event_id, operations.close_event, _("已结束。正在考试的人可以考完。"))


def _change(event_id: int, operation: Change, done: str) -> ResponseReturnValue:
    event = event_or_404(event_id)
    MANAGE.ensure(acting(), event)
    try:
        with unit_of_work():
            operation(event, acting(), clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        flash(done, "success")
    return redirect(url_for("exam_events.page", event_id=event_id), 303)
