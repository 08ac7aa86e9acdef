"""My hours and claims; claims that wait; hours and study leave of somebody's staff."""

from decimal import Decimal

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from courses.claims import evidence, operations, queries
from courses.claims.forms import ClaimForm, DecisionForm, LeaveForm
from courses.claims.operations import RULE, ClaimDraft
from courses.claims.policy import CLAIM_SEE, CLAIMS_DECIDE, LEAVE_RECORD, OWN_HOURS
from courses.claims.wording import (
    CATEGORY_LABELS,
    KIND_LABELS,
    ORIGIN_LABELS,
    STATUS_LABELS,
    STATUS_TONES,
)
from courses.compliance.policy import FLAGS_SEE, PersonScope
from courses.compliance.queries import scope_of
from courses.compliance.wording import hours
from courses.credits.queries import transcript
from lms.core import clock
from lms.core.access import Role, acting, requires
from lms.core.errors import DomainError, NotFound
from lms.core.exports import csv_response
from lms.core.forms import choices
from lms.core.paging import page_number
from lms.core.rules import rule_on
from lms.core.uow import unit_of_work
from lms.core.web import limiter, per_person
from lms.people.api import person_cards, post_labels

bp = Blueprint("hours", __name__)


@bp.get("/learn/hours")
@requires(OWN_HOURS)
def mine() -> ResponseReturnValue:
    """My hours: balance of the cycle, movements, claims."""
    me = acting().person_id
    return render_template("courses/claims/mine.html", claims=queries.claims_of(me), **_account(me))


@bp.get("/learn/hours.csv")
@requires(OWN_HOURS)
def export() -> ResponseReturnValue:
    """All my movements as a file."""
    headings = [_("年度"), _("类别"), _("学时"), _("来源"), _("登记时间"), _("备注")]
    rows = [
        [
            str(line.year), str(CATEGORY_LABELS[line.category]), hours(line.tenths), line.source,
            clock.local_date(line.recorded_at).isoformat(),
            _("冲销") if line.is_reversal else _("已冲销") if line.reversed else "",
        ]
        for line in transcript(acting().person_id)
    ]  # fmt: skip
    return csv_response(_("我的学时"), headings, rows)


@bp.route("/learn/hours/claim", methods=["GET", "POST"])
@requires(OWN_HOURS)
@limiter.limit("30 per hour", methods=["POST"], key_func=per_person)
def claim() -> ResponseReturnValue:
    """Ask for hours that I earned elsewhere."""
    form = ClaimForm()
    lines = rule_on(RULE, clock.today()).value["conversions"]
    form.kind.choices = choices((kind, KIND_LABELS.get(kind, kind)) for kind in lines)
    if not form.sent():
        return _draw(form, lines), 422 if request.method == "POST" else 200
    picture = form.picture.data.read(evidence.MOST_BYTES + 1) if form.picture.data else None
    draft = ClaimDraft(
        form.kind.data, form.title.data or "", form.organiser.data or "", form.held_on.data,
        form.units.data or 0, form.evidence.data or "", picture,
    )  # fmt: skip
    try:
        with unit_of_work():
            made = operations.claim(acting().person_id, draft, acting(), clock.now()).id
    except DomainError as error:
        form.form_errors.append(str(error))
        return _draw(form, lines), error.status
    flash(_("申请已提交，等单位或民政部门审核。"), "success")
    return redirect(url_for("hours.one", claim_id=made), 303)


@bp.get("/learn/hours/claims/<int:claim_id>")
@bp.get("/credits/claims/<int:claim_id>", endpoint="review")
@requires(CLAIM_SEE)
def one(claim_id: int) -> ResponseReturnValue:
    """One claim, for the person and for those who decide."""
    row, steps = queries.one_claim(claim_id)
    actor = acting()
    CLAIM_SEE.ensure(actor, row)
    is_own = actor.person_id in {row.person_id, row.recorded_by}
    return render_template(
        "courses/claims/one.html",
        row=row,
        steps=steps,
        status=steps[-1].step if steps else "waiting",
        people=person_cards({row.person_id, *(s.recorded_by for s in steps)}),
        is_own=is_own,
        may_decide=CLAIMS_DECIDE.may(actor, row) and not is_own,
        form=DecisionForm(formdata=None),
        **_words(),
    )


