"""Staffing indicators of a home: what is there against what the rule asks; plain values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

RULE = "people.staffing"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: ``present`` people where ``needed`` are asked for; None where the rule asks
    for none of this home. ``base`` is what it is reckoned from: residents, beds or staff."""

    code: str
    present: int
    base: int
    needed: int | None

    @property
    def met(self) -> bool | None:
        """True or False where the rule asks; None where it does not."""
        return None if self.needed is None else self.present >= self.needed

    @property
    def short(self) -> int:
        """How many people are missing."""
        return max((self.needed or 0) - self.present, 0)


@dataclass(frozen=True, slots=True)
class Staffing:
    """What is known of a home: its places, and its staff by post on a day."""

    beds: int
    residents: int
    for_destitute: bool
    posts: Mapping[str, int]
    certified: int


def indicators(value: Mapping[str, Any], home: Staffing) -> list[Indicator]:
    """The indicators of a home by the rule, in the order of the policy."""
    caregivers = home.posts.get("caregiver", 0)
    care = _up(Fraction(home.residents) / Fraction(value["residents_per_caregiver"]))
    social = _up(Fraction(home.beds, value["beds_per_social_worker"]))
    share = _up(Fraction(caregivers * value["certified_percent"], 100))
    return [
        Indicator("caregivers", caregivers, home.residents, care if home.for_destitute else None),
        Indicator("social_workers", home.posts.get("social_worker", 0), home.beds, social),
        Indicator("certified", home.certified, caregivers, share),
    ]


def _up(number: Fraction) -> int:
    """The next whole person."""
    return -(-number.numerator // number.denominator)
