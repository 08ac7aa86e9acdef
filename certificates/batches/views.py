"""Batches: plan from a sheet or from what is due, read the plan, run, stop, continue, report."""

from pathlib import PurePath
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from certificates.batches import queries
from certificates.batches.forms import ClaimForm, SheetForm
from certificates.batches.models import Batch
from certificates.batches.operations import begin, decide_claims, is_interrupted, keep_plan, stop
from certificates.batches.papers import certificates_of, has_papers, zipped
from certificates.batches.planning import Plan, plan_eligible, plan_sheet
from certificates.batches.policy import APPROVE_CLAIMS, ISSUE, SEE_BATCHES
from certificates.batches.sheet import HEADINGS, REQUIRED, asked_in, column_said
from certificates.batches.sources import source_of, sources
from certificates.pools.claiming import left_for
from lms.core import audit, clock, tasks
from lms.core.access import Action, Role, acting, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import blame, choices
from lms.core.i18n import chosen_locale
from lms.core.paging import page_number
from lms.core.sheets import MOST_BYTES, csv_response, read_table, xlsx_response
from lms.core.uow import unit_of_work
from lms.core.web import limiter
from lms.people.api import organisation_cards, person_cards, requires_recent_second_factor

bp = Blueprint("batches", __name__, url_prefix="/batches")
#: outcome -> (word, pill)
OUTCOME_WORDS = {
    "ready": (_l("待发"), "info"),
    "refused": (_l("不能发"), "bad"),
    "already": (_l("已有"), "mute"),
    "issued": (_l("已发证"), "ok"),
    "public": (_l("公示中"), "info"),
    "failed": (_l("没有发成"), "warn"),
}
STATE_WORDS = {
    "planned": (_l("待确认"), "info"),
    "running": (_l("正在发证"), "info"),
    "stopped": (_l("已停下"), "warn"),
    "done": (_l("已完成"), "ok"),
}


@bp.get("")
@requires(SEE_BATCHES)
def page() -> ResponseReturnValue:
    """The newest batches."""
    rows = queries.batches_for(acting())
    return render_template(
        "certificates/batches.html",
        rows=rows,
        issuers=organisation_cards({row.issuer_id for row in rows}),
        outcome_words=OUTCOME_WORDS,
        state_words=STATE_WORDS,
        may_issue=ISSUE.may(acting()),
    )


@bp.get("/new")
@requires(ISSUE)
def new() -> ResponseReturnValue:
    """Choose where the awards come from."""
    return _new_page(_form())


@bp.post("/new")
@requires(ISSUE)
@limiter.limit("60 per hour")
def upload() -> ResponseReturnValue:
    """Plan a sheet."""
    form = _form()
    if not form.sent():
        return _new_page(form), 422
    issuer_id = int(form.issuer.data) if str(form.issuer.data).isdecimal() else 0
    if issuer_id not in acting().organisations(Role.EXAMINER):
        raise NotFound(action=ISSUE.name)
    content = form.file.data.read(MOST_BYTES + 1)
    name = PurePath(form.file.data.filename or "sheet").name[-80:]
    try:
        asked = asked_in(read_table(content, name))
        plan = plan_sheet(issuer_id, asked, clock.today(), acting().person_id)
    except DomainError as refusal:
        blame(form.file, refusal)
        return _new_page(form), 422
    return _kept(issuer_id, "sheet", name, plan)


@bp.post("/from/<key>/<int:number>")
@requires(ISSUE)
def plan_source(key: str, number: int) -> ResponseReturnValue:
    """Plan what is due from an event, a course or a session."""
    source = source_of(key)
    choice = source.one(acting(), number) if source is not None else None
    if source is None or choice is None:
        raise NotFound(action=ISSUE.name)
    today = clock.today()
    plan = plan_eligible(choice.issuer_id, source.eligible(choice, today), today)
    return _kept(choice.issuer_id, key, choice.title, plan)