@bp.get("/learn/hours/claims/<int:claim_id>/picture")
@requires(CLAIM_SEE)
def picture(claim_id: int) -> ResponseReturnValue:
    """The picture of the proof."""
    row, _steps = queries.one_claim(claim_id)
    CLAIM_SEE.ensure(acting(), row)
    if row.evidence_sealed is None:
        raise NotFound(action=CLAIM_SEE.name)
    answer = make_response(evidence.opened(row.evidence_sealed, row.evidence_place))
    answer.content_type = "image/jpeg"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/learn/hours/claims/<int:claim_id>/withdraw")
@requires(CLAIM_SEE)
def withdraw(claim_id: int) -> ResponseReturnValue:
    """Take my own claim back before it is decided."""
    return _decide(claim_id, "withdrawn", url_for("hours.one", claim_id=claim_id))


@bp.get("/credits/claims")
@requires(CLAIMS_DECIDE)
def waiting() -> ResponseReturnValue:
    """Claims that wait for me."""
    page = queries.waiting_claims(acting(), page_number())
    return render_template("courses/claims/waiting.html", page=page, **_words())


@bp.post("/credits/claims/<int:claim_id>/<any(approved, refused, taken_back):step>")
@requires(CLAIMS_DECIDE)
def decide(claim_id: int, step: str) -> ResponseReturnValue:
    """Decide on a claim."""
    row, _steps = queries.one_claim(claim_id)
    CLAIMS_DECIDE.ensure(acting(), row)
    return _decide(claim_id, step, url_for("hours.review", claim_id=claim_id))


@bp.get("/credits/people/<int:person_id>")
@requires(FLAGS_SEE)
def person(person_id: int) -> ResponseReturnValue:
    """Somebody's hours, for her employer and officers."""
    return _person(_scope(person_id), LeaveForm(formdata=None, year=clock.today().year))


@bp.post("/credits/people/<int:person_id>/leave")
@requires(LEAVE_RECORD)
def leave(person_id: int) -> ResponseReturnValue:
    """Record study leave."""
    scope, form = _scope(person_id), LeaveForm()
    LEAVE_RECORD.ensure(acting(), scope)
    if not form.sent():
        return _person(scope, form), 422
    employer = sorted(acting().organisations(Role.HR) & scope.organisation_ids)[0]
    tenths = int((form.hours.data or Decimal(0)) * 10)
    try:
        with unit_of_work():
            operations.record_leave(
                person_id, employer, form.year.data or 0, tenths, form.note.data or "",
                acting(), clock.now(),
            )  # fmt: skip
    except DomainError as error:
        form.form_errors.append(str(error))
        return _person(scope, form), error.status
    flash(_("已登记。"), "success")
    return redirect(url_for("hours.person", person_id=person_id), 303)


def _decide(claim_id: int, step: str, back: str) -> ResponseReturnValue:
    row, _steps = queries.one_claim(claim_id)
    CLAIM_SEE.ensure(acting(), row)
    try:
        with unit_of_work():
            operations.decide(
                claim_id, step, DecisionForm().reason.data or "", acting(), clock.now()
            )
    except DomainError as error:
        flash(str(error), "danger")
    else:
        flash(_("已记录。"), "success")
    return redirect(back, 303)


def _person(scope: PersonScope, form: LeaveForm) -> str:
    return render_template(
        "courses/claims/person.html",
        person=person_cards([scope.person_id])[scope.person_id],
        claims=queries.claims_of(scope.person_id),
        form=form,
        may_record=LEAVE_RECORD.may(acting(), scope),
        **_account(scope.person_id),
    )


def _scope(person_id: int) -> PersonScope:
    scope = scope_of(person_id, clock.today().year)
    if not scope.organisation_ids:
        raise NotFound(action=FLAGS_SEE.name)
    FLAGS_SEE.ensure(acting(), scope)
    return scope


def _account(person_id: int) -> dict[str, object]:
    today = clock.today()
    return {
        "balances": queries.balances(person_id, today),
        "entries": transcript(person_id),
        "leave": queries.leave_in_year(person_id, today.year),
        "year": today.year,
        **_words(),
    }


def _words() -> dict[str, object]:
    return {
        "hours": hours,
        "posts": post_labels(clock.today()),
        "kinds": KIND_LABELS,
        "statuses": STATUS_LABELS,
        "tones": STATUS_TONES,
        "origins": ORIGIN_LABELS,
        "categories": CATEGORY_LABELS,
    }


def _draw(form: ClaimForm, lines: dict[str, dict[str, int]]) -> str:
    return render_template("courses/claims/claim.html", form=form, lines=lines, **_words())
