"""Facts for the yearly duty, written shortly: days as "03-15" of 2026 or whole dates."""

from datetime import UTC, date, datetime
from itertools import count

from courses.compliance.facts import (
    DecisionFact,
    Employment,
    ExemptionFact,
    Facts,
    Outcome,
    SeatFact,
    SessionFact,
)
from courses.compliance.verdicts import read_terms
from lms.core.rules import RuleVersion

YEAR = 2026
KANGNING, GUCHENG, XINGHUA = 1, 2, 3
COUNTY = {KANGNING: "140105", GUCHENG: "140728", XINGHUA: "140105"}
_numbers = count(1)
VALUE = {
    "posts": {"caregiver": 80, "director": 120, "social_worker": 80},
    "window_ends": "12-31",
    "late_joiner_after": "10-01",
    "at_risk_from": "07-01",
    "grace_days": 0,
    "count_days": 14,
    "exemptions": {"illness": 180, "leave": 180, "elsewhere": 0},
}


def terms(year=YEAR, version=1, **changed):
    rule = RuleVersion(
        "compliance.central", version, date(2024, 7, 12), VALUE | changed, "test", False
    )
    return read_terms(rule, year)


def day(text):
    return date.fromisoformat(text if len(text) > 5 else f"{YEAR}-{text}")


def at(text):
    moment = day(text)
    return datetime(moment.year, moment.month, moment.day, 2, tzinfo=UTC)


def job(start="2024-03-01", end=None, home=KANGNING, post="caregiver", known=None, until=None):
    return Employment(
        f"s{start}-{home}-{post}",
        home,
        COUNTY[home],
        post,
        day(start),
        day(end) if end else None,
        at(known or start),
        at(until) if until else None,
    )


def attended(on="05-20", tenths=80, session=None, number=1, ok=True, known=None, year=YEAR):
    number_of = session or next(_numbers)
    return Outcome(number_of, number, year, day(on), tenths if ok else 0, ok, at(known or on))


def absent(on="05-20", **more):
    return attended(on, ok=False, **more)


def seat(on="12-10", status="booked", known="06-01", session=None, tenths=80, state="open"):
    """A seat and what its session announced."""
    number_of = session or next(_numbers)
    told = SessionFact(number_of, 1, state, YEAR, day(on), day(on), tenths, at(known))
    return (SeatFact(number_of, next(_numbers), status, at(known)), told)


def asked(kind="elsewhere", start=None, end=None, step=None, known="06-01", decided="06-10"):
    """A request for exemption and, if decided, the decision."""
    number = next(_numbers)
    request = ExemptionFact(
        number, YEAR, kind, day(start) if start else None, day(end) if end else None, at(known)
    )
    if step is None:
        return (request,)
    first = DecisionFact(number, 1, "refused" if step == "refused" else "approved", at(decided))
    if step != "revoked":
        return (request, first)
    return (request, first, DecisionFact(number, 2, "revoked", at(decided)))


_PLACES = {
    Employment: "employments",
    Outcome: "outcomes",
    SeatFact: "seats",
    SessionFact: "sessions",
    ExemptionFact: "exemptions",
    DecisionFact: "decisions",
}


def facts_of(*given, person=7):
    """Gather facts, single or in tuples, in the order given."""
    sorted_by_kind = {place: [] for place in _PLACES.values()}
    for item in given:
        for fact in item if isinstance(item, tuple) else (item,):
            sorted_by_kind[_PLACES[type(fact)]].append(fact)
    return Facts(person, **{place: tuple(found) for place, found in sorted_by_kind.items()})
