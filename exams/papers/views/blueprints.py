"""An organisation's own blueprints: list, a new one from the rung's rule, new versions."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exams.bank.models import Kind
from exams.entries.choices import organisations_of
from exams.papers import drafting
from exams.papers.models import BlueprintVersion
from exams.papers.plans import newest_blueprints, versions_of
from exams.papers.policy import BLUEPRINT
from exams.papers.rules import parse
from lms.core import clock
from lms.core.access import Role, acting, requires
from lms.core.db import session
from lms.core.errors import DomainError, NotFound
from lms.core.ladder import Rung
from lms.core.uow import unit_of_work
from lms.people.api import organisation_cards

bp = Blueprint("blueprints", __name__, url_prefix="/blueprints")


@bp.get("")
@requires(BLUEPRINT)
def blueprints() -> ResponseReturnValue:
    """The blueprints of my organisations, and the rungs a new one can be for."""
    rows = newest_blueprints(acting().organisations(Role.EXAMINER))
    return render_template(
        "exams/papers/blueprints.html",
        rows=rows,
        owners=organisation_cards({row.organisation_id for row in rows}),
        rungs=[rung for rung in Rung if rung.examined],
        Rung=Rung,
    )


@bp.route("/new/<int:rung>", methods=["GET", "POST"])
@requires(BLUEPRINT)
def new(rung: int) -> ResponseReturnValue:
    """A new blueprint, beginning as the rung's rule is."""
    if rung not in {int(r) for r in Rung if r.examined}:
        raise NotFound(action=BLUEPRINT.name)
    now, owners = clock.now(), organisations_of(acting())
    try:
        weights, rule, _stamp = drafting.weights_for(rung, now)
    except DomainError as refusal:
        return render_template(
            "exams/papers/blueprint.html", rung=Rung(rung), refused=str(refusal), known=None
        )
    if request.method == "GET":
        table = drafting.table_of(parse(rule).quotas if rule["sections"] else ())
        return _form(Rung(rung), weights, table, "", owners=owners)
    owner = request.form.get("organisation_id", 0, int)
    if owner not in dict(owners):
        raise NotFound(action=BLUEPRINT.name)
    title = request.form.get("title", "")
    table = drafting.table_from(request.form, list(weights))
    try:
        with unit_of_work():
            made_id = drafting.create(owner, title, rung, table, acting(), now).id
    except DomainError as refusal:
        return _form(Rung(rung), weights, table, title, str(refusal), owners=owners)
    return _saved(made_id)


@bp.route("/<int:blueprint_id>", methods=["GET", "POST"])
@requires(BLUEPRINT)
def edit(blueprint_id: int) -> ResponseReturnValue:
    """One version; saving makes the next one."""
    known = session().get(BlueprintVersion, blueprint_id)
    if known is None:
        raise NotFound(action=BLUEPRINT.name)
    BLUEPRINT.ensure(acting(), known)
    now, rung = clock.now(), Rung(known.rung)
    try:
        weights, _rule, _stamp = drafting.weights_for(known.rung, now)
    except DomainError as refusal:
        return render_template(
            "exams/papers/blueprint.html", rung=rung, refused=str(refusal), known=known
        )
    if request.method == "GET":
        table = drafting.table_of(parse(known.value).quotas)
        return _form(rung, weights, table, known.title, known=known)
    title = request.form.get("title", known.title)
    table = drafting.table_from(request.form, list(weights))
    try:
        with unit_of_work():
            made_id = drafting.revise(known, title, table, acting(), now).id
    except DomainError as refusal:
        return _form(rung, weights, table, title, str(refusal), known=known)
    return _saved(made_id)


def _saved(blueprint_id: int) -> ResponseReturnValue:
    flash(_("方案已保存。安排考试时在“组卷方案”里选它。"), "success")
    return redirect(url_for("blueprints.edit", blueprint_id=blueprint_id), 303)


def _form(
    rung: Rung, weights: dict[str, int], table: drafting.Table, title: str, fault: str = "",
    known: BlueprintVersion | None = None, owners: list[tuple[int, str]] | None = None,
) -> ResponseReturnValue:  # fmt: skip
    page = render_template(
        "exams/papers/blueprint.html",
        rung=rung, weights=weights, table=table, title=title, fault=fault, known=known,
        owners=owners or [], kinds=list(map(str, Kind)), levels=drafting.LEVELS,
        versions=versions_of(known.code) if known else [],
    )  # fmt: skip
    return page, 422 if fault else 200
