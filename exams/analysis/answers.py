"""What an answer is called in tables and curves, and how long it took; plain values."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from unicodedata import normalize

from exams.bank.formats.items import LETTERS
from exams.bank.models import Kind
from exams.marking.rules import Markable, alike, mark

TYPED = frozenset({Kind.NUMERIC, Kind.FILL})
#: A longer gap between two answers is a break, not the time of a question.
BREAK = 900.0
SLACK = timedelta(seconds=5)


def labels_of(kind: str, answer: Mapping[str, Any] | None, order: Sequence[int]) -> tuple[str, ...]:
    """The labels of one answer in the question's own terms, whatever order it was shown in.

    Options ``A``, ``B``; ``true``, ``false``; typed text; pairs ``1→B``; steps ``1:C``. No answer
    is ``("",)``; answers that a person reads have no label.
    """
    answer = answer or {}
    found = tuple(_labels(Kind(kind), answer, order))
    return found or (("",) if not answer.get("text") else ())


def _labels(kind: Kind, answer: Mapping[str, Any], order: Sequence[int]) -> Iterable[str]:
    if kind in (Kind.SINGLE, Kind.MULTIPLE):
        return (_letter(place, order) for place in answer.get("picked") or ())
    if kind == Kind.JUDGE:
        value = answer.get("value")
        return () if value is None else (str(value).lower(),)
    if kind == Kind.NUMERIC:
        return _typed((answer.get("number"),))
    if kind == Kind.FILL:
        return _typed(answer.get("blanks") or ())
    if kind == Kind.MATCHING:
        pairs = enumerate(answer.get("pairs") or (), start=1)
        return (f"{left}→{_letter(place, order)}" for left, place in pairs if place is not None)
    if kind == Kind.ORDERING:
        steps = enumerate(answer.get("sequence") or (), start=1)
        return (f"{n}:{_letter(place, order)}" for n, place in steps)
    return ()


def _typed(texts: Iterable[Any]) -> Iterable[str]:
    tidy = ["".join(normalize("NFKC", str(text or "")).split())[:40] for text in texts]
    if not any(tidy):
        return ()
    return tidy if len(tidy) == 1 else (f"{n}: {text}" for n, text in enumerate(tidy, start=1))


def _letter(place: Any, order: Sequence[int]) -> str:
    """The letter of the question's own option shown at a place; ``?`` for no place of it."""
    if not isinstance(place, int) or not 0 <= place < len(order):
        return "?"
    return LETTERS[order[place]] if order[place] < len(LETTERS) else str(order[place] + 1)


def seconds_by_position(
    started_at: datetime, steps: Iterable[tuple[int, datetime | None, datetime]]
) -> dict[int, float]:
    """Seconds spent on each position, from its steps (position, claimed time, received time).

    The time since the answer before belongs to the question answered; coming back adds to it. The
    phone's claim is believed where it lies between the start and the arrival, since answers kept
    through an outage arrive together. Gaps longer than ``BREAK`` are left out.
    """
    spent: dict[int, float] = {}
    before = started_at
    for position, claimed, received in steps:
        at = received
        if claimed is not None and started_at - SLACK <= claimed <= received + SLACK:
            at = claimed
        gap = (at - before).total_seconds()
        if gap > 0:
            before = at
            if gap <= BREAK:
                spent[position] = spent.get(position, 0.0) + gap
    return spent


def choice_labels(kind: str, body: Mapping[str, Any]) -> list[str]:
    """The labels an answer can have where they are few and known; else none."""
    if kind == Kind.JUDGE:
        return ["true", "false"]
    if kind in (Kind.SINGLE, Kind.MULTIPLE):
        return list(LETTERS[: len(body.get("options", []))])
    return []


def right_labels(kind: str, key: Mapping[str, Any], labels: Iterable[str]) -> frozenset[str]:
    """Which of ``labels`` are right. Opens the key."""
    if kind == Kind.JUDGE:
        return frozenset({str(key["right"]).lower()})
    if kind in (Kind.SINGLE, Kind.MULTIPLE):
        return frozenset(LETTERS[index] for index in key["right"])
    return frozenset(label for label in labels if label and _is_right(kind, key, label))


def _is_right(kind: str, key: Mapping[str, Any], label: str) -> bool:
    if kind == Kind.NUMERIC:
        return mark(Markable(kind, key), {"number": label}, 1) == 1
    if kind == Kind.FILL:
        where, _colon, text = label.partition(": ")
        accepted, exact = _at(key["blanks"], where if text else "1") or (), bool(key.get("exact"))
        return alike(text or label, exact) in {alike(known, exact) for known in accepted}
    if kind == Kind.MATCHING:
        left, _arrow, letter = label.partition("→")
        right = _at(key["pairs"], left)
        return right is not None and _letter(0, [right]) == letter
    if kind == Kind.ORDERING:
        place, _colon, letter = label.partition(":")
        right = _at(key["sequence"], place)
        return right is not None and _letter(0, [right]) == letter
    return False


def _at(rows: Sequence[Any], number: str) -> Any:
    """What the key has at a number counted from 1; None where an answer goes beyond the key."""
    return rows[int(number) - 1] if 1 <= int(number) <= len(rows) else None
