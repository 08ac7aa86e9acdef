"""Statistics of items and of whole tests from exact sums; plain values in and out.

Intervals are at 95 %. Nothing is claimed of fewer than ``LEAST`` candidates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import atanh, sqrt, tanh
from statistics import mean

LEAST = 30
Z = 1.959963984540054
TOO_HARD, TOO_EASY = 0.25, 0.95
WEAK = 0.15
RARELY = 0.02
#: Halves, thirds: the share of candidates in the upper and in the lower group.
GROUP = 1 / 3


@dataclass(frozen=True, slots=True)
class Sums:
    """Exact sums over the candidates who got an item: ``x`` its marks, ``t`` their whole marks,
    ``w`` the marks it could bring. All in tenths."""

    n: int
    x: int
    xx: int
    t: int
    tt: int
    xt: int
    w: int


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its bounds."""

    value: float
    low: float
    high: float


class Flag(StrEnum):
    """Why somebody should look at an item."""

    TOO_HARD = "too_hard"
    TOO_EASY = "too_easy"
    REVERSED = "reversed"
    WEAK = "weak"


def facility(sums: Sums) -> Interval | None:
    """The share of its marks that an item brought, with Wilson's interval."""
    if not sums.n or not sums.w:
        return None
    return wilson(sums.x / sums.w, sums.n)


def wilson(share: float, n: int) -> Interval:
    """Wilson's score interval of a share."""
    squared = Z * Z
    centre = (share + squared / (2 * n)) / (1 + squared / n)
    half = Z / (1 + squared / n) * sqrt(share * (1 - share) / n + squared / (4 * n * n))
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))


def discrimination(sums: Sums) -> Interval | None:
    """Corrected item-total correlation (point-biserial for right and wrong): the item against the
    marks without it, with Fisher's interval. None below ``LEAST`` or when nothing varies."""
    if sums.n < LEAST:
        return None
    # n² times each (co)variance: exact integers until the last division.
    var_x = sums.n * sums.xx - sums.x * sums.x
    var_t = sums.n * sums.tt - sums.t * sums.t
    cov = sums.n * sums.xt - sums.x * sums.t
    var_rest = var_t + var_x - 2 * cov
    if var_x <= 0 or var_rest <= 0:
        return None
    return fisher((cov - var_x) / sqrt(var_x * var_rest), sums.n)


def fisher(r: float, n: int) -> Interval:
    """The interval of a correlation."""
    if abs(r) >= 1:
        return Interval(r, r, r)
    half = Z / sqrt(n - 3)
    return Interval(r, tanh(atanh(r) - half), tanh(atanh(r) + half))


def pooled_correlation(links: Sequence[tuple[Interval, int]]) -> Interval | None:
    """Several correlations of (estimate, candidates) as one, weighted by Fisher's z."""
    held = [(link.value, n - 3) for link, n in links if abs(link.value) < 1 and n > 3]
    if not held:
        return links[0][0] if links else None
    weight = sum(w for _r, w in held)
    z = sum(w * atanh(r) for r, w in held) / weight
    half = Z / sqrt(weight)
    return Interval(tanh(z), tanh(z - half), tanh(z + half))


def flags(sums: Sums) -> list[Flag]:
    """What stands out; nothing below ``LEAST`` candidates."""
    share, link = facility(sums), discrimination(sums)
    if share is None or sums.n < LEAST:
        return []
    found = []
    if share.high < TOO_HARD or share.value < TOO_HARD:
        found.append(Flag.TOO_HARD)
    if share.low > TOO_EASY or share.value > TOO_EASY:
        found.append(Flag.TOO_EASY)
    if link is not None and link.high < 0:
        found.append(Flag.REVERSED)
    elif link is not None and link.value < WEAK:
        found.append(Flag.WEAK)
    return found


def alpha(items: Sequence[Sums], totals: Sequence[int]) -> float | None:
    """Cronbach's alpha; for right and wrong it is KR-20. Every candidate must have got the same
    items; None when they did not, or when there is too little to say."""
    n, k = len(totals), len(items)
    if n < LEAST or k < 2 or any(item.n != n for item in items):
        return None
    spread = variance(totals)
    if spread <= 0:
        return None
    within = sum((n * item.xx - item.x**2) / (n * (n - 1)) for item in items)
    return k / (k - 1) * (1 - within / spread)


