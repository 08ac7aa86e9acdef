"""Staff as lists and pages show them; every read has a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from lms.core import clock
from lms.core.access import Actor, Role
from lms.core.db import session
from lms.people import identifiers as ids
from lms.people.models import (
    Account,
    EmploymentSpell,
    LevelClaim,
    Organisation,
    Person,
)
from lms.people.operations import id_hash, phone_hash
from lms.people.queries import (
    OrganisationCard,
    PersonCard,
    at_work_on,
    cards_from,
    in_chunks,
    organisations_from,
    within,
)
from lms.people.staff.policy import places_visible_to

PAGE = 50
COUNT_LIMIT = 10_000
EXPORT_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class StaffFilter:
    """What a list is narrowed to; all of it stands in the address."""

    name: str = ""
    home: int | None = None
    region: str = ""
    post: str = ""
    level: int | None = None
    status: str = "current"
    sort: str = "name"

    @property
    def active(self) -> int:
        """How many filters differ from the plain list."""
        chosen = (self.name, self.home, self.region, self.post, self.level)
        return sum(1 for value in chosen if value) + (self.status != "current")


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One stay of one person."""

    person_id: int
    name: str
    id_masked: str
    phone_masked: str
    organisation_id: int
    home: str
    region: str
    post: str
    started_on: date
    ended_on: date | None
    rung: int | None
    account: str | None


_LEVEL = (
    select(LevelClaim.rung)
    .where(LevelClaim.person_id == Person.id)
    .order_by(LevelClaim.id.desc())
    .limit(1)
    .correlate(Person)
    .scalar_subquery()
)
SORTS: dict[str, Any] = {
    "name": Person.name,
    "home": Organisation.name,
    "post": EmploymentSpell.post,
    "started": EmploymentSpell.started_on,
}


