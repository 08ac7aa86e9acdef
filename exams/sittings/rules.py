"""What the answer log means; plain values in and out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from exams.bank import kinds
from lms.core.signing import canonical

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


def is_op(value: object) -> bool:
    """True for the name of a step or report: 8 to 36 printable ASCII characters, so that any
    database can hold it."""
    if not isinstance(value, str) or not 8 <= len(value) <= LONGEST_OP:
        return False
    return value.isascii() and value.isprintable()


def is_too_long(step: Step, limits: Mapping[int, int]) -> bool:
    """True for a text of more characters than its question takes."""
    text = step.answer.get("text")
    return text is not None and len(text) > limits.get(step.position, len(text))


def fold(steps: Iterable[tuple[int, int, Mapping[str, Any]]]) -> dict[int, dict[str, Any]]:
    """The answers that (seq, position, answer) steps add up to, whatever order they come in."""
    newest: dict[int, tuple[int, Mapping[str, Any]]] = {}
    for seq, position, answer in steps:
        if position not in newest or seq > newest[position][0]:
            newest[position] = (seq, answer)
    return {position: dict(answer) for position, (_seq, answer) in newest.items()}


def is_answered(answer: Mapping[str, Any] | None) -> bool:
    """True if something was chosen or written (a flag alone is no answer)."""
    for name, value in (answer or {}).items():
        if name in ("pairs", "blanks"):
            said = any(item is not None and str(item).strip() for item in value)
        elif name == "value":
            said = value is not None
        else:
            said = name != "flag" and bool(value.strip() if isinstance(value, str) else value)
        if said:
            return True
    return False


def is_answer(answer: object) -> bool:
    """True for a well-formed answer of any kind: one field of its kind at most, and maybe
    ``flag``; nothing else, and nothing larger than any question can ask for."""
    if not isinstance(answer, dict) or not _is_said(answer.get("flag", False)):
        return False
    fields = [name for name in answer if name != "flag"]
    if len(fields) > 1:
        return False
    return all(name in _SHAPES and _SHAPES[name](answer[name]) for name in fields)


def _is_text(value: object, longest: int) -> bool:
    """True for text that any database and any digest can hold: no NUL, no lone surrogate."""
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        return False
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _is_picked(value: object) -> bool:
    return _are_places(value, kinds.MOST_OPTIONS) and value == sorted(set(value))  # type: ignore[call-overload]


def _are_places(value: object, below: int) -> bool:
    return isinstance(value, list) and all(kinds.is_index(place, below) for place in value)


def _is_sequence(value: object) -> bool:
    most = kinds.MOST_ITEMS
    return _are_places(value, most) and sorted(value) == list(range(len(value)))  # type: ignore[call-overload,arg-type]


def _are_pairs(value: object) -> bool:
    if not isinstance(value, list) or len(value) > kinds.MOST_PAIRS:
        return False
    return _are_places([place for place in value if place is not None], kinds.MOST_RIGHT)


def _are_blanks(value: object) -> bool:
    if not isinstance(value, list) or len(value) > kinds.MOST_BLANKS:
        return False
    return all(_is_text(text, kinds.LONGEST_ACCEPTED) for text in value)


def _is_said(value: object) -> bool:
    """Yes or no: 1 and 0 equal True and False, but are neither."""
    return value is True or value is False


_SHAPES: dict[str, Callable[[object], bool]] = {
    "picked": _is_picked,
    "value": lambda value: value is None or _is_said(value),
    "number": lambda value: _is_text(value, kinds.LONGEST_NUMBER),
    "blanks": _are_blanks,
    "pairs": _are_pairs,
    "sequence": _is_sequence,
    "text": lambda value: _is_text(value, kinds.LONGEST_TEXT),
}


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


def answers_text(attempt_id: int, answers: Mapping[int, Mapping[str, Any]]) -> bytes:
    """What was chosen, as one line of canonical JSON; flags do not count. ``docs/exam-room.md``
    says how anybody makes the same line."""
    return _text(attempt_id, _chosen(answers))


def _chosen(answers: Mapping[int, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {
        str(position): _unflagged(answer) if "flag" in answer else answer
        for position, answer in answers.items()
        if is_answered(answer)
    }


def _unflagged(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "flag"}


def _text(attempt_id: int, chosen: Mapping[str, Any]) -> bytes:
    return canonical({"attempt": attempt_id, "answers": chosen})


def answers_digest(attempt_id: int, answers: Mapping[int, Mapping[str, Any]]) -> str:
    """SHA-256 over ``answers_text``."""
    return sealed(attempt_id, answers)[1]


def sealed(attempt_id: int, answers: Mapping[int, Mapping[str, Any]]) -> tuple[int, str]:
    """What a receipt says of answers: how many questions are answered, and the digest."""
    chosen = _chosen(answers)
    return len(chosen), sha256(_text(attempt_id, chosen)).hexdigest()


def stood_still(paused_at: datetime, resumed_at: datetime) -> timedelta:
    """How far a pause moves the deadline: its length in whole milliseconds, the begun one in the
    candidate's favour, because the protocol counts in them."""
    stood = max(resumed_at - paused_at, timedelta())
    return timedelta(milliseconds=-(-stood // timedelta(milliseconds=1)))


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
