"""The exam room without script: one ordinary form per question."""

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as form_session
from flask.typing import ResponseReturnValue

from exams.entries.policy import SIT
from exams.sittings import rules
from exams.sittings.errors import NotAnOrder, TooLong
from exams.sittings.plain import hand_in_plainly, save_plainly
from exams.sittings.plain_forms import answer_from
from exams.sittings.queries import answers_held, paper_shown
from exams.sittings.starting import device_hash, own_attempt
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import NotFound
from lms.core.uow import unit_of_work

bp = Blueprint("exam_plain", __name__, url_prefix="/exams/room")


def _plain_device() -> str:
    """This browser's token, kept in the signed form cookie."""
    if "room" not in form_session:
        form_session["room"] = secrets.token_urlsafe(24)
    return str(form_session["room"])


@bp.get("/<int:attempt_id>/q/<int:position>")
@requires(SIT)
def question(attempt_id: int, position: int) -> ResponseReturnValue:
    """One question as an ordinary form."""
    attempt = own_attempt(attempt_id, acting().person_id)
    if attempt.state != "open":
        return redirect(url_for("exam_room.done", attempt_id=attempt_id), 303)
    if attempt.paused_at is not None:
        return render_template(
            "exams/plain_paused.html", attempt=attempt, event=attempt.entry.event, position=position
        )
    questions, held = paper_shown(attempt.paper_id or 0), answers_held(attempt_id)
    if not 1 <= position <= len(questions):
        raise NotFound
    answered = {p for p, a in held.items() if rules.is_answered(a.answer)}
    return render_template(
        "exams/plain.html",
        attempt=attempt,
        event=attempt.entry.event,
        question=questions[position - 1],
        answer=held[position].answer if position in held else {},
        answered=answered,
        flagged={p for p, a in held.items() if a.answer.get("flag")},
        elsewhere=attempt.device_hash not in ("", device_hash(_plain_device())),
        now=clock.now(),
    )


@bp.post("/<int:attempt_id>/q/<int:position>")
@requires(SIT)
def save(attempt_id: int, position: int) -> ResponseReturnValue:
    """Save one answer and show the next question."""
    take_over = request.form.get("take_over") == "1"
    try:
        answer = None if take_over else answer_from(request.form)
        with unit_of_work():
            slots = save_plainly(
                attempt_id, _plain_device(), position, answer, take_over, acting(), clock.now()
            )
    except (NotAnOrder, TooLong) as refusal:
        flash(str(refusal), "error")
        here = url_for("exam_plain.question", attempt_id=attempt_id, position=position)
        return redirect(here, 303)
    step = 0 if take_over else 1
    if request.form.get("go") == "back":
        step = -1
    if position + step > slots:
        return redirect(url_for("exam_plain.check", attempt_id=attempt_id), 303)
    following = max(1, position + step)
    return redirect(url_for("exam_plain.question", attempt_id=attempt_id, position=following), 303)


@bp.get("/<int:attempt_id>/check")
@requires(SIT)
def check(attempt_id: int) -> ResponseReturnValue:
    """Before handing in without script: what is answered and what is empty."""
    attempt = own_attempt(attempt_id, acting().person_id)
    if attempt.state != "open":
        return redirect(url_for("exam_room.done", attempt_id=attempt_id), 303)
    held = answers_held(attempt_id)
    return render_template(
        "exams/check.html",
        attempt=attempt,
        event=attempt.entry.event,
        answered={p for p, a in held.items() if rules.is_answered(a.answer)},
        flagged={p for p, a in held.items() if a.answer.get("flag")},
    )


@bp.post("/<int:attempt_id>/check")
@requires(SIT)
def hand_in(attempt_id: int) -> ResponseReturnValue:
    """Hand in without script."""
    with unit_of_work():
        hand_in_plainly(attempt_id, _plain_device(), acting(), clock.now())
    return redirect(url_for("exam_room.done", attempt_id=attempt_id), 303)
