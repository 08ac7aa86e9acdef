"""Writing verdicts down: flags that lists and dashboards read, always rebuildable."""

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from courses.compliance.loading import CHUNK, Question, chunks
from courses.compliance.models import DutyFlag
from courses.compliance.verdicts import CENTRAL, Verdict
from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import all_regions, level_of, spells_as_known

Report = Callable[[int, int], None]
_KEY = ("person_id", "year", "requirement")


def materialise(year: int, on: date, now: datetime, report: Report | None = None) -> int:
    """Compute and write the flags of the whole province; one unit of work per 2,000 people."""
    written = 0
    for done, total, people in everybody():
        with unit_of_work():
            written += refresh(people, year, on, now)
        if report is not None:
            report(done, total)
    return written


def everybody() -> Iterator[tuple[int, int, list[int]]]:
    """Everybody ever employed, county by county: (county number, of how many, person ids).

    Memory does not grow with the province. Somebody who worked in two counties comes twice
    and gets the same flag.
    """
    counties = [code for code in all_regions() if level_of(code) == "county"]
    for number, county in enumerate(counties, start=1):
        people = {spell.person_id for spell in spells_as_known(region=county)}
        for chunk in chunks(sorted(people), CHUNK):
            yield number, len(counties), chunk


def refresh(person_ids: Collection[int], year: int, on: date, now: datetime) -> int:
    """Compute and write the flags of some people in the present unit of work."""
    if not person_ids:
        return 0
    found = Question(year, on).verdicts(person_ids)
    kept = [verdict for verdict in found if verdict.organisation_id is not None]
    write(kept, now)
    gone = {verdict.person_id for verdict in found} - {verdict.person_id for verdict in kept}
    for chunk in chunks(sorted(gone)):
        session().execute(
            delete(DutyFlag).where(
                DutyFlag.year == year,
                DutyFlag.requirement == CENTRAL,
                DutyFlag.person_id.in_(chunk),
            )
        )
    return len(kept)


def refresh_today(person_ids: Collection[int], years: Collection[int], now: datetime) -> None:
    """Bring the flags of people up to date after something happened to them."""
    for year in sorted(set(years)):
        refresh(person_ids, year, clock.local_date(now), now)


def write(verdicts: Collection[Verdict], now: datetime) -> None:
    """Insert or replace flags in as few statements as their number allows."""
    dialect = session().get_bind().dialect.name
    make: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    for chunk in chunks(verdicts, 500):
        query = make(DutyFlag)
        changed = {
            column.name: query.excluded[column.name]
            for column in DutyFlag.__table__.columns
            if column.name not in {"id", *_KEY}
        }
        session().execute(
            query.on_conflict_do_update(index_elements=list(_KEY), set_=changed),
            [row_of(verdict, now) for verdict in chunk],
        )


def row_of(verdict: Verdict, now: datetime) -> dict[str, Any]:
    """A verdict as the columns of its flag."""
    return {
        "year": verdict.year,
        "requirement": verdict.requirement,
        "person_id": verdict.person_id,
        "state": verdict.state,
        "owes": verdict.owes,
        "reason": verdict.reasons[0].code,
        "organisation_id": verdict.organisation_id,
        "region": verdict.region,
        "post": verdict.post,
        "tested_on": verdict.tested_on,
        "done_tenths": verdict.done,
        "missing_tenths": verdict.missing,
        "rule": verdict.rule,
        "facts": {
            "reasons": [reason.as_json() for reason in verdict.reasons],
            "clears": [cure.as_json() for cure in verdict.clears],
            "used": list(verdict.used),
            "required": verdict.required,
        },
        "computed_at": now,
    }
