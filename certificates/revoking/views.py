"""Pages to revoke many: choose and look, propose, judge, follow, take the report away."""

from collections.abc import Iterator

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from certificates.batches.models import Batch
from certificates.batches.queries import visible_to as batches_seen
from certificates.batches.sources import source_of
from certificates.errors import NothingChosen, SecondPersonNeeded, TooManyChosen
from certificates.models import Certificate
from certificates.policy import APPROVE_MANY, REVOKE_MANY, SEE_MANY, visible_to
from certificates.revoking import operations
from certificates.revoking.choosing import EXAMS, MOST, meant
from certificates.revoking.forms import DecideForm, ManyForm
from certificates.revoking.jobs import REVOKE_MANY as TASK
from certificates.revoking.models import MassRevocation
from certificates.revoking.queries import (
    SHOWN,
    Hit,
    decision_of,
    hits_of,
    named,
    progress_of,
    proposals_for,
)
from lms.core import clock, tasks
from lms.core.access import acting, requires
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.forms import blame
from lms.core.paging import page_number
from lms.core.sheets import xlsx_response
from lms.core.uow import unit_of_work
from lms.people.api import organisation_cards, person_cards, requires_recent_second_factor

bp = Blueprint("revoking", __name__, url_prefix="/revocations")
_MOST_ISSUERS = 500
_MOST_BATCHES = 200


@bp.get("")
@requires(REVOKE_MANY)
def page() -> ResponseReturnValue:
    """Proposals of mine, and those that wait for my word."""
    page = proposals_for(acting(), page_number())
    people = person_cards({line.proposed_by for line in page.rows} - {0})
    return render_template("certificates/revocations.html", page=page, people=people)


@bp.route("/new", methods=["GET", "POST"])
@requires(REVOKE_MANY)
@requires_recent_second_factor
def new() -> ResponseReturnValue:
    """Choose, look who is hit, propose."""
    form, ids = ManyForm(), None
    issuers = _issuers()
    form.offer_issuers(issuers)
    form.offer_origins(_events(issuers), _batches())
    if form.sent():
        if request.form.get("go") == "propose":
            try:
                with unit_of_work():
                    row = operations.propose(
                        form.chosen(), form.reason.data or "", acting(), clock.now()
                    )
            except (NothingChosen, TooManyChosen) as refusal:
                blame(form.numbers, refusal.message)
            else:
                flash(_("已提交，等另一位同事批准。批准之前什么都不会吊销。"), "success")
                return redirect(url_for("revoking.detail", ref=row.ref), 303)
        else:
            ids = meant(form.chosen(), acting())
    body = render_template(
        "certificates/revocation_new.html", form=form, most=MOST, shown=SHOWN,
        number=None if ids is None else len(ids), hits=named((ids or [])[:SHOWN]),
    )  # fmt: skip
    return Response(body, status=422 if form.errors else 200)


@bp.get("/<ref>")
@requires(SEE_MANY)
def detail(ref: str) -> ResponseReturnValue:
    """One proposal: who is hit, why, what was decided, how far it is."""
    row = _permitted(ref)
    decision = decision_of(row)
    ids = {row.proposed_by} | ({decision.decided_by} if decision else set())
    return render_template(
        "certificates/revocation.html", row=row, decision=decision, progress=progress_of(row.id),
        hits=hits_of(row.id), shown=SHOWN, people=person_cards(ids - {0}),
        form=DecideForm(formdata=None), may_decide=decision is None and _may_decide(row),
    )  # fmt: skip


@bp.post("/<ref>/decide")
@requires(APPROVE_MANY)
@requires_recent_second_factor
def decide(ref: str) -> ResponseReturnValue:
    """Approve, and it begins; or refuse."""
    row, form = _permitted(ref), DecideForm()
    approved = request.form.get("go") == "approve"
    if form.sent():
        with unit_of_work():
            operations.decide(row, approved, form.note.data or "", acting(), clock.now())
            if approved:
                tasks.start(TASK, {"revocation_id": row.id}, acting())
        said = _("已批准，正在吊销。") if approved else _("已驳回，什么都没有吊销。")
        flash(said, "success")
    return redirect(url_for("revoking.detail", ref=row.ref), 303)


@bp.get("/<ref>/report.xlsx")
@requires(SEE_MANY)
def report(ref: str) -> ResponseReturnValue:
    """What became of each certificate."""
    row = _permitted(ref)
    headings = [_("证书编号"), _("持证人"), _("名称"), _("结果")]
    return xlsx_response(_("批量吊销"), headings, _cells(hits_of(row.id, None)))


def _cells(hits: list[Hit]) -> Iterator[list[object]]:
    words = {None: _("未处理"), "revoked": _("已吊销"), "skipped": _("已跳过，状态先有变化")}
    for hit in hits:
        yield [hit.number, hit.holder, hit.title, words[hit.outcome]]


def _permitted(ref: str) -> MassRevocation:
    row = operations.with_ref(ref)
    SEE_MANY.ensure(acting(), row)
    return row


def _may_decide(row: MassRevocation) -> bool:
    try:
        operations.ensure_judge(row, acting())
    except (NotFound, SecondPersonNeeded):
        return False
    return True


def _issuers() -> dict[int, str]:
    query = select(Certificate.issuer_id).where(visible_to(acting())).distinct()
    ids = list(session().scalars(query.limit(_MOST_ISSUERS)))
    cards = organisation_cards(ids)
    return {number: cards[number].name for number in sorted(ids) if number in cards}


def _events(issuers: dict[int, str]) -> dict[int, str]:
    exams = source_of(EXAMS)
    held = exams.held(sorted(issuers)) if exams else []
    return {event.id: f"{event.on.isoformat()} {event.title}" for event in held}


def _batches() -> dict[int, str]:
    query = select(Batch).where(batches_seen(acting()), Batch.state != "planned")
    newest = session().scalars(query.order_by(Batch.id.desc()).limit(_MOST_BATCHES))
    return {b.id: f"{clock.local_date(b.created_at).isoformat()} {b.title}" for b in newest}
