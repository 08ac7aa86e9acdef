"""How a person stands with the hours of a cycle: a pure function of rules and movements.

All amounts are tenths of a class hour.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from courses.credits.models import CATEGORIES


@dataclass(frozen=True, slots=True)
class CreditTerms:
    """What a post asks for in a cycle, and how hours count: ``caps`` are the shares of the
    requirement, in per cent, up to which hours of an origin count."""

    stamp: str
    post: str
    required: int
    professional_percent: int
    years: int
    carry_over: int
    caps: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Movement:
    """One posting; ``origin`` is the first word of its source: central, course, claim."""

    year: int
    category: str
    tenths: int
    origin: str


@dataclass(frozen=True, slots=True)
class Balance:
    """A cycle and where the person stands in it."""

    terms: CreditTerms
    first_year: int
    last_year: int
    counted: Mapping[str, int]
    carried: int
    over_cap: Mapping[str, int]

    @property
    def total(self) -> int:
        """What counts, with what was carried over."""
        return sum(self.counted.values()) + self.carried

    @property
    def missing(self) -> int:
        """Still to be done in all."""
        return max(self.terms.required - self.total, 0)

    @property
    def professional_required(self) -> int:
        """How much of it must be professional subjects, rounded up to a tenth."""
        return -(-self.terms.required * self.terms.professional_percent // 100)

    @property
    def professional_missing(self) -> int:
        """Still to be done in professional subjects."""
        return max(self.professional_required - self.counted["professional"], 0)

    @property
    def met(self) -> bool:
        """True if nothing is missing."""
        return not self.missing and not self.professional_missing


def read_credit_terms(
    post: str, hours: tuple[str, Mapping[str, Any]], ledger: tuple[str, Mapping[str, Any]]
) -> CreditTerms | None:
    """A post's terms from the two rules, each as (stamp, value); None if it owes no hours."""
    line = hours[1]["posts"].get(post)
    if line is None:
        return None
    return CreditTerms(
        stamp=f"{hours[0]} {ledger[0]}",
        post=post,
        required=line["tenths"],
        professional_percent=line["professional_percent"],
        years=line["years"],
        carry_over=ledger[1]["carry_over_tenths"],
        caps=ledger[1]["caps"],
    )


def cycle_of(terms: CreditTerms, year: int, began: int) -> tuple[int, int]:
    """First and last year of the cycle that ``year`` lies in. A cycle of one year is the calendar
    year; longer ones are counted from the year in which the post was taken up."""
    first = year - (year - began) % terms.years if terms.years > 1 else year
    return first, first + terms.years - 1


def balance(terms: CreditTerms, movements: Iterable[Movement], year: int, began: int) -> Balance:
    """Where somebody stands in the cycle of ``year``; ``began`` is when the post was taken up."""
    first, last = cycle_of(terms, year, began)
    moved = list(movements)
    counted, over = _counted(terms, [m for m in moved if first <= m.year <= min(last, year)])
    carried = 0
    if terms.carry_over and first > began:
        before, _over = _counted(terms, [m for m in moved if first - terms.years <= m.year < first])
        carried = min(max(sum(before.values()) - terms.required, 0), terms.carry_over)
    return Balance(terms, first, last, counted, carried, over)


def _counted(terms: CreditTerms, moved: list[Movement]) -> tuple[dict[str, int], dict[str, int]]:
    """Tenths by category after the caps, and what each cap left out. What is over a cap is taken
    from public subjects first, which is kinder to the person."""
    counted = dict.fromkeys(CATEGORIES, 0)
    over: dict[str, int] = {}
    by_origin: dict[str, Counter[str]] = {}
    for m in moved:
        by_origin.setdefault(m.origin, Counter())[m.category] += m.tenths
    for origin, amounts in sorted(by_origin.items()):
        total, cap = amounts.total(), terms.caps.get(origin)
        room = total if cap is None else min(total, terms.required * cap // 100)
        if room < total:
            over[origin] = total - room
        for category in CATEGORIES:  # professional first
            taken = min(max(amounts[category], 0), room)
            counted[category] += taken
            room -= taken
    return counted, over
