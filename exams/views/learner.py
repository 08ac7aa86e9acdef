"""The learner's exams: list, admission, results, receipts."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from exams.entries.admission import try_code
from exams.entries.errors import WrongCode
from exams.entries.models import Admission
from exams.entries.policy import SIT
from exams.entries.queries import ExamCard, Stage, exams_for
from exams.invigilation.expelling import standing_expulsion
from exams.results.awarding import awarding_of
from exams.results.feedback import review_of
from exams.results.queries import own_result, results_of
from exams.results.review_queries import review_state
from exams.results.telling import history_of, tenths_of_ten, told_of
from exams.sittings.queries import last_attempt
from exams.sittings.queries import receipt as find_receipt
from exams.sittings.starting import own_entry
from exams.sittings.starting import start as start_sitting
from lms.core import clock
from lms.core.access import acting, public, requires
from lms.core.errors import Conflict, DomainError, Invalid, NotFound, Throttled
from lms.core.ladder import Rung
from lms.core.uow import unit_of_work
from lms.core.web import limiter

bp = Blueprint("exam_learner", __name__, url_prefix="/exams")


@bp.get("")
@requires(SIT)
def exams() -> ResponseReturnValue:
    """Everything a learner is entered for, and her results."""
    actor = acting()
    cards = exams_for(actor.person_id, clock.now())
    return render_template(
        "exams/list.html", cards=cards, results=results_of(actor.person_id), rungs=Rung
    )


@bp.get("/<int:entry_id>")
@requires(SIT)
def admission(entry_id: int) -> ResponseReturnValue:
    """The admission ticket, the rules of the room, and the button that starts."""
    card, why = _card(entry_id), ""
    if card.stage is Stage.EXPELLED and (attempt := last_attempt(entry_id)) is not None:
        expulsion = standing_expulsion(attempt.id)
        why = expulsion.reason if expulsion else ""
    return render_template("exams/admission.html", card=card, why=why, rungs=Rung)


@bp.post("/<int:entry_id>/start")
@requires(SIT)
def start(entry_id: int) -> ResponseReturnValue:
    """Pin a paper, start the clock, open the room; where a code lets in, it is typed here."""
    typed = request.form.get("code")
    if typed is not None and (refusal := _let_in(entry_id, typed)) is not None:
        flash(str(refusal), "error")
        return redirect(url_for("exam_learner.admission", entry_id=entry_id), 303)
    with unit_of_work():
        attempt = start_sitting(entry_id, acting(), clock.now())
        attempt_id = attempt.id
    return redirect(url_for("exam_room.page", attempt_id=attempt_id), 303)


def _let_in(entry_id: int, typed: str) -> DomainError | None:
    """Try a code; a wrong one is written down, so it is committed before it is refused."""
    try:
        with unit_of_work():
            entry = own_entry(entry_id, acting().person_id)
            right = entry.event.admission != Admission.CODE or try_code(entry, typed, clock.now())
    except (Conflict, Invalid, Throttled) as refusal:
        return refusal
    return None if right else WrongCode()


@bp.get("/results")
@requires(SIT)
def history() -> ResponseReturnValue:
    """All her results by level and part, and until when each pass counts."""
    parts = history_of(acting().person_id, clock.today())
    return render_template("exams/history.html", parts=parts, rungs=Rung)


@bp.get("/results/<int:result_id>")
@requires(SIT)
def result(result_id: int) -> ResponseReturnValue:
    """A released result: marks by module in plain words, what to practise, and explanations where
    the event gives them."""
    card, now = own_result(result_id, acting().person_id), clock.now()
    if card is None:
        raise NotFound
    questions = review_of(card) if card.feedback == "explained" else []
    wrong_only = request.args.get("show") != "all"
    return render_template(
        "exams/result.html",
        card=card,
        told=told_of(card, clock.local_date(now)),
        review=review_state(card.id, card.released_at, now),
        awarding=awarding_of(card.id),
        questions=questions,
        wrong_only=wrong_only,
        rungs=Rung,
        of_ten=tenths_of_ten,
    )


@bp.get("/receipt/<code>")
@public
@limiter.limit("60 per minute")
def receipt(code: str) -> ResponseReturnValue:
    """What was handed in under a receipt code; names nobody."""
    found = find_receipt(code.strip().upper())
    if found is None:
        raise NotFound
    return render_template("exams/receipt.html", receipt=found)


def _card(entry_id: int) -> ExamCard:
    for card in exams_for(acting().person_id, clock.now()):
        if card.entry_id == entry_id:
            return card
    raise NotFound