@dataclass(frozen=True, slots=True)
class Sitting:
    """One candidate: whole marks in tenths; number, sum and squares of the shares of each item's
    marks, in thousandths."""

    total: int
    items: int
    y: int
    yy: int


def nested_reliability(sittings: Sequence[Sitting]) -> float | None:
    """Reliability where every candidate has a paper of her own: between and within candidates, by
    one-way analysis of variance (Hoyt). None when there is too little to say."""
    n, items = len(sittings), sum(s.items for s in sittings)
    if n < LEAST or items <= n:
        return None
    each = sum(s.y * s.y / s.items for s in sittings)
    between = (each - sum(s.y for s in sittings) ** 2 / items) / (n - 1)
    inside = (sum(s.yy for s in sittings) - each) / (items - n)
    return (between - inside) / between if between > 0 else None


class Tally:
    """Adds up an event's sittings one at a time."""

    def __init__(self, event_id: int) -> None:
        self.event_id = event_id
        self.totals: dict[int, int] = {}
        self.sittings: list[Sitting] = []
        self._added: dict[int, list[int]] = {}

    def add(self, sitting: int, marks: Sequence[tuple[int, int, int]]) -> None:
        """Add one sitting: its (item, marks given, marks possible)."""
        total = sum(x for _item, x, _w in marks)
        shares = [round(1000 * x / w) for _item, x, w in marks]
        self.totals[sitting] = total
        self.sittings.append(
            Sitting(total, len(marks), sum(shares), sum(share * share for share in shares))
        )
        for item, x, w in marks:
            added = self._added.setdefault(item, [0, 0, 0, 0, 0, 0, 0])
            added[0] += 1
            added[1] += x
            added[2] += x * x
            added[3] += total
            added[4] += total * total
            added[5] += x * total
            added[6] += w

    @property
    def items(self) -> dict[int, Sums]:
        """The sums of every item met so far."""
        return {item: Sums(*added) for item, added in self._added.items()}


def variance(values: Sequence[int]) -> float:
    """Sample variance."""
    centre = mean(values)
    return sum((value - centre) ** 2 for value in values) / (len(values) - 1)


def error_of_measurement(totals: Sequence[int], reliability: float | None) -> float | None:
    """Standard error of measurement, in tenths of a mark."""
    if reliability is None or not 0 <= reliability <= 1:
        return None
    return sqrt(variance(totals) * (1 - reliability))


def distribution(totals: Sequence[int], step: int = 100, top: int = 1000) -> list[int]:
    """How many candidates lie in each band of ``step`` tenths; full marks are in the last."""
    counts = [0] * (top // step)
    for total in totals:
        counts[min(max(total, 0) // step, len(counts) - 1)] += 1
    return counts


@dataclass(frozen=True, slots=True)
class Choice:
    """How often one answer was given: by all, by the upper and the lower group, in shares."""

    label: str
    count: int
    share: float
    upper: float
    lower: float
    is_right: bool


def choices(
    answers: Sequence[tuple[int, frozenset[str]]], labels: Sequence[str], right: frozenset[str]
) -> list[Choice]:
    """The distractor table of an item from (whole marks, answers picked); "" is no answer."""
    ranked = sorted(answers, key=lambda pair: pair[0])
    size = max(1, round(len(ranked) * GROUP))
    lower, upper = ranked[:size], ranked[-size:]

    def share(group: Sequence[tuple[int, frozenset[str]]], label: str) -> float:
        picked = sum(label in chosen or (not label and not chosen) for _total, chosen in group)
        return picked / len(group) if group else 0.0

    return [
        Choice(
            label,
            sum(label in chosen or (not label and not chosen) for _total, chosen in answers),
            share(ranked, label),
            share(upper, label),
            share(lower, label),
            label in right,
        )
        for label in (*labels, "")
    ]


def is_idle(choice: Choice, n: int) -> bool:
    """True for a wrong option that hardly anybody takes: it does not do its work."""
    return bool(choice.label) and not choice.is_right and n >= LEAST and choice.share < RARELY


def is_tempting(choice: Choice, n: int) -> bool:
    """True for a wrong option that the strong take more often than the weak: check the key."""
    wrong = bool(choice.label) and not choice.is_right
    return wrong and n >= LEAST and choice.upper > choice.lower and choice.upper >= 0.1
