"""From marks to a result, and from results to a level; plain values in and out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

FULL = 1000


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


def valid_to(passed_on: date, valid_days: int) -> date:
    """The last day on which a passed part counts towards the level."""
    return passed_on + timedelta(days=valid_days)


def review_closes(released_on: date, days: int) -> date:
    """The last day on which a candidate may ask for her marks to be added up again."""
    return released_on + timedelta(days=days)


def may_ask(released_on: date, days: int, on: date) -> bool:
    """True from the day of release to the last day, which counts in full."""
    return released_on <= on <= review_closes(released_on, days)


@dataclass(frozen=True, slots=True)
class Recounted:
    """One mark of a sitting as a review adds it up, in tenths. ``counted`` None: no mark was ever
    given; ``by_rule`` what the rules give for the answer stored, None where a person judges."""

    position: int
    module: str
    kind: str
    most: int
    answered: bool
    counted: int | None
    by_rule: int | None
    slot_id: int | None = None

    @property
    def trouble(self) -> str:
        """ "" (sound), ``omitted`` (never marked), ``waiting`` (never marked, and a person has to)
        or ``differs`` (not what the rules give for the answer)."""
        if self.counted is None:
            return "waiting" if self.by_rule is None else "omitted"
        return "differs" if self.by_rule not in (None, self.counted) else ""

    @property
    def tenths(self) -> int:
        """What it should add."""
        if self.by_rule is not None:
            return self.by_rule
        return self.counted or 0


def recount(rows: Iterable[Recounted]) -> tuple[int, list[Recounted]]:
    """The sum as it should be, and the marks in trouble."""
    rows = list(rows)
    return sum(row.tenths for row in rows), [row for row in rows if row.trouble]
