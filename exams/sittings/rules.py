"""What the answer log means; plain values in and out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from lms.core.signing import canonical

MOST_OPTIONS = 10
LONGEST_OP = 36
MOST_STEPS = 100


class Arrival(StrEnum):
    """How a step stands to the deadline."""

    ON_TIME = "on_time"
    LATE = "late"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one answer, as sent. ``at`` is the phone's claim, in server time."""

    seq: int
    op: str
    position: int
    answer: dict[str, Any]
    at: datetime | None


def fold(steps: Iterable[tuple[int, int, Mapping[str, Any]]]) -> dict[int, dict[str, Any]]:
    """The answers that (seq, position, answer) steps add up to, whatever order they come in."""
    newest: dict[int, tuple[int, Mapping[str, Any]]] = {}
    for seq, position, answer in steps:
        if position not in newest or seq > newest[position][0]:
            newest[position] = (seq, answer)
    return {position: dict(answer) for position, (_seq, answer) in newest.items()}


def is_answered(answer: Mapping[str, Any] | None) -> bool:
    """True if something was chosen (a flag alone is no answer)."""
    return bool(answer) and bool(
        (answer or {}).get("picked") or (answer or {}).get("value") is not None
    )


def is_answer(answer: object) -> bool:
    """True for a well-formed answer: ``picked`` (places, ascending) or ``value`` (true/false),
    and maybe ``flag``; nothing else."""
    if not isinstance(answer, dict) or set(answer) - {"picked", "value", "flag"}:
        return False
    if "picked" in answer and "value" in answer:
        return False
    picked = answer.get("picked", [])
    if not isinstance(picked, list) or not all(_is_place(place) for place in picked):
        return False
    value, flag = answer.get("value"), answer.get("flag", False)
    return picked == sorted(set(picked)) and value in (None, True, False) and flag in (True, False)


def _is_place(place: object) -> bool:
    return isinstance(place, int) and not isinstance(place, bool) and 0 <= place < MOST_OPTIONS


def arrival(
    claimed: datetime | None, received: datetime, deadline: datetime, grace: timedelta
) -> Arrival:
    """Judge one step. Before the deadline the server's clock alone decides. In the grace time a
    step counts, marked late, unless the phone itself says it was typed after the deadline."""
    if received <= deadline:
        return Arrival.ON_TIME
    if received > deadline + grace or claimed is None or claimed > deadline:
        return Arrival.REFUSED
    return Arrival.LATE


def answers_digest(attempt_id: int, answers: Mapping[int, Mapping[str, Any]]) -> str:
    """SHA-256 over what was chosen; flags do not count."""
    chosen = {
        str(position): {k: v for k, v in answer.items() if k != "flag"}
        for position, answer in answers.items()
        if is_answered(answer)
    }
    return sha256(canonical({"attempt": attempt_id, "answers": chosen})).hexdigest()


def deadline(
    started_at: datetime, minutes: int, extra_minutes: int, closes_at: datetime
) -> datetime:
    """When a sitting ends: its own time, or the end of the window, whichever comes first; extra
    minutes lengthen both. Whole seconds, in the candidate's favour: the protocol counts in
    milliseconds and must not round an answer past the end."""
    ends = min(started_at + timedelta(minutes=minutes), closes_at)
    if ends.microsecond:
        ends = ends.replace(microsecond=0) + timedelta(seconds=1)
    return ends + timedelta(minutes=extra_minutes)
