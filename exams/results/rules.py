"""From marks to a result, and from results to a level; plain values in and out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Marked:
    """One mark with the module it belongs to and the most it could have been."""

    module: str
    tenths: int
    most: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A passed part: the result that proves it and its day."""

    result_id: int
    part: str
    tenths: int
    on: date


def total(marks: Iterable[Marked]) -> int:
    """The sum, in tenths."""
    return sum(mark.tenths for mark in marks)


def by_module(marks: Iterable[Marked]) -> dict[str, list[int]]:
    """Module → [tenths, most], in the order modules first appear."""
    sums: dict[str, list[int]] = {}
    for mark in marks:
        row = sums.setdefault(mark.module, [0, 0])
        row[0] += mark.tenths
        row[1] += mark.most
    return sums


def complete(
    needed: Sequence[str], standings: Iterable[Standing], valid_days: int, on: date
) -> dict[str, Standing] | None:
    """The newest valid pass of each needed part, or None while one is missing.

    A pass is valid on its last day (``on - day == valid_days``) and not after it.
    """
    held: dict[str, Standing] = {}
    for standing in sorted(standings, key=lambda s: (s.on, s.result_id)):
        if timedelta() <= on - standing.on <= timedelta(days=valid_days):
            held[standing.part] = standing
    if any(part not in held for part in needed):
        return None
    return {part: held[part] for part in needed}
