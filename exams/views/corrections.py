"""Corrected keys: propose, look at what would change, decide, watch the sittings marked again."""

from flask import Blueprint, flash, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from exams.bank.queries import faces_of
from exams.entries.models import ExamEvent
from exams.marking.corrections import operations
from exams.marking.corrections.jobs import REKEY
from exams.marking.corrections.models import KeyCorrection, KeyDecision
from exams.marking.corrections.preview import preview
from exams.marking.corrections.queries import asked_of, changes_of, is_used, progress_of
from exams.marking.forms import CorrectionForm, DecisionForm
from exams.marking.policy import CORRECT
from lms.core import clock, tasks
from lms.core.access import acting, requires
from lms.core.db import session
from lms.core.errors import DomainError, NotFound
from lms.core.uow import unit_of_work
from lms.people.api import person_cards, requires_recent_second_factor

bp = Blueprint("key_corrections", __name__, url_prefix="/corrections")


def _held(ref: str) -> tuple[KeyCorrection, ExamEvent]:
    row = session().scalar(select(KeyCorrection).where(KeyCorrection.ref == ref))
    if row is None:
        raise NotFound
    event = session().get_one(ExamEvent, row.event_id)
    CORRECT.ensure(acting(), event)
    return row, event


@bp.get("")
@requires(CORRECT)
def index() -> ResponseReturnValue:
    """All corrections in scope, newest first."""
    organisations = acting().organisations(*CORRECT.roles)
    rows = session().execute(
        select(KeyCorrection, ExamEvent.title, KeyDecision.approved)
        .join(ExamEvent, ExamEvent.id == KeyCorrection.event_id)
        .outerjoin(KeyDecision, KeyDecision.correction_id == KeyCorrection.id)
        .where(ExamEvent.organisation_id.in_(organisations))
        .order_by(KeyCorrection.id.desc())
        .limit(100)
    )
    return render_template("exams/marking/corrections.html", rows=rows.all())


@bp.route("/new/<int:event_id>/<int:version_id>/<int:number>", methods=["GET", "POST"])
@requires(CORRECT)
def new(event_id: int, version_id: int, number: int) -> ResponseReturnValue:
    """Propose a correction of a question; ``number`` is a case's part from 1, else 0."""
    event = session().get(ExamEvent, event_id)
    if event is None:
        raise NotFound
    CORRECT.ensure(acting(), event)
    asked = (version_id, number - 1 if number else None)
    if not is_used(event_id, asked):
        raise NotFound
    form = CorrectionForm()
    if form.sent():
        try:
            with unit_of_work():
                ref = operations.propose(
                    event, asked, form.way.data, form.key.data or "", form.reason.data or "",
                    acting(), clock.now(),
                ).ref  # fmt: skip
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(_("已提出。请另一位同事审核。"), "success")
            return redirect(url_for("key_corrections.page", ref=ref), 303)
    face = faces_of([asked])[asked]
    return render_template("exams/marking/correction_new.html", form=form, event=event, face=face)


@bp.get("/<ref>")
@requires(CORRECT)
def page(ref: str) -> ResponseReturnValue:
    """One correction: what it would change, or has changed."""
    row, event = _held(ref)
    decision = session().get(KeyDecision, row.id)
    done, total = progress_of(row)
    if decision is None:
        total, changes = preview(row, clock.now())
    else:
        changes = changes_of(row)
    people = [row.proposed_by, *([decision.decided_by] if decision else [])]
    return render_template(
        "exams/marking/correction.html",
        row=row,
        event=event,
        face=faces_of([asked_of(row)])[asked_of(row)],
        decision=decision,
        changes=changes,
        done=done,
        total=total,
        names={pid: card.name for pid, card in person_cards(people).items()},
        own=row.proposed_by == acting().person_id,
        form=DecisionForm(),
    )


@bp.post("/<ref>/<any(approve, refuse):word>")
@requires(CORRECT)
@requires_recent_second_factor
def decide(ref: str, word: str) -> ResponseReturnValue:
    """A second person's word; approved, all sittings are marked again."""
    row, _event = _held(ref)
    form = DecisionForm()
    try:
        with unit_of_work():
            note = (form.note.data or "")[:400]
            operations.decide(row, word == "approve", note, acting(), clock.now())
            if word == "approve":
                tasks.start(REKEY, {"correction_id": row.id}, acting())
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        flash(_("已批准，正在重新计分。") if word == "approve" else _("已退回。"), "success")
    return redirect(url_for("key_corrections.page", ref=ref), 303)


@bp.get("/<ref>/state")
@requires(CORRECT)
def state(ref: str) -> ResponseReturnValue:
    """How far the marking is, for the page's bar."""
    row, _event = _held(ref)
    done, total = progress_of(row)
    return jsonify(state="done" if done >= total else "running", done=done, total=total)
