"""Reads of flags and verdicts."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from courses.compliance.loading import Question, chunks
from courses.compliance.models import DutyFlag, Exemption, ExemptionStep
from courses.compliance.policy import PersonScope, visible_to
from courses.compliance.verdicts import CENTRAL, Verdict
from lms.core.access import Actor
from lms.core.db import session
from lms.core.paging import Page, offset_of
from lms.people.api import (
    OrganisationCard,
    PersonCard,
    organisation_cards,
    person_cards,
    spells_as_known,
    within,
)

PAGE = 50
MOST_WAITING = 200
SORTS: dict[str, tuple[Any, ...]] = {
    "home": (DutyFlag.region, DutyFlag.organisation_id, DutyFlag.person_id),
    "missing": (DutyFlag.missing_tenths, DutyFlag.person_id),
    "state": (DutyFlag.state, DutyFlag.region, DutyFlag.organisation_id, DutyFlag.person_id),
}


@dataclass(frozen=True, slots=True)
class FlagFilter:
    """What a list shows; empty means all."""

    year: int
    region: str = ""
    states: tuple[str, ...] = ()
    post: str = ""
    organisation_id: int | None = None
    sort: str = "home"
    down: bool = False


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A flag as a list shows it."""

    person: PersonCard
    organisation: OrganisationCard
    region: str
    post: str
    state: str
    reasons: list[dict[str, Any]]
    clears: list[dict[str, Any]]
    done: int
    missing: int
    rule: str
    tested_on: date
    computed_at: datetime


def flag_page(actor: Actor, wanted: FlagFilter, number: int = 1) -> Page[FlagRow]:
    """One page of the flags an actor may see: four statements whatever the size."""
    query = _chosen(actor, wanted)
    total = session().scalar(query.with_only_columns(func.count())) or 0
    shown = _ordered(query, wanted).limit(PAGE).offset(offset_of(number, PAGE))
    return Page(_rows(list(session().scalars(shown))), number, total, PAGE)


def all_flags(actor: Actor, wanted: FlagFilter) -> Iterator[FlagRow]:
    """Every flag of a list, for exports; one statement, streamed, so that neither memory nor the
    cost of a row grows with the list."""
    query = _ordered(_chosen(actor, wanted), wanted).execution_options(yield_per=1000)
    for flags in session().scalars(query).partitions():
        yield from _rows(flags)


def central_states(person_ids: Collection[int], year: int) -> dict[int, str]:
    """Person → state of her flag of a year, as last written."""
    found: dict[int, str] = {}
    for chunk in chunks(sorted(set(person_ids))):
        query = select(DutyFlag.person_id, DutyFlag.state).where(
            DutyFlag.year == year,
            DutyFlag.requirement == CENTRAL,
            DutyFlag.person_id.in_(chunk),
        )
        found |= dict(session().execute(query).tuples().all())
    return found


def among(actor: Actor, year: int, person_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """Those of ``person_ids`` whose flags of a year the actor may see, each with the employer and
    the county that the flag is charged to."""
    query = select(DutyFlag.person_id, DutyFlag.organisation_id, DutyFlag.region).where(
        DutyFlag.year == year, DutyFlag.person_id.in_(person_ids), visible_to(actor)
    )
    return {key: (home, region) for key, home, region in session().execute(query).tuples()}


def still_owing(prefix: str, year: int) -> list[int]:
    """Ids of the people of a region who owe a year's central training and have no date for it."""
    query = select(DutyFlag.person_id).where(
        DutyFlag.year == year,
        DutyFlag.requirement == CENTRAL,
        DutyFlag.owes,
        DutyFlag.state.in_(("not_due", "at_risk", "missed")),
        within(DutyFlag.region, [prefix]),
    )
    return list(session().scalars(query.order_by(DutyFlag.person_id)))


def duties_of(
    person_id: int, year: int, on: date, as_known_at: datetime | None = None
) -> list[Verdict]:
    """A person's duties of a year, computed now."""
    return Question(year, on, as_known_at).verdicts([person_id])


def scope_of(person_id: int, year: int) -> PersonScope:
    """Employers of a person in a year and their regions; empty for unknown people."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    spells = [
        s
        for s in spells_as_known([person_id])
        if s.started_on <= last and (s.ended_on is None or s.ended_on >= first)
    ]
    return PersonScope(
        person_id,
        frozenset(s.organisation_id for s in spells),
        frozenset(s.region for s in spells),
    )


def waiting_requests(actor: Actor, year: int) -> list[tuple[Exemption, PersonCard]]:
    """Exemption requests an officer has to decide, oldest first."""
    query = _waiting(actor, year).order_by(Exemption.id).limit(MOST_WAITING)
    asked = list(session().scalars(query))
    people = person_cards({row.person_id for row in asked})
    return [(row, people[row.person_id]) for row in asked]


def count_waiting(actor: Actor, year: int) -> int:
    """How many requests wait, counted no further than 200."""
    some = _waiting(actor, year).with_only_columns(Exemption.id).limit(MOST_WAITING)
    return session().scalar(select(func.count()).select_from(some.subquery())) or 0


def _waiting(actor: Actor, year: int) -> Select[tuple[Exemption]]:
    return (
        select(Exemption)
        .outerjoin(ExemptionStep, ExemptionStep.exemption_id == Exemption.id)
        .join(
            DutyFlag,
            (DutyFlag.person_id == Exemption.person_id) & (DutyFlag.year == Exemption.year),
        )
        .where(Exemption.year == year, ExemptionStep.id.is_(None), visible_to(actor))
    )


def computed_at(year: int) -> datetime | None:
    """When the newest flag of a year was written."""
    return session().scalar(
        select(DutyFlag.computed_at)
        .where(DutyFlag.year == year)
        .order_by(DutyFlag.id.desc())
        .limit(1)
    )


def _chosen(actor: Actor, wanted: FlagFilter) -> Select[tuple[DutyFlag]]:
    query = select(DutyFlag).where(
        DutyFlag.year == wanted.year, DutyFlag.requirement == CENTRAL, visible_to(actor)
    )
    if wanted.region:
        query = query.where(within(DutyFlag.region, [wanted.region]))
    if wanted.states:
        query = query.where(DutyFlag.state.in_(wanted.states))
    if wanted.post:
        query = query.where(DutyFlag.post == wanted.post)
    if wanted.organisation_id is not None:
        query = query.where(DutyFlag.organisation_id == wanted.organisation_id)
    return query


def _ordered(query: Select[tuple[DutyFlag]], wanted: FlagFilter) -> Select[tuple[DutyFlag]]:
    columns = SORTS.get(wanted.sort, SORTS["home"])
    return query.order_by(*(c.desc() if wanted.down else c for c in columns))


def _rows(flags: Collection[DutyFlag]) -> list[FlagRow]:
    people = person_cards({flag.person_id for flag in flags})
    homes = organisation_cards({flag.organisation_id for flag in flags})
    return [
        FlagRow(
            people[flag.person_id],
            homes[flag.organisation_id],
            flag.region,
            flag.post,
            flag.state,
            flag.facts["reasons"],
            flag.facts["clears"],
            flag.done_tenths,
            flag.missing_tenths,
            flag.rule,
            flag.tested_on,
            flag.computed_at,
        )
        for flag in flags
    ]
