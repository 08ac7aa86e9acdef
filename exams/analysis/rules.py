"""Statistics of items from exact sums; plain values in and out.

Intervals are at 95 %. Nothing is claimed of fewer than ``LEAST`` candidates. Where an item brings
part of its marks, Wilson's interval is on the safe side: no share in between varies more than
right and wrong do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import atanh, sqrt, tanh

LEAST = 30
Z = 1.959963984540054
TOO_HARD, TOO_EASY = 0.25, 0.95
WEAK = 0.15
RARELY = 0.02
#: An item that so many leave empty, or that takes so many times the usual, wants a look.
BLANK, SLOW, SLOW_SECONDS = 0.2, 3.0, 60


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
    BLANK = "blank"
    SLOW = "slow"


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


def flags(sums: Sums, blank: int = 0, seconds: int | None = None, usual: int = 0) -> list[Flag]:
    """What stands out; nothing below ``LEAST`` candidates. ``blank`` left it empty; ``seconds``
    is the time it takes and ``usual`` what the questions of the event take."""
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
    if blank / sums.n >= BLANK:
        found.append(Flag.BLANK)
    if seconds is not None and seconds > max(SLOW * usual, SLOW_SECONDS) and usual:
        found.append(Flag.SLOW)
    return found
