"""The points of a rubric and what each is worth; plain values in and out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Point:
    """One thing a marker looks for; ``most`` in tenths."""

    text: str
    most: int


def points_of(key: Mapping[str, Any], most: int) -> list[Point]:
    """The rubric of a question worth ``most`` tenths; one point without a text when it has none."""
    rubric = key.get("rubric") or []
    if not rubric:
        return [Point("", most)]
    shares = split(most, [int(point["share"]) for point in rubric])
    return [Point(str(p["text"]), tenths) for p, tenths in zip(rubric, shares, strict=True)]


def split(most: int, shares: Sequence[int]) -> list[int]:
    """Whole tenths by share, the largest remainders first, so that they add up to ``most``."""
    total = sum(shares)
    parts = [most * share // total for share in shares]
    order = sorted(range(len(shares)), key=lambda i: (-(most * shares[i] % total), i))
    for index in order[: most - sum(parts)]:
        parts[index] += 1
    return parts
