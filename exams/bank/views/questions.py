"""One question: read it, open its key, retire it; pairs of questions that say nearly the same."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exams.analysis.records import item_records
from exams.bank import keys
from exams.bank.display import displayed
from exams.bank.neighbours import neighbours_of, pairs_in
from exams.bank.operations import retire
from exams.bank.policy import APPROVE, OPEN_KEYS, VIEW, WRITE
from exams.bank.reading import face_draft, open_keys, question_view
from exams.bank.views.base import bank_for, bp, question_for
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.uow import unit_of_work

#: Of a large bank only the newest questions are compared with all the others.
COMPARED = 2000


@bp.get("/questions/<int:question_id>")
@requires(VIEW)
def question(question_id: int) -> ResponseReturnValue:
    """A question with its versions and use; with a pass, its key too."""
    view = question_view(question_for(question_id))
    newest, token = view.newest, request.args.get("key")
    allowed = set(keys.opened(token, acting(), clock.now()))
    shown = open_keys([v.id for v in view.versions if v.id in allowed])
    key = shown.get(newest.id)
    near = None
    if view.state == "waiting":
        near = neighbours_of(view.bank.id, [(view.code, face_draft(newest))]).get(view.code)
    return render_template(
        "exams/bank/question.html",
        question=view,
        display=displayed(newest.kind, newest.stem, newest.body, key.key if key else None),
        key=key,
        token=token if shown else None,
        records=item_records([version.id for version in view.versions]),
        near=near,
        write=WRITE,
        approve=APPROVE,
        mine=newest.author_id == acting().person_id,
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


@bp.get("/<code>/near")
@requires(VIEW)
def near_pairs(code: str) -> ResponseReturnValue:
    """Questions of a bank that say nearly the same, both texts beside each other."""
    bank = bank_for(code)
    pairs = pairs_in(bank.id, COMPARED)
    return render_template("exams/bank/near.html", bank=bank, pairs=pairs, compared=COMPARED)
