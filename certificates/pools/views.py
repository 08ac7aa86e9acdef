"""Numbers: pools, their import, closing, voided numbers and the report of gaps."""

from pathlib import PurePath

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from certificates.pools.forms import CloseForm, PoolForm, VoidForm
from certificates.pools.gaps import gaps_of
from certificates.pools.importing import (
    NewPool,
    NumbersRefused,
    close_pool,
    import_pool,
    lines_in,
    void_number,
)
from certificates.pools.models import NumberPool
from certificates.pools.policy import MANAGE_POOLS, SEE_POOLS, PoolOf
from certificates.pools.queries import PoolRow, pool_row, pools_for, ranges_of
from certificates.pools.rules import Fault, Line, lines_of
from certificates.words import KIND_WORDS
from lms.core import clock
from lms.core.access import Action, Role, acting, requires
from lms.core.db import session
from lms.core.errors import DomainError, NotFound
from lms.core.forms import blame, choices
from lms.core.ladder import Rung
from lms.core.sheets import MOST_BYTES, csv_response, read_table, xlsx_response
from lms.core.uow import unit_of_work
from lms.people.api import organisation_cards, organisation_facts, requires_recent_second_factor

bp = Blueprint("pools", __name__, url_prefix="/pools")
GAP_WORDS = {
    "missing": (_l("序号缺失"), "bad"),
    "claimed": (_l("已领未发"), "warn"),
    "voided": (_l("已作废"), "mute"),
}


@bp.get("")
@requires(SEE_POOLS)
def page() -> ResponseReturnValue:
    """The pools, and whose gaps can be looked at."""
    return render_template(
        "certificates/pools.html",
        rows=pools_for(acting()),
        own=organisation_cards(acting().organisations(Role.EXAMINER)).values(),
        kind_words=KIND_WORDS,
        rungs={int(rung): rung.label for rung in Rung},
        may_import=MANAGE_POOLS.may(acting()),
    )


@bp.get("/new")
@requires(MANAGE_POOLS)
@requires_recent_second_factor
def new() -> ResponseReturnValue:
    """The form of a new pool."""
    return _new_page(_form(), [])


@bp.post("/new")
@requires(MANAGE_POOLS)
@requires_recent_second_factor
def take() -> ResponseReturnValue:
    """Import a pool, all of it or nothing."""
    form = _form()
    if not form.sent():
        return _new_page(form, []), 422
    faults: list[Fault] = []
    try:
        lines = _lines(form)
        with unit_of_work():
            pool_id = import_pool(_asked(form), lines, acting(), clock.now()).id
    except NumbersRefused as refusal:
        faults = refusal.faults
        blame(form.numbers, refusal)
    except NotFound:
        raise
    except DomainError as refusal:
        blame(form.numbers, refusal)
    else:
        flash(_("号段已导入。"), "success")
        return redirect(url_for("pools.show", pool_id=pool_id), 303)
    return _new_page(form, faults), 422


@bp.get("/<int:pool_id>")
@requires(SEE_POOLS)
def show(pool_id: int) -> ResponseReturnValue:
    """One pool: its ranges and how far they are used."""
    row = permitted(pool_id, SEE_POOLS)
    return _show_page(row, VoidForm(formdata=None), CloseForm(formdata=None))


@bp.post("/<int:pool_id>/void")
@requires(MANAGE_POOLS)
@requires_recent_second_factor
def void(pool_id: int) -> ResponseReturnValue:
    """Say that a number will not be used."""
    row, form = permitted(pool_id, MANAGE_POOLS), VoidForm()
    if form.sent():
        try:
            with unit_of_work():
                void_number(
                    form.number.data or "", row.issuer_id, form.reason.data or "", acting(),
                    clock.now(),
                )  # fmt: skip
            flash(_("编号已作废。"), "success")
            return redirect(url_for("pools.show", pool_id=pool_id), 303)
        except DomainError as refusal:
            blame(form.number, refusal)
    return _show_page(row, form, CloseForm(formdata=None)), 422


