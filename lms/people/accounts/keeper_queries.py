"""What administrators see of accounts and roles: lists and one account's page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from lms.core.access import Actor, Role
from lms.core.db import session
from lms.core.paging import SIZE, Page, offset_of
from lms.people import identifiers as ids
from lms.people.accounts import rules
from lms.people.accounts.policy import account_status, holds_power, persons_visible_to, provinces
from lms.people.accounts.queries import (
    DeviceLine,
    GrantLine,
    LookLine,
    SpellLine,
    devices_of,
    grants_shown,
    looks_at,
    spells_of,
)
from lms.people.models import Account, Organisation, Person, RoleGrant
from lms.people.operations import id_hash, phone_hash

KINDS = ("power", "all", "waiting", "disabled")


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account in the list."""

    person_id: int
    name: str
    id_masked: str
    login: str | None
    status: str
    second_factor: bool
    grants: tuple[GrantLine, ...]


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One account as its keeper sees it."""

    person: Person
    account: Account
    spells: list[SpellLine]
    grants: list[GrantLine]
    devices: list[DeviceLine]
    looks: list[LookLine]


def accounts(actor: Actor, text: str, kind: str, number: int) -> Page[AccountLine]:
    """A page of the accounts ``actor`` may see; three statements.

    ``text`` begins a name or a login name; numbers are looked for by ``person_with``, since
    they must not stand in an address.
    """
    where = and_(persons_visible_to(actor), _kind(kind), _begins(text))
    total = session().scalar(select(func.count()).select_from(Person).join(Account).where(where))
    rows = session().execute(
        select(
            Person.id, Person.name, Person.id_masked,
            Account.login, Account.status, Account.totp_confirmed_at.is_not(None),
        )
        .join(Account)
        .where(where)
        .order_by(Person.name, Person.id)
        .limit(SIZE)
        .offset(offset_of(number))
    ).all()  # fmt: skip
    held: dict[int, list[GrantLine]] = {row[0]: [] for row in rows}
    for grant in grants_shown(RoleGrant.person_id.in_(held)):
        held[grant.person_id].append(grant)
    lines = [
        AccountLine(person_id, name, masked, login, status, factor, tuple(held[person_id]))
        for person_id, name, masked, login, status, factor in rows
    ]
    return Page(lines, number, total or 0)


def _kind(kind: str) -> ColumnElement[bool]:
    if kind == "power":
        return holds_power()
    if kind in {"waiting", "disabled"}:
        return account_status(kind)
    return Person.id.is_not(None)


def _begins(text: str) -> ColumnElement[bool]:
    """Prefix match by range, which an index can serve on every database."""
    if not text:
        return Person.id.is_not(None)
    login, last = rules.normal_login(text), "\U0010ffff"
    return or_(Person.name.between(text, text + last), Account.login.between(login, login + last))


def person_with(actor: Actor, number: str) -> int | None:
    """The person with exactly this phone or id number, if ``actor`` may see her."""
    query = select(Person.id).where(
        or_(
            Person.id_hash == id_hash(number),
            Person.phone_hash == phone_hash(ids.normal_phone(number)),
        ),
        persons_visible_to(actor),
    )
    found = session().scalars(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


def account_page(actor: Actor, person_id: int, now: datetime) -> AccountPage | None:
    """One account, or None when ``actor`` may not know of it; a fixed number of statements."""
    query = (
        select(Account)
        .join(Account.person)
        .where(Person.id == person_id, persons_visible_to(actor))
        .execution_options(populate_existing=True)
    )
    account = session().scalar(query)
    if account is None:
        return None
    return AccountPage(
        person=account.person,
        account=account,
        spells=spells_of(person_id),
        grants=grants_shown(RoleGrant.person_id == person_id),
        devices=devices_of(account.id, now),
        looks=looks_at(person_id),
    )


def _grants_where(actor: Actor, role: str, text: str) -> ColumnElement[bool]:
    """Unrevoked roles a keeper may see: a province's officer sees those of the province."""
    where: list[ColumnElement[bool]] = [RoleGrant.revoked_at.is_(None)]
    if not actor.has(Role.ADMIN):
        mine = provinces(actor)
        where.append(
            or_(
                *(RoleGrant.region.startswith(code) for code in mine),
                *(Organisation.region.startswith(code) for code in mine),
            )
        )
    if role:
        where.append(RoleGrant.role == role)
    if text:
        last = "\U0010ffff"
        where.append(
            or_(
                Person.name.between(text, text + last),
                Organisation.name.between(text, text + last),
            )
        )
    return and_(*where)


def grants(actor: Actor, role: str, text: str, number: int) -> Page[GrantLine]:
    """A page of the roles in force; two statements."""
    where = _grants_where(actor, role, text)
    total = session().scalar(
        select(func.count())
        .select_from(RoleGrant)
        .join(Person, Person.id == RoleGrant.person_id)
        .outerjoin(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(where)
    )
    return Page(grants_shown(where, limit=SIZE, offset=offset_of(number)), number, total or 0)


def all_grants(actor: Actor, role: str, text: str) -> list[GrantLine]:
    """Every role of the filtered list, for its export."""
    return grants_shown(_grants_where(actor, role, text))


def grant_with(grant_id: int) -> GrantLine | None:
    """One unrevoked role."""
    return next(iter(grants_shown(RoleGrant.id == grant_id)), None)


def organisation_named(text: str) -> int | None:
    """The organisation with this credit code or full name, if there is exactly one."""
    query = select(Organisation.id).where(
        or_(Organisation.credit_code == text.upper(), Organisation.name == text)
    )
    found = session().scalars(query.limit(2)).all()
    return found[0] if len(found) == 1 else None
