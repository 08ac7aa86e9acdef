"""Counts of the flags, kept in the same unit of work as the flags themselves.

Dashboards read them; they cost the same in a province of any size. Whoever writes flags counts
the counties concerned anew, so a count is never older than the flags it is about.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, delete, func, insert, literal, or_, select, text

from courses.compliance.models import DutyCount, DutyDayCount, DutyFlag, DutyHomeCount
from courses.compliance.verdicts import CENTRAL
from lms.core.db import UtcDateTime, session

#: Who is counted: everybody who owes the duty or is exempt from it.
COUNTED = or_(DutyFlag.owes, DutyFlag.state == "exempt")
SUMS: dict[str, ColumnElement[Any]] = {
    "owing": func.sum(case((DutyFlag.owes, 1), else_=0)),
    **{
        state: func.sum(case((DutyFlag.state == state, 1), else_=0))
        for state in ("done", "scheduled", "at_risk", "missed", "exempt")
    },
}


def hold_counts() -> None:
    """One writer of flags at a time, so that none counts what another is about to change.
    SQLite's unit of work already holds the only write lock."""
    if session().get_bind().dialect.name == "postgresql":
        session().execute(text("SELECT pg_advisory_xact_lock(7201607)"))


def recount(year: int, now: datetime, regions: Collection[str] | None = None) -> None:
    """Count the flags of some counties (None: of all) anew; six statements."""
    if regions is not None and not regions:
        return
    for table in (DutyCount, DutyHomeCount, DutyDayCount):
        old = delete(table).where(table.year == year, table.requirement == CENTRAL)
        if regions is not None:
            old = old.where(table.region.in_(sorted(regions)))
        session().execute(old)
    same: dict[str, Any] = {"year": literal(year), "requirement": literal(CENTRAL)}
    stamp = {"counted_at": literal(now, UtcDateTime())}
    chosen = _chosen(year, regions)
    _fill(
        DutyCount,
        same | {"region": DutyFlag.region, "post": DutyFlag.post, "rung": RUNG} | SUMS | stamp,
        chosen.group_by(DutyFlag.region, DutyFlag.post, RUNG),
    )
    _fill(
        DutyHomeCount,
        same
        | {"region": DutyFlag.region, "organisation_id": DutyFlag.organisation_id}
        | SUMS
        | {"left_over": SUMS["owing"] - SUMS["done"]}
        | stamp,
        chosen.group_by(DutyFlag.region, DutyFlag.organisation_id),
    )
    _fill(
        DutyDayCount,
        same | {"region": DutyFlag.region, "day": DutyFlag.done_on, "people": func.count()},
        chosen.where(DutyFlag.done_on.is_not(None)).group_by(DutyFlag.region, DutyFlag.done_on),
    )


RUNG = func.coalesce(DutyFlag.rung, literal(0, literal_execute=True))


def _chosen(year: int, regions: Collection[str] | None) -> Select[Any]:
    query: Select[Any] = select(DutyFlag.region).where(
        DutyFlag.year == year,
        DutyFlag.requirement == CENTRAL,
        COUNTED,
    )
    return query if regions is None else query.where(DutyFlag.region.in_(sorted(regions)))


def _fill(table: Any, columns: dict[str, ColumnElement[Any]], query: Select[Any]) -> None:
    made = query.with_only_columns(*columns.values(), maintain_column_froms=True)
    session().execute(insert(table).from_select(list(columns), made))


def counted_since(year: int) -> datetime | None:
    """The moment since when all counts of a year hold: that of the oldest of them."""
    return session().scalar(
        select(func.min(DutyCount.counted_at)).where(
            DutyCount.year == year, DutyCount.requirement == CENTRAL
        )
    )
