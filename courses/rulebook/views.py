"""The rulebook: what is in force, what is coming, and changes that two officers make."""

from datetime import date, timedelta

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from courses.compliance.wording import STATE_LABELS, hours
from courses.rulebook import operations, queries
from courses.rulebook.forms import DecisionForm, ProposalForm, form_for
from courses.rulebook.operations import Draft
from courses.rulebook.policy import RULES_CHANGE, RULES_SEE
from courses.rulebook.rules import SHAPES
from courses.rulebook.shapes import Cell, Shape, cells, look_up, read
from courses.rulebook.wording import MOVE_LABELS, STEP_LABELS
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import blame
from lms.core.rules import rule_versions
from lms.core.uow import unit_of_work
from lms.people.api import person_cards, region_name, requires_recent_second_factor

bp = Blueprint("rulebook", __name__, url_prefix="/rules")


@bp.get("")
@requires(RULES_SEE)
def page() -> ResponseReturnValue:
    """Every rule, with the version in force today."""
    lines = queries.all_lines(clock.today())
    return render_template("courses/rulebook/list.html", lines=lines)


@bp.get("/<code>")
@requires(RULES_SEE)
def rule(code: str) -> ResponseReturnValue:
    """One rule: its lines, its versions, its proposals."""
    shape, today = _shape(code), clock.today()
    line = next(line for line in queries.all_lines(today) if line.shape is shape)
    known = queries.history(code)
    asked = queries.proposals_of(code)
    people = {by for _v, _at, by in known} | {row.recorded_by for row, _step in asked}
    shown = [
        (cell, look_up(line.current.value, cell.path)) for cell in cells(shape, queries.keys(today))
    ]
    return render_template(
        "courses/rulebook/rule.html",
        line=line,
        cells=[(cell, cell.leaf.say(value)) for cell, value in shown if value is not None],
        history=known,
        proposals=asked,
        steps=STEP_LABELS,
        people=person_cards(people - {0}),
        may_change=RULES_CHANGE.may(acting()),
    )


@bp.route("/<code>/propose", methods=["GET", "POST"])
@requires(RULES_CHANGE)
def propose(code: str) -> ResponseReturnValue:
    """Write the next version."""
    shape, today = _shape(code), clock.today()
    keys = queries.keys(today)
    form, own = form_for(shape, keys, rule_versions(code)[-1], today + timedelta(days=1))
    if not form.sent():
        return _draw(shape, form, own), 422 if request.method == "POST" else 200
    value, faults = read(shape, keys, {cell.name: form[cell.name].data or "" for cell in own})
    for name, text in faults.items():
        blame(form[name], text)
    if faults:
        return _draw(shape, form, own), 422
    draft = Draft(code, value, form.effective_from.data, form.source.data or "",
                  form.reason.data or "", bool(form.confirmed.data))  # fmt: skip
    try:
        with unit_of_work():
            made = operations.propose(draft, acting(), clock.now()).id
    except DomainError as error:
        form.form_errors.append(str(error))
        return _draw(shape, form, own), error.status
    flash(_("修改已提交。正在算哪些人会受影响，之后由另一位同事审批。"), "success")
    return redirect(url_for("rulebook.proposal", proposal_id=made), 303)


@bp.get("/proposals/<int:proposal_id>")
@requires(RULES_CHANGE)
def proposal(proposal_id: int) -> ResponseReturnValue:
    """What would change, for whom, and the decision."""
    found = _proposal(proposal_id)
    return render_template(
        "courses/rulebook/proposal.html",
        found=found,
        own=found.row.recorded_by == acting().person_id,
        may_change=found.step is None,
        decision=DecisionForm(formdata=None),
        states=STATE_LABELS | MOVE_LABELS,
        steps=STEP_LABELS,
        hours=hours,
        region_name=region_name,
        as_day=date.fromisoformat,
    )


@bp.get("/proposals/<int:proposal_id>/state")
@requires(RULES_CHANGE)
def state(proposal_id: int) -> ResponseReturnValue:
    """How far the computation is, for the page's script."""
    task = _proposal(proposal_id).task
    if task is None:
        raise NotFound
    return jsonify(state=task.state, done=task.done, total=task.total)


@bp.post("/proposals/<int:proposal_id>/preview")
@requires(RULES_CHANGE)
def again(proposal_id: int) -> ResponseReturnValue:
    """Compute anew who would change."""
    with unit_of_work():
        operations.compute_again(proposal_id, acting())
    return redirect(url_for("rulebook.proposal", proposal_id=proposal_id), 303)


@bp.post("/proposals/<int:proposal_id>/<any(approved, refused, withdrawn):step>")
@requires(RULES_CHANGE)
@requires_recent_second_factor
def decide(proposal_id: int, step: str) -> ResponseReturnValue:
    """Approve or refuse another's proposal, or withdraw one's own."""
    reason = DecisionForm().reason.data or ""
    try:
        with unit_of_work():
            operations.decide(proposal_id, step, reason, acting(), clock.now())
    except NotFound:
        raise
    except DomainError as error:
        flash(str(error), "danger")
    else:
        flash(_("已记录。"), "success")
    return redirect(url_for("rulebook.proposal", proposal_id=proposal_id), 303)


def _draw(shape: Shape, form: ProposalForm, own: list[Cell]) -> str:
    return render_template("courses/rulebook/propose.html", shape=shape, form=form, cells=own)


def _shape(code: str) -> Shape:
    if code not in SHAPES:
        raise NotFound(action=RULES_SEE.name)
    return SHAPES[code]


def _proposal(proposal_id: int) -> queries.Proposal:
    found = queries.proposal(proposal_id)
    if found is None:
        raise NotFound(action=RULES_CHANGE.name)
    return found
