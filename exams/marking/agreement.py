"""When two people's marks agree, and what follows; plain values in and out, marks in tenths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Half a mark: the unit of everything people give or take off.
STEP = 5
FULL = 1000


@dataclass(frozen=True, slots=True)
class Terms:
    """What the rule ``exams.marking`` says, with the event's own limit where it has one.

    ``spread_tenths`` is for 100 marks; ``claim_minutes`` in minutes.
    """

    spread_tenths: int
    least_spread_tenths: int
    third: str
    claim_minutes: int
    panel_least: int
    panel_score: str
    recuse: frozenset[str]
    stamp: str

    @classmethod
    def of(cls, value: Mapping[str, Any], stamp: str, spread: int | None = None) -> "Terms":
        """From a rule's value."""
        return cls(
            int(value["spread_tenths"]) if spread is None else spread,
            int(value["least_spread_tenths"]),
            str(value["third"]),
            int(value["claim_minutes"]),
            int(value["panel_least"]),
            str(value["panel_score"]),
            frozenset(value["recuse"]),
            stamp,
        )

    def limit(self, most: int) -> int:
        """How far marks out of ``most`` may lie apart."""
        return max(self.least_spread_tenths, self.spread_tenths * most // FULL)


def mean(tenths: Sequence[int]) -> int:
    """The average, a half rounded up."""
    return (2 * sum(tenths) + len(tenths)) // (2 * len(tenths))


def apart(tenths: Sequence[int]) -> int:
    """From the lowest to the highest."""
    return max(tenths) - min(tenths)


def agreed(tenths: Sequence[int], most: int, terms: Terms) -> int | None:
    """What independent markers came to together; None when a third has to look."""
    return mean(tenths) if apart(tenths) <= terms.limit(most) else None


def with_third(first: Sequence[int], third: int, terms: Terms) -> int:
    """The final mark once an adjudicator has looked."""
    if terms.third == "mean":
        return mean([*first, third])
    if terms.third == "nearest":
        near = min(first, key=lambda one: (abs(one - third), -one))
        return mean([near, third])
    return third


def panel_score(tenths: Sequence[int], terms: Terms) -> int:
    """What a panel's sheets come to: the mean, or without the highest and the lowest one."""
    counted = sorted(tenths)
    if terms.panel_score == "trimmed" and len(counted) > 2:
        counted = counted[1:-1]
    return mean(counted)


def panel_of(members: Sequence[int], barred: frozenset[int], least: int) -> tuple[int, ...]:
    """Who of a panel judges a candidate, in the order they were assigned: those not barred, an odd
    number of them; nobody when fewer than ``least`` are left."""
    fit = [member for member in members if member not in barred]
    odd = len(fit) - (len(fit) + 1) % 2
    return tuple(fit[:odd]) if odd >= least else ()
