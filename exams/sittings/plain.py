"""Answering without script: the server numbers the step. Callers commit."""

import secrets
from datetime import datetime
from typing import Any

from exams.sittings import rules
from exams.sittings.answering import record_answers
from exams.sittings.closing import hand_in
from exams.sittings.errors import BadSteps, TimeUp, TooLong
from exams.sittings.rules import Step
from exams.sittings.starting import enter, last_seq, own_attempt
from lms.core.access import Actor


def save_plainly(
    attempt_id: int,
    device: str,
    position: int,
    answer: dict[str, Any] | None,
    take_over: bool,
    actor: Actor,
    now: datetime,
) -> int:
    """Save one answer (None: only take the pen) and return the number of questions.

    Raises:
        OtherDevice, AttemptClosed, TimeUp, BadSteps, TooLong, TooManySteps.
    """
    attempt = enter(attempt_id, device, take_over, actor, now)
    if answer is not None:
        if not rules.is_answer(answer):
            raise BadSteps
        step = Step(last_seq(attempt_id) + 1, secrets.token_hex(16), position, answer, None)
        kept = record_answers(attempt_id, actor.person_id, device, attempt.epoch, [step], now)
        if kept.too_long:
            raise TooLong
        if kept.refused:
            raise TimeUp
    return attempt.slots


def hand_in_plainly(attempt_id: int, device: str, actor: Actor, now: datetime) -> None:
    """Close the sitting. Raises OtherDevice, TimeUp; does nothing when it is closed."""
    if own_attempt(attempt_id, actor.person_id).state == "open":
        attempt = enter(attempt_id, device, False, actor, now)
        hand_in(attempt_id, device, attempt.epoch, [], actor, now)
