"""Banks, and the questions of one."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exams.analysis.records import item_records
from exams.bank import browsing, forms
from exams.bank.formats.detect import Format
from exams.bank.operations import add_bank
from exams.bank.policy import ADD, PROVINCE, STAFF, VIEW
from exams.bank.views.base import bank_for, bp, filters_from
from lms.core import clock
from lms.core.access import Actor, Role, acting, requires
from lms.core.errors import Conflict, NotFound
from lms.core.forms import blame, choices
from lms.core.ladder import Rung
from lms.core.paging import SIZE, Page, offset_of, page_number
from lms.core.uow import unit_of_work
from lms.people.api import organisation_cards


@bp.get("")
@requires(VIEW)
def banks() -> ResponseReturnValue:
    """The banks I keep."""
    return render_template("exams/bank/banks.html", banks=browsing.bank_cards(acting()), add=ADD)


@bp.get("/new")
@requires(ADD)
def new_bank() -> ResponseReturnValue:
    """A form for a new bank."""
    return render_template("exams/bank/bank_new.html", form=_bank_form(acting()))


@bp.post("/new")
@requires(ADD)
def create_bank() -> ResponseReturnValue:
    """Open a bank for an organisation I answer for."""
    actor, form = acting(), _bank_form(acting())
    if not form.sent():
        return render_template("exams/bank/bank_new.html", form=form), 422
    try:
        with unit_of_work():
            owner = int(form.owner.data) or None
            bank = add_bank(form.code.data, form.title.data, owner, actor, clock.now())
            ADD.ensure(actor, bank)
            code = bank.code
    except Conflict as taken:
        blame(form.code, taken)
        return render_template("exams/bank/bank_new.html", form=form), 409
    return redirect(url_for("bank.questions", code=code), 303)


@bp.get("/<code>")
@requires(VIEW)
def questions(code: str) -> ResponseReturnValue:
    """Search, filter and sort the questions of a bank."""
    bank, filters, number = bank_for(code), filters_from(), page_number()
    rows = browsing.question_rows(bank.id, filters, SIZE, offset_of(number))
    total = browsing.count_questions(bank.id, filters)
    return render_template(
        "exams/bank/questions.html",
        bank=bank,
        filters=filters,
        page=Page(rows, number, total),
        tags=browsing.tags_of(bank.id),
        filter_names=browsing.FILTERS,
        records=item_records([row.version_id for row in rows]),
        rung_pairs=[(int(rung), rung.label) for rung in Rung],
        columns=_columns(filters),
        waiting=len(browsing.waiting_for(bank.id, acting().person_id, 1)),
        formats=[(f, forms.FORMAT_LABELS[f]) for f in Format if f != Format.AIKEN],
    )


def _columns(filters: browsing.Filters) -> list[Any]:
    def sortable(name: str, label: str) -> dict[str, Any]:
        direction = "desc" if filters.descending else "asc"
        chosen = direction if filters.sort == name else None
        return {"label": label, "url": _sort_url(name), "direction": chosen}

    return [
        sortable("newest", _("题目")),
        sortable("code", _("编号")),
        _("题型"),
        sortable("module", _("模块")),
        sortable("difficulty", _("难度")),
        _("状态"),
        {"label": _("得分率"), "num": True},
    ]


def _sort_url(name: str) -> str:
    """The same list sorted by ``name``; by it downwards when it is sorted so already."""
    values: dict[str, Any] = request.args.to_dict() | (request.view_args or {})
    same = values.get("sort", "code") == name and values.get("order") != "desc"
    values |= {"sort": name, "order": "desc" if same else "asc", "page": "1"}
    return url_for("bank.questions", **values)


def _bank_form(actor: Actor) -> forms.BankForm:
    form = forms.BankForm()
    owners: list[tuple[object, str]] = [
        (card.id, card.name) for card in organisation_cards(actor.organisations(*STAFF)).values()
    ]
    if actor.has(Role.ADMIN) or actor.covers(PROVINCE, *STAFF):
        owners.append((0, _("平台（全省共用）")))
    if not owners:
        raise NotFound(action=ADD.name)
    form.owner.choices = choices(owners)
    return form