@bp.get("/template.xlsx")
@requires(ISSUE)
def template() -> Response:
    """An empty sheet with headings; notes on its second sheet."""
    notes = [
        [_("第一个工作表从第二行起填写，一人一行。")],
        [_("必填：%(columns)s。", columns="、".join(REQUIRED))],
        [_("职业技能等级证书填写等级；培训类证书填写种类和名称。")],
        [
            _(
                "已在别处公示的，填写公示开始、结束日期和公示依据（公告文号或网址），由另一位同事核准后发证；"
                "不填则由系统公示后发证。"
            )
        ],
        [_("业务编号相同的一行只发一次；不填则按人和内容判断。")],
    ]
    return xlsx_response(_("发证名单模板"), list(HEADINGS), [], notes=notes)


@bp.get("/<ref>")
@requires(SEE_BATCHES)
def show(ref: str) -> ResponseReturnValue:
    """The plan with every line's outcome, the progress, the result."""
    batch = permitted(ref, SEE_BATCHES)
    outcome = request.args.get("outcome", "")
    outcome = outcome if outcome in OUTCOME_WORDS else ""
    lines, pages = queries.lines_page(batch.id, outcome, page_number())
    counts = queries.counts_of(batch.id)
    claimed = queries.claims_of(batch.id)
    claim = queries.claim_of(batch.id) if claimed else None
    return render_template(
        "certificates/batch.html",
        claimed=claimed,
        claim=claim,
        claim_form=ClaimForm(formdata=None),
        may_approve=claim is None
        and acting().person_id not in (batch.created_by, batch.begun_by)
        and APPROVE_CLAIMS.may(acting(), batch),
        checkers=person_cards({claim.decided_by} if claim else set()),
        column_said=column_said,
        batch=batch,
        issuer=organisation_cards([batch.issuer_id])[batch.issuer_id],
        task=tasks.with_ref(batch.task) if batch.task else None,
        interrupted=is_interrupted(batch),
        lines=lines,
        counts=counts,
        outcome=outcome,
        pager=_pager(batch.ref, outcome, page_number(), pages, sum(counts.values())),
        short=_short(batch, counts),
        has_papers=has_papers(batch.id),
        outcome_words=OUTCOME_WORDS,
        state_words=STATE_WORDS,
        may_issue=ISSUE.may(acting(), batch),
    )


@bp.get("/<ref>/state")
@requires(SEE_BATCHES)
def state(ref: str) -> ResponseReturnValue:
    """How far the run is, for the page's script."""
    batch = permitted(ref, SEE_BATCHES)
    task = tasks.with_ref(batch.task) if batch.task else None
    ended = batch.state != "running" or task is None
    said = "done" if ended else task.state  # type: ignore[union-attr]
    return jsonify(state=said, done=task.done if task else 0, total=task.total if task else 0)


@bp.post("/<ref>/run")
@requires(ISSUE)
@requires_recent_second_factor
def start(ref: str) -> ResponseReturnValue:
    """Queue the run, or what is left of it."""
    batch = permitted(ref, ISSUE)
    with unit_of_work():
        begin(batch.id, acting(), clock.now(), chosen_locale())
    return redirect(url_for("batches.show", ref=ref), 303)


@bp.post("/<ref>/claims")
@requires(APPROVE_CLAIMS)
@requires_recent_second_factor
def claims(ref: str) -> ResponseReturnValue:
    """Approve or refuse, as a second person, that lines were public elsewhere."""
    batch, form = permitted(ref, APPROVE_CLAIMS), ClaimForm()
    approved = request.form.get("go") == "approve"
    if not form.sent():
        flash(_("请写明核对了什么，至少 4 个字。"), "warning")
        return redirect(url_for("batches.show", ref=ref), 303)
    with unit_of_work():
        decide_claims(batch.id, approved, form.note.data or "", acting(), clock.now())
    flash(_("已核准，可以发证了。") if approved else _("已记录，写明已在别处公示的行不会发证。"))
    return redirect(url_for("batches.show", ref=ref), 303)


