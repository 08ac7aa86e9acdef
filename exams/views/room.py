"""The exam room: the page and the protocol written down in docs/exam-room.md."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from exams.entries.policy import SIT
from exams.invigilation.expelling import standing_expulsion
from exams.sittings import errors, presence, rules
from exams.sittings.answering import parse_steps, record_answers
from exams.sittings.closing import hand_in as hand_in_sitting
from exams.sittings.leaving import Report, note_left
from exams.sittings.models import Attempt
from exams.sittings.queries import answers_held, paper_shown
from exams.sittings.starting import enter, last_seq, own_attempt
from exams.views.bodies import (
    acknowledged,
    device_in,
    entered_body,
    epoch_in,
    leaving,
    milliseconds,
)
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.uow import unit_of_work

bp = Blueprint("exam_room", __name__, url_prefix="/exams/room")


def _body() -> Mapping[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise errors.BadSteps
    return body


@bp.get("/<int:attempt_id>")
@requires(SIT)
def page(attempt_id: int) -> ResponseReturnValue:
    """The room; a closed sitting shows its receipt instead."""
    attempt = own_attempt(attempt_id, acting().person_id)
    if attempt.state != "open":
        return redirect(url_for("exam_room.done", attempt_id=attempt_id), 303)
    return render_template("exams/room.html", attempt=attempt, event=attempt.entry.event)


@bp.get("/<int:attempt_id>/done")
@requires(SIT)
def done(attempt_id: int) -> ResponseReturnValue:
    """The receipt of the candidate's own sitting."""
    attempt = own_attempt(attempt_id, acting().person_id)
    if attempt.state == "open":
        return redirect(url_for("exam_room.page", attempt_id=attempt_id), 303)
    expulsion = standing_expulsion(attempt_id)
    return render_template(
        "exams/done.html", attempt=attempt, event=attempt.entry.event, expulsion=expulsion
    )


@bp.post("/<int:attempt_id>/enter")
@requires(SIT)
def come_in(attempt_id: int) -> ResponseReturnValue:
    """Take the pen: the paper, the answers held, the clock, and the epoch to write under."""
    body, now = _body(), clock.now()
    with unit_of_work():
        attempt = enter(attempt_id, device_in(body), body.get("take_over") is True, acting(), now)
        seq, held = last_seq(attempt_id), answers_held(attempt_id)
        told = entered_body(attempt, attempt.entry.event, attempt.epoch, seq, held, now)
        paper_id, paused = attempt.paper_id, attempt.paused_at is not None
    # While the clock stands nobody reads on: the paper is given when it runs again.
    shown = [] if paused else paper_shown(paper_id or 0)
    return jsonify(told | {"questions": [question.as_json() for question in shown]})


@bp.post("/<int:attempt_id>/answers")
@requires(SIT)
def answers(attempt_id: int) -> ResponseReturnValue:
    """The hot path: 200 if and only if every acknowledged step is stored."""
    body = _body()
    device, epoch, steps = device_in(body), epoch_in(body), parse_steps(body.get("steps"))
    person_id = acting().person_id
    with unit_of_work():
        # Read inside: waiting for the write lock must not make an answer look earlier.
        now = clock.now()
        done = record_answers(attempt_id, person_id, device, epoch, steps, now)
    return jsonify(acknowledged(done, now))


@bp.get("/<int:attempt_id>/clock")
@requires(SIT)
def tell_time(attempt_id: int) -> ResponseReturnValue:
    """The server's time, the deadline (it may have been extended), whether the clock stands still,
    and who holds the pen; ``?unsent=`` says how many answers the phone still holds."""
    attempt, now = own_attempt(attempt_id, acting().person_id), clock.now()
    if attempt.state == "open":
        _seen(attempt_id, now)
    return jsonify(
        now=milliseconds(now),
        deadline=milliseconds(attempt.deadline),
        epoch=attempt.epoch,
        open=attempt.state == "open",
        paused=attempt.paused_at is not None,
        left=attempt.left_count,
    )


def _seen(attempt_id: int, now: datetime) -> None:
    unsent = request.args.get("unsent", 0, int)
    notes = presence.book().add(attempt_id, min(max(0, unsent), 1000), now)
    if notes:
        presence.write(notes.items())


@bp.post("/<int:attempt_id>/left")
@requires(SIT)
def left(attempt_id: int) -> ResponseReturnValue:
    """The page was left and came back: counted here, once for each ``op``."""
    body = _body()
    device, report = device_in(body), _report(body)
    with unit_of_work():
        now = clock.now()
        attempt, done = note_left(attempt_id, device, report, acting(), now)
        answer = {
            "leaving": leaving(attempt, attempt.entry.event),
            "open": attempt.state == "open",
            "now": milliseconds(now),
            "deadline": milliseconds(attempt.deadline),
        }
        if attempt.state != "open":
            answer |= _receipt(attempt)
        if done is not None:
            answer |= acknowledged(done, now)
    return jsonify(answer)


def _report(body: Mapping[str, Any]) -> Report:
    seconds, op = body.get("seconds"), body.get("op")
    if not isinstance(seconds, int) or not 0 <= seconds <= 86_400:
        raise errors.BadSteps
    if op is not None and not rules.is_op(op):
        raise errors.BadSteps
    if not body.get("steps"):
        return Report(op, seconds)
    return Report(op, seconds, epoch_in(body), parse_steps(body["steps"]))


@bp.post("/<int:attempt_id>/hand-in")
@requires(SIT)
def hand_in(attempt_id: int) -> ResponseReturnValue:
    """Take what is left on the phone, close the sitting, give the receipt."""
    body = _body()
    device, epoch, steps = device_in(body), epoch_in(body), parse_steps(body.get("steps", []))
    with unit_of_work():
        now = clock.now()
        attempt, done = hand_in_sitting(attempt_id, device, epoch, steps, acting(), now)
        answer = _receipt(attempt)
        if done is not None:
            answer |= acknowledged(done, now)
    return jsonify(answer)


def _receipt(attempt: Attempt) -> dict[str, Any]:
    return {
        "receipt": attempt.receipt,
        "digest": attempt.answers_digest,
        "answered": attempt.answered,
        "questions": attempt.slots,
        "handed_in_at": milliseconds(attempt.handed_in_at) if attempt.handed_in_at else None,
        "url": url_for("exam_room.done", attempt_id=attempt.id),
    }
