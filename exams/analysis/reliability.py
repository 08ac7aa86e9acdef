"""How far the marks of a whole exam can be trusted; plain values in and out."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, lgamma, log, log1p, sqrt
from statistics import mean

from exams.analysis.rules import LEAST, Interval, Sums

TAIL = 0.025


class Method(StrEnum):
    """How the reliability was worked out."""

    KR20 = "kr20"
    ALPHA = "alpha"
    FORMS = "forms"
    NESTED = "nested"


@dataclass(frozen=True, slots=True)
class Form:
    """Exact sums of one paper that ``n`` candidates sat, in tenths: their whole marks, and for
    each question the sum and the squares of its marks. ``binary``: all or nothing everywhere."""

    n: int
    t: int
    tt: int
    items: tuple[tuple[int, int], ...]
    binary: bool


@dataclass(frozen=True, slots=True)
class Reliability:
    """An estimate, its bounds, and how it was made."""

    method: str
    value: float
    low: float
    high: float


def alpha(items: Sequence[Sums], totals: Sequence[int]) -> float | None:
    """Cronbach's alpha; for right and wrong it is KR-20. Every candidate must have got the same
    items; None when they did not, or when there is too little to say."""
    n = len(totals)
    if any(item.n != n for item in items):
        return None
    pairs = tuple((item.x, item.xx) for item in items)
    return alpha_of(Form(n, sum(totals), sum(t * t for t in totals), pairs, False))


def alpha_of(form: Form) -> float | None:
    """Cronbach's alpha of one paper; None when there is too little to say."""
    n, k = form.n, len(form.items)
    spread = n * form.tt - form.t**2
    if n < LEAST or k < 2 or spread <= 0:
        return None
    within = sum(n * xx - x**2 for x, xx in form.items)
    return k / (k - 1) * (1 - within / spread)


def feldt(estimate: float, between: int, within: int) -> Interval:
    """Feldt's interval of alpha, from the degrees of freedom between and within candidates."""
    miss = 1 - estimate
    return Interval(
        estimate,
        1 - miss * f_quantile(1 - TAIL, between, within),
        1 - miss * f_quantile(TAIL, between, within),
    )


def of_forms(forms: Sequence[Form]) -> Reliability | None:
    """Reliability from papers that many sat: one paper, or several forms weighted by their
    candidates. Forms with too few candidates say nothing."""
    told = [(form, value) for form in forms if (value := alpha_of(form)) is not None]
    if not told:
        return None
    n = sum(form.n for form, _value in told)
    value = sum(form.n * value for form, value in told) / n
    between = sum(form.n - 1 for form, _value in told)
    within = sum((form.n - 1) * (len(form.items) - 1) for form, _value in told)
    found = feldt(value, between, within)
    method = Method.FORMS if len(forms) > 1 else Method.ALPHA
    if len(forms) == 1 and told[0][0].binary:
        method = Method.KR20
    return Reliability(str(method), value, found.low, found.high)


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
    each = sum(s.y * s.y / s.items for s in sittings if s.items)
    between = (each - sum(s.y for s in sittings) ** 2 / items) / (n - 1)
    inside = (sum(s.yy for s in sittings) - each) / (items - n)
    return (between - inside) / between if between > 0 else None


def of_own_papers(sittings: Sequence[Sitting]) -> Reliability | None:
    """The same with its interval."""
    value = nested_reliability(sittings)
    if value is None:
        return None
    n, items = len(sittings), sum(s.items for s in sittings)
    found = feldt(value, n - 1, items - n)
    return Reliability(str(Method.NESTED), value, found.low, found.high)


def variance(values: Sequence[int]) -> float:
    """Sample variance."""
    centre = mean(values)
    return sum((value - centre) ** 2 for value in values) / (len(values) - 1)


def error_of_measurement(totals: Sequence[int], reliability: float | None) -> float | None:
    """Standard error of measurement, in tenths of a mark."""
    if reliability is None or not 0 <= reliability <= 1:
        return None
    return sqrt(variance(totals) * (1 - reliability))


def f_quantile(share: float, above: float, below: float) -> float:
    """The value that a variance ratio with these degrees of freedom stays under with
    probability ``share``."""
    low, high = 0.0, 1.0
    for _step in range(60):
        middle = (low + high) / 2
        if _beta(middle, above / 2, below / 2) < share:
            low = middle
        else:
            high = middle
    x = (low + high) / 2
    return below * x / (above * (1 - x))


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by Lentz's continued fraction."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 2000):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + term * d)
            c = _away(1 + term / c)
            fraction *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return front * fraction


def _away(value: float) -> float:
    """Not so near to nothing that it could not divide."""
    return value if abs(value) > 1e-300 else 1e-300
