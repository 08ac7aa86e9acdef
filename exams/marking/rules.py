"""Automatic marking; plain values in and out. Marks are integers in tenths."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from exams.bank.models import Kind

VERSION = "exams.marking@1"


class MultipleRule(StrEnum):
    """How several right options are marked."""

    ALL_OR_NOTHING = "all_or_nothing"
    PARTIAL = "partial"


def mark(
    kind: str,
    key: Mapping[str, Any],
    order: Sequence[int],
    answer: Mapping[str, Any] | None,
    tenths: int,
    multiple: str = MultipleRule.ALL_OR_NOTHING,
) -> int:
    """Tenths for one answer. ``order`` turns the places shown into the question's own options.

    Raises:
        ValueError: for a kind that a person must mark.
    """
    if kind not in (Kind.SINGLE, Kind.MULTIPLE, Kind.JUDGE):
        raise ValueError(f"{kind} questions are marked by people")
    if not answer:
        return 0
    if kind == Kind.JUDGE:
        return tenths if answer.get("value") is key["right"] else 0
    places = answer.get("picked") or []
    if any(place >= len(order) for place in places):
        return 0
    picked, right = {order[place] for place in places}, set(key["right"])
    if kind == Kind.MULTIPLE and multiple == MultipleRule.PARTIAL:
        return _partial(picked, right, tenths)
    return tenths if picked == right else 0


def _partial(picked: set[int], right: set[int], tenths: int) -> int:
    """A share for each right option found; nothing as soon as a wrong one is picked."""
    return 0 if picked - right else tenths * len(picked) // len(right)
