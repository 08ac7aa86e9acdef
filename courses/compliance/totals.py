"""Totals of the yearly duty as lists and dashboards show them, read from the counts."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from courses.compliance.counting import SUMS
from courses.compliance.models import DutyCount, DutyFlag, DutyHomeCount
from courses.compliance.policy import visible_to
from courses.compliance.verdicts import CENTRAL
from lms.core.access import Actor, Role
from lms.core.db import session
from lms.people.api import within


@dataclass(frozen=True, slots=True)
class Totals:
    """How many owe the duty, and where they stand."""

    owing: int = 0
    done: int = 0
    scheduled: int = 0
    at_risk: int = 0
    missed: int = 0
    exempt: int = 0

    @property
    def percent(self) -> int:
        """Done of those who owe, in whole per cent, rounded down; 100 only when all did."""
        return self.done * 100 // self.owing if self.owing else 0

    @property
    def not_done(self) -> int:
        """Those who owe and have not done it."""
        return self.owing - self.done

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(*(getattr(self, f) + getattr(other, f) for f in FIELDS))


#: Homes that a page shows; a report names them all.
MOST_HOMES = 24
FIELDS = ("owing", "done", "scheduled", "at_risk", "missed", "exempt")


@dataclass(frozen=True, slots=True)
class Part:
    """What is totalled: a year, within what the actor sees a region, a post, or one home."""

    year: int
    region: str = ""
    post: str = ""
    organisation_id: int | None = None


def totals(actor: Actor, part: Part) -> Totals:
    """Totals of what the actor sees of a part; one statement."""
    table = _table(actor, part)
    query = select(*sums_of(table)).where(*condition(part, table), visible_to(actor, table))
    return Totals(*(value or 0 for value in session().execute(query).one()))


def totals_by_region(actor: Actor, part: Part, digits: int) -> dict[str, Totals]:
    """Totals by the first ``digits`` of the region code."""
    table = _table(actor, part)
    code = func.substr(table.region, 1, digits)
    query = select(code, *sums_of(table)).where(*condition(part, table), visible_to(actor, table))
    return totalled(query.group_by(code).order_by(code))


def totals_by_home(actor: Actor, part: Part, limit: int) -> dict[int, Totals]:
    """Totals by the employer charged, those with most people left over."""
    table = DutyFlag if part.post else DutyHomeCount
    left = sums_of(table)[0] - sums_of(table)[1]
    query = (
        select(table.organisation_id, *sums_of(table))
        .where(*condition(part, table), visible_to(actor, table))
        .group_by(table.organisation_id)
        .order_by(left.desc(), table.organisation_id)
        .limit(limit)
    )
    return totalled(query)


def flag_totals(prefix: str, year: int) -> Totals:
    """Totals of a region; for dashboards."""
    query = select(*sums_of(DutyCount)).where(*condition(Part(year, prefix), DutyCount))
    return Totals(*(value or 0 for value in session().execute(query).one()))


def flag_totals_by_region(prefix: str, year: int, digits: int) -> dict[str, Totals]:
    """Totals below a region by the first ``digits`` of the code; for dashboards."""
    code = func.substr(DutyCount.region, 1, digits)
    query = select(code, *sums_of(DutyCount)).where(*condition(Part(year, prefix), DutyCount))
    return totalled(query.group_by(code).order_by(code))


def flag_totals_by_home(
    year: int,
    prefix: str = "",
    organisation_ids: Collection[int] | None = None,
    limit: int = MOST_HOMES,
) -> dict[int, Totals]:
    """Totals of the homes of a region, or of some homes, with most people left over; for
    dashboards."""
    h = DutyHomeCount
    query = select(h.organisation_id, *(getattr(h, name) for name in FIELDS))
    query = query.where(*condition(Part(year, prefix), h))
    if organisation_ids is not None:
        query = query.where(h.organisation_id.in_(sorted(organisation_ids)))
    return totalled(query.order_by(h.left_over.desc(), h.organisation_id).limit(limit))


def certified_among(prefix: str, year: int) -> int:
    """How many of those who owe the duty in a region hold a certificate of some rung."""
    query = select(func.sum(DutyCount.owing)).where(
        *condition(Part(year, prefix), DutyCount), DutyCount.rung > 0
    )
    return int(session().scalar(query) or 0)


def totalled(query: Any) -> dict[Any, Totals]:
    """Rows of a key and six sums, by their key."""
    return {key: Totals(*map(int, sums)) for key, *sums in session().execute(query)}


def sums_of(table: Any) -> list[ColumnElement[Any]]:
    """The six sums of ``Totals`` over flags or over counts of them."""
    if table is DutyFlag:
        return [SUMS[name] for name in FIELDS]
    return [func.sum(getattr(table, name)) for name in FIELDS]


def _table(actor: Actor, part: Part) -> Any:
    """The smallest table that can say it."""
    by_home = part.organisation_id is not None or bool(actor.organisations(Role.HR))
    if not by_home:
        return DutyCount
    return DutyFlag if part.post else DutyHomeCount


def condition(part: Part, table: Any) -> list[ColumnElement[bool]]:
    """The rows of flags, or of counts of them, that a part is about."""
    conditions = [table.year == part.year, table.requirement == CENTRAL]
    if part.region:
        conditions.append(within(table.region, [part.region]))
    if part.post:
        conditions.append(table.post == part.post)
    if part.organisation_id is not None:
        conditions.append(table.organisation_id == part.organisation_id)
    return conditions