@bp.post("/<int:pool_id>/close")
@requires(MANAGE_POOLS)
@requires_recent_second_factor
def close(pool_id: int) -> ResponseReturnValue:
    """Take no more numbers from a pool."""
    row, form = permitted(pool_id, MANAGE_POOLS), CloseForm()
    if not form.sent():
        return _show_page(row, VoidForm(formdata=None), form), 422
    with unit_of_work():
        pool = session().get_one(NumberPool, pool_id, with_for_update=True, populate_existing=True)
        close_pool(pool, form.why.data or "", acting(), clock.now())
    flash(_("号段已停用。"), "success")
    return redirect(url_for("pools.show", pool_id=pool_id), 303)


@bp.get("/gaps/<int:issuer_id>")
@requires(SEE_POOLS)
def gaps(issuer_id: int) -> ResponseReturnValue:
    """What became of an issuer's numbers."""
    issuer = _issuer(issuer_id)
    return render_template(
        "certificates/gaps.html", issuer=issuer, gaps=gaps_of(issuer_id), gap_words=GAP_WORDS
    )


@bp.get("/gaps/<int:issuer_id>/report.<form>")
@requires(SEE_POOLS)
def report(issuer_id: int, form: str) -> ResponseReturnValue:
    """The same as a table."""
    _issuer(issuer_id)
    make = {"csv": csv_response, "xlsx": xlsx_response}.get(form)
    if make is None:
        raise NotFound
    rows = (
        [str(GAP_WORDS[gap.kind][0]), gap.run.begins, gap.run.ends, len(gap.run), gap.reason]
        for gap in gaps_of(issuer_id)
    )
    headings = [_("情况"), _("起始编号"), _("截止编号"), _("个数"), _("原因")]
    return make(_("编号核对"), headings, rows)


def permitted(pool_id: int, action: Action) -> PoolRow:
    """The pool, if the actor may do ``action`` to it; else NotFound."""
    row = pool_row(pool_id)
    if row is None:
        raise NotFound(action=action.name)
    action.ensure(acting(), row)
    return row


def _issuer(issuer_id: int) -> str:
    found = organisation_facts(issuer_id)
    if found is None:
        raise NotFound(action=SEE_POOLS.name)
    SEE_POOLS.ensure(acting(), PoolOf(issuer_id, found.region))
    return found.name


def _form() -> PoolForm:
    form = PoolForm()
    own = organisation_cards(acting().organisations(Role.EXAMINER)).values()
    form.issuer.choices = choices((card.id, card.name) for card in own)
    return form


def _lines(form: PoolForm) -> list[Line]:
    if not form.file.data:
        return lines_of(form.numbers.data or "")
    content = form.file.data.read(MOST_BYTES + 1)
    return lines_in(read_table(content, PurePath(form.file.data.filename or "").name))


def _asked(form: PoolForm) -> NewPool:
    is_skill = form.kind.data == "skill"
    rung = int(form.rung.data) if is_skill and form.rung.data else None
    if is_skill and rung is None:
        raise DomainError(_("请选择等级。"))
    issuer = str(form.issuer.data or "")
    return NewPool(
        int(issuer) if issuer.isdecimal() else 0,
        form.kind.data,
        rung,
        form.title.data or "",
        form.warn_at.data or 0,
    )


def _new_page(form: PoolForm, faults: list[Fault]) -> str:
    return render_template("certificates/pool_new.html", form=form, faults=faults[:200])


def _show_page(row: PoolRow, void_form: VoidForm, close_form: CloseForm) -> str:
    return render_template(
        "certificates/pool.html",
        pool=row,
        ranges=ranges_of(row.id),
        void_form=void_form,
        close_form=close_form,
        kind_words=KIND_WORDS,
        rungs={int(rung): rung.label for rung in Rung},
        may_manage=MANAGE_POOLS.may(acting(), row) and row.closed_at is None,
    )
