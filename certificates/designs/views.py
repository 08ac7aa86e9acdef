"""Pages of designs: see them, draft one, look at its preview, approve or refuse it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from certificates.designs import operations, queries
from certificates.designs.errors import BadDesign
from certificates.designs.forms import DesignForm
from certificates.designs.policy import APPROVE, DRAFT, SEE
from certificates.designs.queries import DesignPage
from certificates.designs.rules import FRAMES, LAYOUTS, PLACE_NAMES, State
from certificates.designs.samples import sample_paper
from certificates.forms import ReasonForm
from certificates.models import KINDS
from certificates.paper.render import preview
from certificates.words import KIND_WORDS
from lms.core import clock
from lms.core.access import Actor, acting, requires
from lms.core.errors import NotFound
from lms.core.forms import blame
from lms.core.uow import unit_of_work
from lms.core.web import limiter
from lms.people.api import organisation_card, person_cards, requires_recent_second_factor

bp = Blueprint("designs", __name__, url_prefix="/designs")
STATE_WORDS = {
    State.WAITING: (_l("待批准"), "warn"),
    State.APPROVED: (_l("已批准"), "ok"),
    State.REFUSED: (_l("未通过"), "bad"),
    State.RETIRED: (_l("已停用"), "mute"),
}
STEP_WORDS = {
    "seen": _l("看过预览"),
    "approved": _l("批准"),
    "refused": _l("退回"),
    "retired": _l("停用"),
}
AGAINST: dict[str, Callable[[int, str, Actor, datetime], None]] = {
    "refuse": operations.refuse,
    "retire": operations.retire,
}


@dataclass(frozen=True, slots=True)
class Issuer:
    """The body a design would be for."""

    issuer_id: int
    issuer_region: str
    name: str


@bp.get("")
@requires(SEE)
def page() -> ResponseReturnValue:
    """The designs of the bodies one answers for."""
    actor = acting()
    return render_template(
        "certificates/designs/list.html",
        designs=queries.designs_seen_by(actor),
        issuers=queries.issuers_for(actor),
        kinds=KINDS,
        kind_words=KIND_WORDS,
        state_words=STATE_WORDS,
        may_draft=DRAFT.admits(actor),
    )


@bp.get("/new")
@requires(DRAFT)
def begin() -> ResponseReturnValue:
    """From the list's two choices to the form."""
    issuer_id, kind = request.args.get("issuer", 0, type=int), request.args.get("kind", "")
    return redirect(url_for("designs.new", issuer_id=_issuer(issuer_id, kind).issuer_id, kind=kind))


@bp.route("/new/<int:issuer_id>/<kind>", methods=["GET", "POST"])
@requires(DRAFT)
@limiter.limit("60 per hour", methods=["POST"])
def new(issuer_id: int, kind: str) -> ResponseReturnValue:
    """Draft the next version of a body's papers of a kind."""
    issuer = _issuer(issuer_id, kind)
    before = queries.latest_spec(issuer_id, kind)
    form = DesignForm()
    if request.method == "GET":
        form.effective_from.data = clock.today()
        if before is not None:
            form.begin_with(before)
    elif form.sent():
        kept = dict(before.pictures) if before else {}
        kept = {role: d for role, d in kept.items() if f"drop_{role}" not in request.form}
        wanted = operations.Draft(
            issuer_id, kind, form.spec(kind, kept), form.effective_from.data, form.uploads()
        )
        try:
            with unit_of_work():
                design_id = operations.draft(wanted, acting(), clock.now()).id
        except BadDesign as error:
            blame(form[error.field], error)
        else:
            flash(_("已保存为新的一版。看过预览后，请另一个人批准。"), "success")
            return redirect(url_for("designs.detail", design_id=design_id), 303)
    body = render_template(
        "certificates/designs/form.html", form=form, issuer=issuer, kind=kind,
        kind_word=KIND_WORDS[kind], places="".join(f"{{{name}}}" for name in PLACE_NAMES),
        pictures=before.pictures if before else {},
    )  # fmt: skip
    return body, 422 if form.errors else 200


@bp.get("/<int:design_id>")
@requires(SEE)
def detail(design_id: int) -> ResponseReturnValue:
    """One version: its preview, who did what, and what may be done."""
    design = _permitted(design_id)
    actor = acting()
    people = {design.drafted_by, *(step.actor_id for step in design.steps)}
    return render_template(
        "certificates/designs/detail.html",
        design=design,
        own=design.drafted_by == actor.person_id,
        seen=design.seen_by(actor.person_id),
        may_approve=APPROVE.may(actor, design),
        reason_form=ReasonForm(formdata=None),
        names={person_id: card.name for person_id, card in person_cards(people).items()},
        kind_words=KIND_WORDS,
        state_word=STATE_WORDS[design.state],
        step_words=STEP_WORDS,
        layouts=LAYOUTS,
        frames=FRAMES,
    )


@bp.get("/<int:design_id>/preview.<any(pdf, webp):form>")
@requires(SEE)
def sample(design_id: int, form: str) -> ResponseReturnValue:
    """The paper of an invented person; who opens it has seen this version."""
    design = _permitted(design_id)
    drawn = sample_paper(design, "pdf" if form == "pdf" else "png")
    with unit_of_work():
        operations.note_seen(design.id, acting(), clock.now())
    if form == "pdf":
        return Response(drawn, mimetype="application/pdf")
    return Response(preview(drawn, 900), mimetype="image/webp")


@bp.post("/<int:design_id>/approve")
@requires(APPROVE)
@requires_recent_second_factor
def approve(design_id: int) -> ResponseReturnValue:
    """Let new certificates use it."""
    design = _permitted(design_id)
    APPROVE.ensure(acting(), design)
    with unit_of_work():
        operations.approve(design.id, acting(), clock.now())
    flash(_("已批准。从开始日期起，新发的证书使用这一版。"), "success")
    return redirect(url_for("designs.detail", design_id=design.id), 303)


@bp.post("/<int:design_id>/<any(refuse, retire):step>")
@requires(APPROVE)
@requires_recent_second_factor
def against(design_id: int, step: str) -> ResponseReturnValue:
    """Send it back, or take it out of use, with a reason."""
    design = _permitted(design_id)
    APPROVE.ensure(acting(), design)
    form = ReasonForm()
    if not form.sent():
        flash(_("请写明原因，至少 4 个字。"), "warning")
    else:
        with unit_of_work():
            AGAINST[step](design.id, form.reason.data or "", acting(), clock.now())
        flash(_("已退回。") if step == "refuse" else _("已停用。"), "success")
    return redirect(url_for("designs.detail", design_id=design.id), 303)


def _permitted(design_id: int) -> DesignPage:
    design = queries.design_page(design_id)
    if design is None:
        raise NotFound
    SEE.ensure(acting(), design)
    return design


def _issuer(issuer_id: int, kind: str) -> Issuer:
    card = organisation_card(issuer_id)
    if card is None or kind not in KINDS:
        raise NotFound
    issuer = Issuer(card.id, card.region, card.name)
    DRAFT.ensure(acting(), issuer)
    return issuer
