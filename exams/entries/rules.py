"""Eligibility: conditions as data, facts as plain values, a decision with its reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class CandidateFacts:
    """What is known of a person on the day of the decision."""

    born_on: date
    years_in_occupation: int
    rung: int | None
    rung_since: date | None


@dataclass(frozen=True, slots=True)
class Decision:
    """Eligible by ``route``, or not, and then ``missing`` says what each route lacked."""

    eligible: bool
    route: str
    missing: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """What an entry keeps."""
        return {"eligible": self.eligible, "route": self.route, "missing": list(self.missing)}


def full_years(since: date, on: date) -> int:
    """Whole years from ``since`` to ``on``; a 29 February counts as 1 March in short years."""
    return on.year - since.year - ((on.month, on.day) < (since.month, since.day))


def years_worked(spells: Sequence[tuple[date, date | None]], on: date) -> int:
    """Whole years covered by spells across employers; overlaps count once, both ends count."""
    days, reached = 0, date.min
    for start, end in sorted(spells, key=lambda spell: spell[0]):
        last = min(end or on, on)
        begin = max(start, reached)
        if last >= begin:
            days += (last - begin).days + 1
            reached = last + timedelta(days=1)
    return (days * 4 + 3) // 1461  # four years are 1461 days; a year is full with its 365th day


def decide(routes: Sequence[Mapping[str, Any]], facts: CandidateFacts, on: date) -> Decision:
    """Try the routes in order; the first that is met decides."""
    missing = []
    for route in routes:
        if _met(route, facts, on):
            return Decision(True, str(route["name"]), ())
        missing.append(str(route["name"]))
    return Decision(False, "", tuple(missing))


def _met(route: Mapping[str, Any], facts: CandidateFacts, on: date) -> bool:
    if full_years(facts.born_on, on) < route.get("age", 0):
        return False
    if facts.years_in_occupation < route.get("years", 0):
        return False
    if "holds" not in route:
        return True
    if facts.rung is None or facts.rung < route["holds"]:
        return False
    if not route.get("years_since"):
        return True
    return facts.rung_since is not None and (
        full_years(facts.rung_since, on) >= route["years_since"]
    )
