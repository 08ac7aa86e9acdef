"""The second person: reads questions with their keys, and lets them into use."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exams.bank import browsing, keys
from exams.bank.display import displayed
from exams.bank.neighbours import neighbours_of
from exams.bank.operations import approve
from exams.bank.policy import APPROVE
from exams.bank.reading import drafts_of, names_of
from exams.bank.views.base import bank_for, bp
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import Conflict
from lms.core.uow import unit_of_work

BATCH = 20


@bp.get("/<code>/review")
@requires(APPROVE)
def review(code: str) -> ResponseReturnValue:
    """The questions whose keys were opened for review; without a pass, an offer to open them."""
    bank, actor = bank_for(code, APPROVE), acting()
    token = request.args.get("key")
    waiting = browsing.waiting_for(bank.id, actor.person_id, 10_000)
    allowed = set(keys.opened(token, actor, clock.now()))
    opened = drafts_of([number for number in waiting if number in allowed])
    return render_template(
        "exams/bank/review.html",
        bank=bank,
        waiting=len(waiting),
        opened=opened,
        displays=[
            displayed(w.draft.kind, w.draft.stem, w.draft.body, w.draft.key) for _v, w in opened
        ],
        near=neighbours_of(bank.id, [(w.code, w.draft) for _v, w in opened]) if opened else {},
        names=names_of({version.author_id for version, _written in opened}),
        token=token,
        batch=BATCH,
    )


@bp.post("/<code>/review")
@requires(APPROVE)
def open_review(code: str) -> ResponseReturnValue:
    """Open the keys of the next questions that wait for somebody like me."""
    bank, actor = bank_for(code, APPROVE), acting()
    with unit_of_work():
        ids = browsing.waiting_for(bank.id, actor.person_id, BATCH)
        token = keys.open_versions(ids, bank.id, "review", actor, clock.now())
    return redirect(url_for("bank.review", code=code, key=token), 303)


@bp.post("/<code>/approve")
@requires(APPROVE)
def approve_chosen(code: str) -> ResponseReturnValue:
    """Let the ticked questions into use: only those this person has read with their keys."""
    bank, actor, now = bank_for(code, APPROVE), acting(), clock.now()
    token = request.form.get("key")
    read = set(keys.opened(token, actor, now))
    chosen = request.form.getlist("version", type=int)
    if not chosen or not set(chosen) <= read:
        raise Conflict(_("请先打开答案，看过以后再审核。"))
    with unit_of_work():
        newest = set(browsing.newest_versions(bank.id, browsing.Filters(state="waiting")))
        if not set(chosen) <= newest:
            raise Conflict(_("有的题目刚刚被审核或修改了，请刷新后再试。"))
        for version, _written in drafts_of(chosen):
            approve(version, actor, now)
    flash(_("已审核通过 %(n)s 道题，可以用于组卷。", n=len(chosen)), "success")
    question_id = request.form.get("question", type=int)
    if question_id:
        return redirect(url_for("bank.question", question_id=question_id, key=token), 303)
    return redirect(url_for("bank.review", code=code, key=token), 303)