@bp.post("/<ref>/stop")
@requires(ISSUE)
def halt(ref: str) -> ResponseReturnValue:
    """Stop after the present chunk."""
    batch = permitted(ref, ISSUE)
    with unit_of_work():
        stop(batch.id, acting())
    return redirect(url_for("batches.show", ref=ref), 303)


@bp.get("/<ref>/report.<form>")
@requires(SEE_BATCHES)
def report(ref: str, form: str) -> ResponseReturnValue:
    """Every line with its outcome, as a table."""
    batch = permitted(ref, SEE_BATCHES)
    make = {"csv": csv_response, "xlsx": xlsx_response}.get(form)
    if make is None:
        raise NotFound
    headings = [
        _("行"), _("姓名"), _("证件号码"), _("名称"), _("结果"), _("列"), _("说明"),
    ]  # fmt: skip
    rows = (
        [
            line.row, line.name, line.id_masked, line.title,
            str(OUTCOME_WORDS[line.outcome][0]), column_said(line.column), line.said,
        ]
        for line in queries.lines_of(batch.id)
    )  # fmt: skip
    return make(_("发证结果"), headings, rows)


@bp.get("/<ref>/papers.zip")
@requires(SEE_BATCHES)
@limiter.limit("20 per hour")
def papers(ref: str) -> ResponseReturnValue:
    """Every paper of the batch in one file, id numbers masked as in every paper for staff."""
    batch = permitted(ref, SEE_BATCHES)
    batch_id = batch.id
    if not has_papers(batch_id):
        raise NotFound
    with unit_of_work():
        audit.record(acting(), "certificate.batch.papers", "certificate_batch", batch_id)
    pieces = stream_with_context(zipped(certificates_of(batch_id)))
    response = Response(pieces, mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{ref}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


def permitted(ref: str, action: Action) -> Batch:
    """The batch, if the actor may do ``action`` to it; else NotFound."""
    batch = queries.batch_with(ref)
    if batch is None:
        raise NotFound(action=action.name)
    action.ensure(acting(), batch)
    return batch


def _kept(issuer_id: int, origin: str, title: str, plan: Plan) -> ResponseReturnValue:
    with unit_of_work():
        ref = keep_plan(issuer_id, origin, title, plan, acting(), clock.now()).ref
    return redirect(url_for("batches.show", ref=ref), 303)


def _form() -> SheetForm:
    form = SheetForm()
    own = organisation_cards(acting().organisations(Role.EXAMINER)).values()
    form.issuer.choices = choices((card.id, card.name) for card in own)
    return form


def _new_page(form: SheetForm) -> str:
    offered = [(source, source.choices(acting())) for source in sources()]
    return render_template(
        "certificates/batch_new.html", form=form, offered=offered, most=20, headings=HEADINGS
    )


def _short(batch: Batch, counts: dict[str, int]) -> list[tuple[int, int]]:
    """(needed, left) where numbers of a pool will not do for what is ready."""
    if not counts.get("ready"):
        return []
    wanted = queries.ready_by_kind(batch.id)
    found = (
        (needed, left_for(batch.issuer_id, kind, rung)) for (kind, rung), needed in wanted.items()
    )
    return [(needed, left) for needed, left in found if left is not None and left < needed]


def _pager(ref: str, outcome: str, number: int, pages: int, total: int) -> dict[str, object]:
    def url(wanted: int) -> str | None:
        more: dict[str, Any] = {"outcome": outcome} if outcome else {}
        inside = 1 <= wanted <= pages
        return url_for("batches.show", ref=ref, page=wanted, **more) if inside else None

    return {
        "number": min(number, pages), "pages": pages, "total": total,
        "prev_url": url(number - 1), "next_url": url(number + 1),
    }  # fmt: skip
