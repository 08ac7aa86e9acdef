"""What other packages may know of people and employment, today or as known at a moment."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true

from lms.core.db import session
from lms.people.models import EmploymentSpell, LevelClaim, Organisation, Person, RoleGrant

CHUNK = 2000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person as others see her: identity masked."""

    id: int
    name: str
    id_masked: str
    phone_masked: str
    sex: str
    born_on: date


@dataclass(frozen=True, slots=True)
class SpellFact:
    """One stay with one employer, as it was known; ``region`` is the employer's."""

    spell: str
    person_id: int
    organisation_id: int
    region: str
    post: str
    started_on: date
    ended_on: date | None
    recorded_at: datetime

    def covers(self, day: date) -> bool:
        """True if the stay includes ``day``."""
        return self.started_on <= day and (self.ended_on is None or self.ended_on >= day)


@dataclass(frozen=True, slots=True)
class OrganisationCard:
    """An organisation as others see it."""

    id: int
    credit_code: str
    name: str
    kind: str
    region: str
    address: str
    beds: int
    residents: int
    for_destitute: bool
    closed_on: date | None


def in_chunks(values: Collection[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut ``values`` into lists short enough for one IN clause."""
    source = iter(values)
    while chunk := list(islice(source, size)):
        yield chunk


def within(column: Any, prefixes: Collection[str]) -> ColumnElement[bool]:
    """Region codes below any of ``prefixes`` (``""`` is everywhere), as ranges an index can use."""
    # The upper bound is a number too: where ":" sorts depends on the database's collation.
    ranges = [
        and_(column >= prefix, column < str(int(prefix) + 1)) if prefix else true()
        for prefix in prefixes
    ]
    return or_(*ranges) if ranges else false()


def person_cards(person_ids: Collection[int]) -> dict[int, PersonCard]:
    """Cards by person id; one statement per 2,000."""
    cards: dict[int, PersonCard] = {}
    for chunk in in_chunks(person_ids):
        for card in cards_from(select(Person).where(Person.id.in_(chunk))):
            cards[card.id] = card
    return cards


def cards_from(query: Select[tuple[Person]]) -> list[PersonCard]:
    """Cards of the people a query finds, in its order."""
    columns = query.with_only_columns(
        Person.id,
        Person.name,
        Person.id_masked,
        Person.phone_masked,
        Person.sex,
        Person.born_on,
        maintain_column_froms=True,
    )
    return [PersonCard(*row) for row in session().execute(columns)]


def spells_as_known(
    person_ids: Collection[int] | None = None,
    *,
    organisation_id: int | None = None,
    region: str | None = None,
    as_known_at: datetime | None = None,
) -> list[SpellFact]:
    """Stays of some people, of an organisation, or in a region, by person and start.

    With ``as_known_at`` the statements that stood at that moment, whatever was learnt later.
    """
    query = _facts(as_known_at)
    if organisation_id is not None:
        query = query.where(EmploymentSpell.organisation_id == organisation_id)
    if region is not None:
        query = query.where(within(Organisation.region, [region]))
    if person_ids is None:
        return [SpellFact(*row) for row in session().execute(query)]
    facts: list[SpellFact] = []
    for chunk in in_chunks(sorted(person_ids)):
        chosen = query.where(EmploymentSpell.person_id.in_(chunk))
        facts += [SpellFact(*row) for row in session().execute(chosen)]
    return facts


def ever_employed(posts: Collection[str] = (), *, after: int = 0, limit: int = CHUNK) -> list[int]:
    """Ids of people ever employed (in one of ``posts``, when given), as known now, in order, those
    above ``after``; one statement that costs the same wherever it begins."""
    query = select(EmploymentSpell.person_id.distinct()).where(
        EmploymentSpell.superseded_at.is_(None), EmploymentSpell.person_id > after
    )
    if posts:
        query = query.where(EmploymentSpell.post.in_(sorted(posts)))
    return list(session().scalars(query.order_by(EmploymentSpell.person_id).limit(limit)))


def employed_in(
    region: str, posts: Collection[str], since: date, until: date, as_known_at: datetime | None
) -> list[int]:
    """Ids of people employed in a region in one of ``posts`` on some day from ``since`` to
    ``until``, as known now or at a moment, in order; one statement."""
    query = (
        select(EmploymentSpell.person_id.distinct())
        .join(Organisation, Organisation.id == EmploymentSpell.organisation_id)
        .where(
            within(Organisation.region, [region]),
            known_at(as_known_at),
            EmploymentSpell.post.in_(sorted(posts)),
            EmploymentSpell.started_on <= until,
            or_(EmploymentSpell.ended_on.is_(None), EmploymentSpell.ended_on >= since),
        )
        .order_by(EmploymentSpell.person_id)
    )
    return list(session().scalars(query))


def count_ever_employed(posts: Collection[str] = ()) -> int:
    """How many people ``ever_employed`` finds."""
    query = select(func.count(EmploymentSpell.person_id.distinct())).where(
        EmploymentSpell.superseded_at.is_(None)
    )
    if posts:
        query = query.where(EmploymentSpell.post.in_(sorted(posts)))
    return session().scalar(query) or 0


def _facts(as_known_at: datetime | None) -> Select[Any]:
    query = (
        select(
            EmploymentSpell.spell,
            EmploymentSpell.person_id,
            EmploymentSpell.organisation_id,
            Organisation.region,
            EmploymentSpell.post,
            EmploymentSpell.started_on,
            EmploymentSpell.ended_on,
            EmploymentSpell.recorded_at,
        )
        .join(Organisation, Organisation.id == EmploymentSpell.organisation_id)
        .order_by(EmploymentSpell.person_id, EmploymentSpell.started_on, EmploymentSpell.id)
    )
    return query.where(known_at(as_known_at))


def known_at(moment: datetime | None) -> ColumnElement[bool]:
    """The statements about employment that stand now, or stood at ``moment``."""
    if moment is None:
        return EmploymentSpell.superseded_at.is_(None)
    return and_(
        EmploymentSpell.recorded_at <= moment,
        or_(EmploymentSpell.superseded_at.is_(None), EmploymentSpell.superseded_at > moment),
    )


def at_work_on(day: date) -> ColumnElement[bool]:
    """Stays that include ``day``, as known now."""
    return and_(
        EmploymentSpell.superseded_at.is_(None),
        EmploymentSpell.started_on <= day,
        or_(EmploymentSpell.ended_on.is_(None), EmploymentSpell.ended_on >= day),
    )


def employers_on(day: date, person_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Person id → organisations that employ her on ``day``; people without one are left out."""
    found: dict[int, tuple[int, ...]] = {}
    for chunk in in_chunks(sorted(person_ids)):
        query = (
            select(EmploymentSpell.person_id, EmploymentSpell.organisation_id)
            .where(EmploymentSpell.person_id.in_(chunk), at_work_on(day))
            .order_by(EmploymentSpell.started_on, EmploymentSpell.id)
        )
        for person_id, organisation_id in session().execute(query):
            found[person_id] = (*found.get(person_id, ()), organisation_id)
    return found


def organisation_card(organisation_id: int) -> OrganisationCard | None:
    """One organisation, or None."""
    return organisation_cards([organisation_id]).get(organisation_id)


def organisation_cards(organisation_ids: Collection[int]) -> dict[int, OrganisationCard]:
    """Cards by organisation id; one statement per 2,000."""
    cards: dict[int, OrganisationCard] = {}
    for chunk in in_chunks(organisation_ids):
        for card in organisations_from(select(Organisation).where(Organisation.id.in_(chunk))):
            cards[card.id] = card
    return cards


def organisations_from(query: Select[tuple[Organisation]]) -> list[OrganisationCard]:
    """Cards of the organisations a query finds, in its order."""
    columns = query.with_only_columns(
        Organisation.id,
        Organisation.credit_code,
        Organisation.name,
        Organisation.kind,
        Organisation.region,
        Organisation.address,
        Organisation.beds,
        Organisation.residents,
        Organisation.for_destitute,
        Organisation.closed_on,
    )
    return [OrganisationCard(*row) for row in session().execute(columns)]


def organisations_in(region: str, *kinds: str) -> list[OrganisationCard]:
    """Organisations of the given kinds within a region, by region and name."""
    query = select(Organisation).where(within(Organisation.region, [region]))
    if kinds:
        query = query.where(Organisation.kind.in_(kinds))
    return organisations_from(query.order_by(Organisation.region, Organisation.name))


def claimed_rungs(person_ids: Collection[int]) -> dict[int, int]:
    """Person id → the latest level she is said to hold (not a certificate of ours)."""
    rungs: dict[int, int] = {}
    for chunk in in_chunks(sorted(person_ids)):
        query = (
            select(LevelClaim.person_id, LevelClaim.rung)
            .where(LevelClaim.person_id.in_(chunk))
            .order_by(LevelClaim.id)
        )
        for person_id, rung in session().execute(query):
            rungs[person_id] = rung
    return rungs


def role_holders(organisation_id: int, roles: Collection[str], on: date) -> list[int]:
    """Ids of the people who hold any of ``roles`` over an organisation on a day."""
    query = select(RoleGrant.person_id).where(
        RoleGrant.organisation_id == organisation_id,
        RoleGrant.role.in_([str(role) for role in roles]),
        RoleGrant.revoked_at.is_(None),
        RoleGrant.valid_from <= on,
        or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to >= on),
    )
    return sorted(set(session().scalars(query)))


def officers_of(region: str, on: date) -> list[int]:
    """Ids of the officers whose region is exactly ``region``, on a day."""
    query = select(RoleGrant.person_id).where(
        RoleGrant.region == region,
        RoleGrant.role == "officer",
        RoleGrant.revoked_at.is_(None),
        RoleGrant.valid_from <= on,
        or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to >= on),
    )
    return sorted(set(session().scalars(query)))
