"""An evaluator's own checklists: bring a file, read what it says, a second person approves."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exams.marking.checklists.operations import decide as decide_upload
from exams.marking.checklists.operations import keep, look
from exams.marking.checklists.queries import Upload, upload_with, uploads_for
from exams.marking.checklists.raw import HEADINGS, MOST_BYTES, Fault
from exams.marking.checklists.sheet import REQUIRED
from exams.marking.checklists.withdrawing import newest_withdrawal, propose, settle
from exams.marking.forms import ChecklistForm, DecisionForm, WithdrawalForm
from exams.marking.policy import BRING_CHECKLISTS
from lms.core import clock
from lms.core.access import Role, acting, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import blame, choices
from lms.core.ladder import Rung
from lms.core.sheets import xlsx_response
from lms.core.uow import unit_of_work
from lms.core.web import limiter
from lms.people.api import organisation_cards, person_cards

bp = Blueprint("checklists", __name__, url_prefix="/checklists")
_SHOWN_FAULTS = 200
_EXAMPLE: list[list[object]] = [
    ["own-feeding", "协助进食", "技能", "初级工", "生活照护", 20, 15, "扣分",
     "没有评估吞咽能力", 3, 1, "", "评价机构自编"],
    ["", "", "", "", "", "", "", "", "喂食过快或过多", 2, 3, "", ""],
    ["", "", "", "", "", "", "", "", "", "", "", "造成噎食没有处理", ""],
]  # fmt: skip


@bp.get("")
@requires(BRING_CHECKLISTS)
def page() -> ResponseReturnValue:
    """Bring a file; what was brought."""
    return _page(_form())


@bp.post("")
@requires(BRING_CHECKLISTS)
@limiter.limit("60 per hour")
def bring() -> ResponseReturnValue:
    """Read a file: all of it is kept for the second person, or nothing and its faults are shown."""
    form = _form()
    if not form.sent():
        return _page(form), 422
    wanted = str(form.organisation.data)
    organisation_id = int(wanted) if wanted.isdecimal() else 0
    if organisation_id not in acting().organisations(Role.EXAMINER):
        raise NotFound(action=BRING_CHECKLISTS.name)
    name = (form.file.data.filename or "").replace("\\", "/").rpartition("/")[2]
    try:
        lists, faults = look(form.file.data.read(MOST_BYTES + 1), name, clock.now())
    except DomainError as refusal:
        blame(form.file, refusal)
        return _page(form), 422
    if faults:
        return _page(form, faults), 422
    with unit_of_work():
        ref = keep(organisation_id, name, lists, acting(), clock.now()).ref
    flash(_("已上传，等另一位同事批准后才能使用。"), "success")
    return redirect(url_for("checklists.detail", ref=ref), 303)


@bp.get("/template.xlsx")
@requires(BRING_CHECKLISTS)
def template() -> Response:
    """A sheet with headings and an example; notes on its second sheet."""
    notes = [
        [_("一行一个评分点；同一张评分表的编号等只填第一行，下面留空。")],
        [_("必填：%(columns)s。", columns="、".join(HEADINGS[name] for name in REQUIRED))],
        [_("考核填技能或综合评审，方式填扣分或得分；不填为技能、扣分，次数不填为 1。")],
        [_("分值是每次扣（给）的分，最小 0.5；得分表的分值×次数合计应等于满分。")],
        [_("模块按蓝图：名称不对时会列出可用的模块。示例可以删去。")],
    ]
    return xlsx_response(_("评分表模板"), list(HEADINGS.values()), _EXAMPLE, notes=notes)


@bp.get("/<ref>")
@requires(BRING_CHECKLISTS)
def detail(ref: str) -> ResponseReturnValue:
    """The checklists of an upload as they will stand, and the second person's word."""
    return _detail(_permitted(ref), WithdrawalForm(formdata=None))


def _detail(found: Upload, leaving: WithdrawalForm) -> str:
    withdrawal, word = newest_withdrawal(found.row.id) or (None, None)
    named = (
        found.row.uploaded_by, found.decision and found.decision.decided_by,
        withdrawal and withdrawal.proposed_by, word and word.decided_by,
    )  # fmt: skip
    me, standing = acting().person_id, found.decision is not None and found.decision.approved
    waits = withdrawal is not None and word is None
    return render_template(
        "exams/marking/checklist_upload.html",
        upload=found.row,
        decision=found.decision,
        lists=found.row.content["lists"],
        rungs={int(rung): rung.label for rung in Rung},
        people=person_cards({person for person in named if person}),
        form=DecisionForm(formdata=None),
        leaving=leaving,
        withdrawal=withdrawal,
        word=word,
        may_decide=found.decision is None and found.row.uploaded_by != me,
        may_propose=standing and not waits and not (word and word.approved),
        may_settle=waits and withdrawal is not None and withdrawal.proposed_by != me,
    )


@bp.post("/<ref>/decide")
@requires(BRING_CHECKLISTS)
def decide(ref: str) -> ResponseReturnValue:
    """The second person's word."""
    found, form = _permitted(ref), DecisionForm()
    if form.sent():
        approved = request.form.get("go") == "approve"
        with unit_of_work():
            decide_upload(found.row, approved, form.note.data or "", acting(), clock.now())
        flash(_("已批准，可以选作考站。") if approved else _("已退回。"), "success")
    return redirect(url_for("checklists.detail", ref=ref), 303)


@bp.post("/<ref>/withdraw")
@requires(BRING_CHECKLISTS)
def withdraw(ref: str) -> ResponseReturnValue:
    """Propose that the checklists be offered no more."""
    found, form = _permitted(ref), WithdrawalForm()
    if not form.sent():
        return _detail(found, form), 422
    with unit_of_work():
        propose(found.row, form.reason.data or "", acting(), clock.now())
    flash(_("已提出停用，等另一位同事审核。"), "success")
    return redirect(url_for("checklists.detail", ref=ref), 303)


@bp.post("/<ref>/withdraw/decide")
@requires(BRING_CHECKLISTS)
def settle_withdrawal(ref: str) -> ResponseReturnValue:
    """The second person's word on it."""
    found, form = _permitted(ref), DecisionForm()
    if form.sent():
        approved = request.form.get("go") == "approve"
        with unit_of_work():
            settle(found.row, approved, form.note.data or "", acting(), clock.now())
        flash(_("已停用，不再供选用。") if approved else _("没有停用。"), "success")
    return redirect(url_for("checklists.detail", ref=ref), 303)


def _permitted(ref: str) -> Upload:
    found = upload_with(ref)
    if found is None:
        raise NotFound(action=BRING_CHECKLISTS.name)
    BRING_CHECKLISTS.ensure(acting(), found.row)
    return found


def _form() -> ChecklistForm:
    form = ChecklistForm()
    own = organisation_cards(acting().organisations(Role.EXAMINER)).values()
    form.organisation.choices = choices((card.id, card.name) for card in own)
    return form


def _page(form: ChecklistForm, faults: list[Fault] | None = None) -> str:
    uploads = uploads_for(acting())
    return render_template(
        "exams/marking/checklists.html",
        form=form,
        faults=(faults or [])[:_SHOWN_FAULTS],
        number=len(faults or []),
        uploads=uploads,
        people=person_cards({each.row.uploaded_by for each in uploads} - {0}),
    )
