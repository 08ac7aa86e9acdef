"""Pages of results: the candidate's request for a review; staff's reviews and publication."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from exams.analysis.curves import distribution
from exams.entries.models import ExamEvent
from exams.entries.policy import RECHECK, RELEASE, SIT
from exams.entries.staff_queries import candidates_of
from exams.results import reviewing
from exams.results.errors import StillUnmarked
from exams.results.models import Result, ScoreDecision, ScoreReview
from exams.results.queries import own_result
from exams.results.recounting import hands_of, recounted
from exams.results.review_queries import chain_of, publication_of, review_state, reviews_of
from exams.results.rules import recount
from exams.results.sheets import result_table
from exams.views.events import event_or_404
from lms.core import clock
from lms.core.access import Actor, acting, requires
from lms.core.db import session
from lms.core.errors import DomainError, NotFound
from lms.core.forms import Form, strip
from lms.core.ladder import Rung
from lms.core.rules import rule_on
from lms.core.uow import unit_of_work
from lms.people.api import person_cards

learner_bp = Blueprint("exam_reviews", __name__, url_prefix="/exams/results")
bp = Blueprint("exam_results", __name__, url_prefix="/events/<int:event_id>")


class AskForm(Form):
    """Why a candidate asks."""

    reason = TextAreaField(
        _l("为什么申请复核"),
        [DataRequired(_l("请写几句理由。")), Length(max=400)],
        filters=[strip],
    )


class NoteForm(Form):
    """A remark beside a check or a decision."""

    note = TextAreaField(_l("说明（可以不填）"), [Length(max=400)], filters=[strip])


@learner_bp.route("/<int:result_id>/review", methods=["GET", "POST"])
@requires(SIT)
def ask(result_id: int) -> ResponseReturnValue:
    """Ask for the marks of one's own result to be added up again."""
    now = clock.now()
    card = own_result(result_id, acting().person_id)
    if card is None:
        raise NotFound
    form = AskForm()
    if form.sent():
        try:
            with unit_of_work():
                reviewing.ask(result_id, form.reason.data or "", acting(), now)
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(_("复核申请已经交上去，结果会通知您。"), "success")
            return redirect(url_for("exam_learner.result", result_id=result_id), 303)
    state = review_state(result_id, card.released_at, now)
    return render_template("exams/review_ask.html", card=card, form=form, state=state)


@bp.get("/reviews")
@requires(RECHECK)
def reviews(event_id: int) -> ResponseReturnValue:
    """The reviews asked for in an event."""
    event = _event(event_id)
    return render_template("exams/reviews.html", event=event, rows=reviews_of(event_id))


@bp.get("/reviews/<int:review_id>")
@requires(RECHECK)
def review(event_id: int, review_id: int) -> ResponseReturnValue:
    """One review: every mark added up again, what was found, and what may be done now."""
    event, asked = _event(event_id), _review(event_id, review_id)
    result = session().get_one(Result, asked.result_id)
    rows = recounted(result)
    total, troubled = recount(rows)
    decision = session().get(ScoreDecision, asked.id)
    checked = reviewing.newest_check(asked.id)
    me = acting().person_id
    barred = {asked.person_id, checked.checked_by if checked else 0} | hands_of(result.attempt_id)
    names = person_cards(
        {asked.person_id}
        | {row.checked_by for row in (checked,) if row}
        | {row.decided_by for row in (decision,) if row}
    )
    return render_template(
        "exams/review.html",
        event=event, asked=asked, result=result, rows=rows, total=total, troubled=troubled,
        decision=decision, checked=checked, names=names, chain=chain_of(result.attempt_id),
        may_check=decision is None and me != asked.person_id,
        may_decide=decision is None and checked is not None and me not in barred,
        form=NoteForm(), unmarked=StillUnmarked.text,
    )  # fmt: skip


@bp.post("/reviews/<int:review_id>/check")
@requires(RECHECK)
def check(event_id: int, review_id: int) -> ResponseReturnValue:
    """Write down what adding up gives."""
    return _act(event_id, review_id, reviewing.check, _("核对结果已记下，请另一位同事审定。"))


@bp.post("/reviews/<int:review_id>/decide")
@requires(RECHECK)
def decide(event_id: int, review_id: int) -> ResponseReturnValue:
    """End a review as the second person."""
    return _act(event_id, review_id, reviewing.decide, _("复核已审定，考生会收到通知。"))


def _act(
    event_id: int,
    review_id: int,
    operation: Callable[[ScoreReview, str, Actor, datetime], object],
    done: str,
) -> ResponseReturnValue:
    _event(event_id)
    asked, form = _review(event_id, review_id), NoteForm()
    if form.sent():
        try:
            with unit_of_work():
                operation(asked, form.note.data or "", acting(), clock.now())
        except DomainError as refusal:
            flash(str(refusal), "error")
        else:
            flash(done, "success")
    return redirect(url_for("exam_results.review", event_id=event_id, review_id=review_id), 303)


@bp.get("/publication")
@requires(RELEASE)
def publication(event_id: int) -> ResponseReturnValue:
    """What the results come to, who is missing, and what publishing them will do."""
    event = event_or_404(event_id)
    RELEASE.ensure(acting(), event)
    found = publication_of(event)
    line = int(rule_on("exams.parts", clock.today()).value["pass_tenths"])
    return render_template(
        "exams/publication.html",
        event=event, found=found, bands=distribution(found.totals), line=line, rungs=Rung,
    )  # fmt: skip


@bp.get("/results/print")
@requires(RELEASE)
def printable(event_id: int) -> ResponseReturnValue:
    """The list of results on paper, to sign."""
    event = event_or_404(event_id)
    RELEASE.ensure(acting(), event)
    found = candidates_of(event, clock.now(), None)
    headings, rows = result_table(found.rows)
    return render_template(
        "exams/results_print.html",
        event=event, headings=headings, rows=rows, now=clock.now(), rungs=Rung,
    )  # fmt: skip


def _event(event_id: int) -> ExamEvent:
    event = event_or_404(event_id)
    RECHECK.ensure(acting(), event)
    return event


def _review(event_id: int, review_id: int) -> ScoreReview:
    found = session().get(ScoreReview, review_id)
    if found is None or session().get_one(Result, found.result_id).event_id != event_id:
        raise NotFound(action=RECHECK.name)
    return found
