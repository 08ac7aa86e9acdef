"""One question: read, open its key, write the next version, retire."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exams.bank import keys, rules
from exams.bank.forms import QuestionForm, fields_of
from exams.bank.importing import nearest_to, suggested_code
from exams.bank.models import Bank, Kind, Question
from exams.bank.near import Near
from exams.bank.operations import add_question, add_version, retire
from exams.bank.policy import APPROVE, OPEN_KEYS, VIEW, WRITE
from exams.bank.reading import drafts_of, open_keys, question_view
from exams.bank.views.base import bank_for, bp, question_for
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import Conflict, Invalid
from lms.core.forms import blame
from lms.core.uow import unit_of_work


@bp.get("/questions/<int:question_id>")
@requires(VIEW)
def question(question_id: int) -> ResponseReturnValue:
    """A question with its versions and use; with a pass, its key too."""
    view = question_view(question_for(question_id))
    token = request.args.get("key")
    allowed = set(keys.opened(token, acting(), clock.now()))
    shown = open_keys([v.id for v in view.versions if v.id in allowed])
    return render_template(
        "exams/bank/question.html",
        question=view,
        keys=shown,
        token=token if shown else None,
        write=WRITE,
        approve=APPROVE,
        mine=view.newest.author_id == acting().person_id,
    )


@bp.post("/questions/<int:question_id>/key")
@requires(OPEN_KEYS)
def open_key(question_id: int) -> ResponseReturnValue:
    """Record the opening, then show the key (or the form, for writing the next version)."""
    found = question_for(question_id, OPEN_KEYS)
    editing = request.form.get("next") == "edit"
    with unit_of_work():
        versions = [version.id for version in question_view(found).versions]
        purpose = "edit" if editing else "read"
        token = keys.open_versions(versions, found.bank_id, purpose, acting(), clock.now())
    target = "bank.edit" if editing else "bank.question"
    return redirect(url_for(target, question_id=question_id, key=token), 303)


@bp.get("/<code>/add")
@requires(WRITE)
def new(code: str) -> ResponseReturnValue:
    """A form for a new question of one kind."""
    bank, kind = bank_for(code, WRITE), _kind()
    return _form_page(QuestionForm(), bank, kind)


@bp.post("/<code>/add")
@requires(WRITE)
def create(code: str) -> ResponseReturnValue:
    """Put a new question into the bank; it waits for a second person."""
    bank, kind, form = bank_for(code, WRITE), _kind(), QuestionForm()
    if not form.sent():
        return _form_page(form, bank, kind), 422
    draft = rules.tidy(form.draft(kind))
    near = nearest_to(bank.id, draft)
    try:
        with unit_of_work():
            number = form.code.data or suggested_code(draft)
            made = add_question(bank, number, draft, acting(), clock.now())
            question_id = made.question_id
    except Conflict as taken:
        blame(form.code, taken)
        return _form_page(form, bank, kind), 409
    except Invalid as unsound:
        blame(form.stem, unsound)
        return _form_page(form, bank, kind), 422
    return _saved(question_id, near)


@bp.get("/questions/<int:question_id>/edit")
@requires(WRITE)
def edit(question_id: int) -> ResponseReturnValue:
    """The newest version in a form; needs a pass, since the form shows the key."""
    found = question_for(question_id, WRITE)
    newest = question_view(found).newest
    if newest.id not in keys.opened(request.args.get("key"), acting(), clock.now()):
        return redirect(url_for("bank.question", question_id=question_id), 303)
    ((_version, written),) = drafts_of([newest.id])
    form = QuestionForm(formdata=None, data=fields_of(written.draft))
    return _form_page(form, found.bank, newest.kind, found, newest.number)


@bp.post("/questions/<int:question_id>/edit")
@requires(WRITE)
def revise(question_id: int) -> ResponseReturnValue:
    """Append the next version; refused when somebody else has appended one meanwhile."""
    found, form = question_for(question_id, WRITE), QuestionForm()
    newest = question_view(found).newest
    based_on = request.form.get("based_on", 0, type=int)
    if not form.sent():
        return _form_page(form, found.bank, newest.kind, found, based_on), 422
    draft = rules.tidy(form.draft(newest.kind))
    near = nearest_to(found.bank_id, draft, found.code)
    try:
        with unit_of_work():
            if question_view(found).newest.number != based_on:
                raise Conflict(_("这道题刚刚有了新版本，请先看看新版本，再决定怎么改。"))
            add_version(found, draft, acting(), clock.now())
    except Conflict as refusal:
        blame(form.stem, refusal)
        return _form_page(form, found.bank, newest.kind, found, based_on), 409
    except Invalid as unsound:
        blame(form.stem, unsound)
        return _form_page(form, found.bank, newest.kind, found, based_on), 422
    return _saved(question_id, near)


@bp.get("/questions/<int:question_id>/retire")
@requires(WRITE)
def retire_page(question_id: int) -> ResponseReturnValue:
    """Say what retiring does, and ask."""
    view = question_view(question_for(question_id, WRITE))
    return render_template("exams/bank/retire.html", question=view)


@bp.post("/questions/<int:question_id>/retire")
@requires(WRITE)
def retire_now(question_id: int) -> ResponseReturnValue:
    """Take the question out of future papers."""
    found = question_for(question_id, WRITE)
    with unit_of_work():
        retire(found, acting(), clock.now())
    flash(_("已停用。以后组卷不会再用它，考过的卷子不变。"), "success")
    return redirect(url_for("bank.question", question_id=question_id), 303)


def _kind() -> str:
    wanted = request.args.get("kind", "single")
    return wanted if wanted in (Kind.SINGLE, Kind.MULTIPLE, Kind.JUDGE) else "single"


def _form_page(
    form: QuestionForm,
    bank: Bank,
    kind: str,
    question: Question | None = None,
    based_on: int = 0,
) -> str:
    return render_template(
        "exams/bank/question_form.html",
        form=form,
        bank=bank,
        kind=kind,
        question=question,
        based_on=based_on,
    )


def _saved(question_id: int, near: Near | None) -> ResponseReturnValue:
    flash(_("已保存，等另一位同事审核后才会用于组卷。"), "success")
    if near:
        text = _("和“%(code)s”有 %(n)s%% 相似，请看看是不是重复。", code=near.key, n=near.percent)
        flash(text, "warning")
    return redirect(url_for("bank.question", question_id=question_id), 303)
