"""The values of a verdict: the rule read for a year, reasons, and the verdict itself."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lms.core.rules import RuleVersion

CENTRAL = "central"
RULE = "compliance.central"
#: States a county officer has to look at.
ATTENTION = ("missed", "at_risk")


@dataclass(frozen=True, slots=True)
class Terms:
    """A version of the rule, read for one year."""

    stamp: str
    year: int
    posts: dict[str, int]
    begins: date
    ends: date
    late_after: date
    at_risk_from: date
    final: date
    count_days: int
    exemptions: dict[str, int]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a code and its values; ``wording`` turns it into a sentence."""

    code: str
    params: tuple[tuple[str, str | int], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Flat form kept with a flag."""
        return {"code": self.code, **dict(self.params)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a person stands with a requirement, why, and what would clear it."""

    person_id: int
    requirement: str
    year: int
    state: str
    reasons: tuple[Reason, ...]
    rule: str
    used: tuple[str, ...]
    required: int
    done: int
    clears: tuple[Reason, ...]
    tested_on: date
    organisation_id: int | None = None
    region: str = ""
    post: str = ""
    done_on: date | None = None

    @property
    def owes(self) -> bool:
        """True if the person is counted among those who have the duty this year."""
        if self.state == "not_due":
            return self.reasons[0].code == "year_open"
        return self.state != "exempt"

    @property
    def missing(self) -> int:
        """Tenths of a class hour still to be done; 0 when nothing is owed."""
        return max(self.required - self.done, 0)


def read_terms(rule: RuleVersion, year: int) -> Terms:
    """Read a rule for one calendar year."""
    value = rule.value
    ends = _day(year, value["window_ends"])
    return Terms(
        stamp=rule.stamp,
        year=year,
        posts=dict(value["posts"]),
        begins=date(year, 1, 1),
        ends=ends,
        late_after=_day(year, value["late_joiner_after"]),
        at_risk_from=_day(year, value["at_risk_from"]),
        final=ends + timedelta(days=value["grace_days"]),
        count_days=value["count_days"],
        exemptions=dict(value["exemptions"]),
    )


def _day(year: int, text: str) -> date:
    month, day = text.split("-")
    return date(year, int(month), int(day))