def staff_query(wanted: StaffFilter, actor: Actor, today: date) -> Select[Any]:
    """Stays the actor may list, narrowed, unordered."""
    return (
        select(
            Person.id,
            Person.name,
            Person.id_masked,
            Person.phone_masked,
            Organisation.id.label("organisation_id"),
            Organisation.name.label("home"),
            Organisation.region,
            EmploymentSpell.post,
            EmploymentSpell.started_on,
            EmploymentSpell.ended_on,
            _LEVEL.label("rung"),
            Account.status,
        )
        .select_from(EmploymentSpell)
        .join(Person, Person.id == EmploymentSpell.person_id)
        .join(Organisation, Organisation.id == EmploymentSpell.organisation_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(places_visible_to(actor, wanted.name), *_conditions(wanted, today))
    )


def _conditions(wanted: StaffFilter, today: date) -> list[ColumnElement[bool]]:
    left = and_(EmploymentSpell.superseded_at.is_(None), EmploymentSpell.ended_on < today)
    conditions: list[ColumnElement[bool]] = [left if wanted.status == "left" else _not_ended(today)]
    if wanted.name:
        conditions.append(name_begins(wanted.name))
    if wanted.home:
        conditions.append(EmploymentSpell.organisation_id == wanted.home)
    if wanted.region:
        conditions.append(within(Organisation.region, [wanted.region]))
    if wanted.post:
        conditions.append(EmploymentSpell.post == wanted.post)
    if wanted.level:
        conditions.append(_LEVEL.in_([wanted.level]))
    return conditions


def _not_ended(today: date) -> ColumnElement[bool]:
    """At work today, or about to begin."""
    return and_(
        EmploymentSpell.superseded_at.is_(None),
        or_(EmploymentSpell.ended_on.is_(None), EmploymentSpell.ended_on >= today),
    )


def name_begins(text: str) -> ColumnElement[bool]:
    """Names beginning with ``text``, in the way each database can use its index for."""
    if session().get_bind().dialect.name == "sqlite":
        return and_(Person.name >= text, Person.name < text + chr(0x10FFFF))
    return Person.name.startswith(text, autoescape=True)


def staff_page(query: Select[Any], sort: str, offset: int, limit: int = PAGE) -> list[StaffRow]:
    """One page of a list; ``-name`` sorts downwards."""
    column = SORTS[sort.lstrip("-")]
    order = column.desc() if sort.startswith("-") else column
    rows = query.order_by(order, EmploymentSpell.id).offset(offset).limit(limit)
    return [StaffRow(*row) for row in session().execute(rows)]


def count_up_to(query: Select[Any], limit: int = COUNT_LIMIT) -> int:
    """How many rows, counted no further than ``limit`` + 1."""
    inner = query.with_only_columns(EmploymentSpell.id, maintain_column_froms=True)
    return (
        session().scalar(select(func.count()).select_from(inner.limit(limit + 1).subquery())) or 0
    )


def find_exact(text: str, actor: Actor) -> list[PersonCard]:
    """People with exactly this id number or phone whom the actor may see."""
    number, phone = ids.normal_id(text), ids.normal_phone(text)
    if ids.is_citizen_id(number):
        match = Person.id_hash == id_hash(number)
    elif ids.is_mobile(phone):
        match = Person.phone_hash == phone_hash(phone)
    else:
        return []
    query = select(Person).where(match).order_by(Person.id).limit(20)
    if not actor.has(Role.ADMIN):
        stay = (
            select(EmploymentSpell.id)
            .join(Organisation, Organisation.id == EmploymentSpell.organisation_id)
            .where(
                EmploymentSpell.person_id == Person.id,
                EmploymentSpell.superseded_at.is_(None),
                places_visible_to(actor),
            )
        )
        query = query.where(stay.exists())
    return cards_from(query)


def find_people(text: str, actor: Actor, limit: int = 20) -> list[PersonCard]:
    """People at work within the actor's scope by name prefix, or by exact id number or phone."""
    text = text.strip()
    if not text:
        return []
    exact = find_exact(text, actor)
    if exact:
        return exact
    query = (
        select(Person)
        .join(EmploymentSpell, EmploymentSpell.person_id == Person.id)
        .join(Organisation, Organisation.id == EmploymentSpell.organisation_id)
        .where(places_visible_to(actor, text), at_work_on(clock.today()), name_begins(text))
        .order_by(Person.name, Person.id)
        .limit(limit)
    )
    return cards_from(query)


def homes_visible_to(actor: Actor, limit: int = 500) -> list[tuple[int, str]]:
    """Organisations for the list's filter, by name; none when there are too many to choose."""
    query = (
        select(Organisation.id, Organisation.name)
        .where(places_visible_to(actor), Organisation.kind.in_(("home", "base")))
        .order_by(Organisation.name)
        .limit(limit + 1)
    )
    homes = [row._tuple() for row in session().execute(query)]
    return homes if len(homes) <= limit else []


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """An organisation in a list, with how many work there today."""

    card: OrganisationCard
    staff: int


def places_page(
    actor: Actor, name: str, kind: str, region: str, offset: int, limit: int
) -> tuple[list[PlaceRow], int]:
    """One page of organisations the actor keeps, and how many there are; three statements."""
    query = select(Organisation).where(places_visible_to(actor))
    if name:
        query = query.where(Organisation.name.contains(name, autoescape=True))
    if kind:
        query = query.where(Organisation.kind == kind)
    if region:
        query = query.where(within(Organisation.region, [region]))
    total = session().scalar(select(func.count()).select_from(query.subquery())) or 0
    page = query.order_by(Organisation.region, Organisation.name).offset(offset).limit(limit)
    cards = organisations_from(page)
    at_work = staff_counts([card.id for card in cards])
    return [PlaceRow(card, at_work.get(card.id, 0)) for card in cards], total


def staff_counts(organisation_ids: Sequence[int]) -> dict[int, int]:
    """Organisation id → how many work there today."""
    counts: dict[int, int] = {}
    for chunk in in_chunks(organisation_ids):
        query = (
            select(EmploymentSpell.organisation_id, func.count())
            .where(EmploymentSpell.organisation_id.in_(chunk), at_work_on(clock.today()))
            .group_by(EmploymentSpell.organisation_id)
        )
        counts |= {row[0]: row[1] for row in session().execute(query)}
    return counts


def staff_by_post(organisation_id: int) -> dict[str, int]:
    """Post → how many hold it at an organisation today."""
    query = (
        select(EmploymentSpell.post, func.count())
        .where(EmploymentSpell.organisation_id == organisation_id, at_work_on(clock.today()))
        .group_by(EmploymentSpell.post)
    )
    return {row[0]: row[1] for row in session().execute(query)}
