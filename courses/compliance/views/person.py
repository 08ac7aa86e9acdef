"""One person's duty for HR and officers: the verdict, its facts, and what can be done."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from courses import central
from courses.classroom.queries import open_sessions, sessions_for
from courses.compliance import operations, queries
from courses.compliance.forms import DecisionForm, ExemptionForm
from courses.compliance.operations import ExemptionRequest
from courses.compliance.policy import (
    EXEMPTION_DECIDE,
    EXEMPTION_PROPOSE,
    FLAGS_SEE,
    PersonScope,
)
from courses.compliance.verdicts import RULE
from courses.compliance.views.officer import words
from courses.compliance.wording import EXEMPTION_LABELS, STEP_LABELS
from courses.credits.queries import transcript
from lms.core import clock
from lms.core.access import Role, acting, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import choices
from lms.core.rules import rule_on
from lms.core.uow import unit_of_work
from lms.people.api import organisation_cards, person_cards

bp = Blueprint("duty", __name__, url_prefix="/flags")


@bp.get("/<int:person_id>")
@requires(FLAGS_SEE)
def page(person_id: int) -> ResponseReturnValue:
    """The duty of one person in one year, computed now."""
    year = _year()
    return _draw(_scope(person_id, year), year, _form())


@bp.post("/<int:person_id>/exemptions")
@requires(EXEMPTION_PROPOSE)
def propose(person_id: int) -> ResponseReturnValue:
    """Ask for an exemption."""
    year, form = _year(), _form()
    scope = _scope(person_id, year)
    EXEMPTION_PROPOSE.ensure(acting(), scope)
    if not form.sent():
        return _draw(scope, year, form), 422
    asked = ExemptionRequest(
        person_id, _employer(scope), year, form.kind.data, form.evidence.data or "",
        form.starts_on.data, form.ends_on.data,
    )  # fmt: skip
    try:
        with unit_of_work():
            central.propose_exemption(asked, acting(), clock.now())
    except DomainError as error:
        form.form_errors.append(str(error))
        return _draw(scope, year, form), error.status
    flash(_("申请已提交，等待民政部门审批。"), "success")
    return redirect(url_for("duty.page", person_id=person_id, year=year), 303)


@bp.post("/exemptions/<int:exemption_id>/<any(approved, refused, revoked):step>")
@requires(EXEMPTION_DECIDE)
def decide(exemption_id: int, step: str) -> ResponseReturnValue:
    """Approve, refuse or revoke; never one's own request."""
    asked = operations.exemption(exemption_id)
    EXEMPTION_DECIDE.ensure(acting(), queries.scope_of(asked.person_id, asked.year))
    form = DecisionForm()
    back = url_for("duty.page", person_id=asked.person_id, year=asked.year)
    try:
        with unit_of_work():
            central.decide_exemption(
                exemption_id, step, form.reason.data or "", acting(), clock.now()
            )
    except DomainError as error:
        flash(str(error), "danger")
        return redirect(back, 303)
    flash(_("审批已记录。"), "success")
    return redirect(back, 303)


@bp.get("/requests")
@requires(EXEMPTION_DECIDE)
def requests() -> ResponseReturnValue:
    """Exemption requests that wait for a decision."""
    year = _year()
    return render_template(
        "courses/compliance/requests.html",
        rows=queries.waiting_requests(acting(), year),
        year=year,
        kinds=EXEMPTION_LABELS,
    )


def _draw(scope: PersonScope, year: int, form: ExemptionForm) -> str:
    now, actor = clock.now(), acting()
    person = person_cards([scope.person_id])[scope.person_id]
    homes = organisation_cards(scope.organisation_ids)
    mine = actor.organisations(Role.HR) & scope.organisation_ids
    return render_template(
        "courses/compliance/person.html",
        person=person,
        year=year,
        years=_years_beside(scope.person_id, year, clock.local_date(now)),
        verdicts=queries.duties_of(scope.person_id, year, clock.local_date(now)),
        homes=homes,
        requests=operations.requests_of(scope.person_id, year),
        sessions=[s for s in sessions_for(scope.person_id, date(year, 1, 1), past=True)
                  if s.session.year == year],
        bookable=open_sessions(actor, year, now) if mine else [],
        entries=transcript(scope.person_id, year),
        form=form,
        decision=DecisionForm(formdata=None),
        may_propose=EXEMPTION_PROPOSE.may(actor, scope),
        may_decide=EXEMPTION_DECIDE.may(actor, scope),
        kinds=EXEMPTION_LABELS,
        steps=STEP_LABELS,
        **words(),
    )  # fmt: skip


def _years_beside(person_id: int, year: int, today: date) -> list[int]:
    """The years before and after in which the actor may look at the person's duty."""
    return [
        beside
        for beside in (year - 1, year + 1)
        if beside <= today.year and FLAGS_SEE.may(acting(), queries.scope_of(person_id, beside))
    ]


def _scope(person_id: int, year: int) -> PersonScope:
    """The person, when she is within the actor's scope."""
    scope = queries.scope_of(person_id, year)
    if not scope.organisation_ids:
        raise NotFound(action=FLAGS_SEE.name)
    FLAGS_SEE.ensure(acting(), scope)
    return scope


def _employer(scope: PersonScope) -> int:
    """The home for which the actor asks: her own, else the one charged."""
    mine = sorted(acting().organisations(Role.HR) & scope.organisation_ids)
    return mine[0] if mine else sorted(scope.organisation_ids)[0]


def _form() -> ExemptionForm:
    form = ExemptionForm()
    kinds: dict[str, Any] = rule_on(RULE, clock.today()).value["exemptions"]
    form.kind.choices = choices((kind, EXEMPTION_LABELS.get(kind, kind)) for kind in kinds)
    return form


def _year() -> int:
    year = request.values.get("year", clock.today().year, type=int)
    return year if 2020 <= year <= clock.today().year + 1 else clock.today().year
