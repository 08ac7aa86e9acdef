"""Reads about accounts as frozen values, each by a fixed number of statements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import func, select

from lms.core import clock
from lms.core.access import Actor, Role
from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.ladder import Rung
from lms.people.accounts.texts import ACT_LABELS, FIELD_LABELS, device_label
from lms.people.models import (
    Account,
    EmploymentSpell,
    LevelClaim,
    Organisation,
    Person,
    Reveal,
    RoleGrant,
    SignIn,
)
from lms.people.regions import full_name
from lms.people.sessions import IDLE

FEED = 30  # newest lines shown of who looked at a record


@dataclass(frozen=True, slots=True)
class SpellLine:
    """One stay with one employer."""

    employer: str
    post: str
    started_on: date
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A role as a page shows it."""

    id: int
    person_id: int
    person_name: str
    role: Role
    scope: str
    organisation_id: int | None
    region: str | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A living session as its owner sees it."""

    id: int
    device: str
    started_at: datetime
    seen_at: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class LookLine:
    """Somebody looked at a record or changed something about it."""

    at: datetime
    who: str
    what: str
    reason: str


def spells_of(person_id: int) -> list[SpellLine]:
    """Where a person works and worked, newest first."""
    query = (
        select(
            Organisation.name, EmploymentSpell.post,
            EmploymentSpell.started_on, EmploymentSpell.ended_on,
        )
        .join(Organisation, Organisation.id == EmploymentSpell.organisation_id)
        .where(EmploymentSpell.person_id == person_id, EmploymentSpell.superseded_at.is_(None))
        .order_by(EmploymentSpell.started_on.desc(), EmploymentSpell.id.desc())
    )  # fmt: skip
    return [SpellLine(*row) for row in session().execute(query)]


def level_of(person_id: int) -> Rung | None:
    """The highest skill level recorded for a person when she was registered."""
    query = select(func.max(LevelClaim.rung)).where(LevelClaim.person_id == person_id)
    rung = session().scalar(query)
    return Rung(rung) if rung else None


def grants_shown(*where: object, limit: int | None = None, offset: int = 0) -> list[GrantLine]:
    """Unrevoked roles with their scope in words, newest first; one statement."""
    query = (
        select(RoleGrant, Person.name, Organisation.name)
        .join(Person, Person.id == RoleGrant.person_id)
        .outerjoin(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(RoleGrant.revoked_at.is_(None), *where)  # type: ignore[arg-type]
        .order_by(RoleGrant.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [
        GrantLine(
            grant.id, grant.person_id, name, Role(grant.role), _scope(grant.region, place),
            grant.organisation_id, grant.region, grant.valid_from, grant.valid_to,
        )
        for grant, name, place in session().execute(query)
    ]  # fmt: skip


def _scope(region: str | None, place: str | None) -> str:
    return place or (full_name(region) if region else _("整个平台"))


def devices_of(account_id: int, now: datetime, here: int | None = None) -> list[DeviceLine]:
    """Living sessions of an account, this one first, then by last use."""
    query = (
        select(SignIn)
        .where(
            SignIn.account_id == account_id,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            SignIn.seen_at > now - IDLE,
        )
        .order_by(SignIn.seen_at.desc())
    )
    lines = [
        DeviceLine(s.id, device_label(s.device), s.started_at, s.seen_at, s.id == here)
        for s in session().scalars(query)
    ]
    return sorted(lines, key=lambda line: not line.here)


def looks_at(person_id: int) -> list[LookLine]:
    """Who looked at a person's record or changed it, newest first; three statements."""
    reveals = session().scalars(
        select(Reveal).where(Reveal.person_id == person_id).order_by(Reveal.id.desc()).limit(FEED)
    ).all()  # fmt: skip
    events = (
        session()
        .scalars(
            select(AuditEvent)
            .where(
                AuditEvent.object_kind == "person",
                AuditEvent.object_id == str(person_id),
                AuditEvent.action.in_(ACT_LABELS),
            )
            .order_by(AuditEvent.id.desc())
            .limit(FEED)
        )
        .all()
    )
    names = _names({r.actor_id for r in reveals} | {e.actor_id for e in events}, person_id)
    lines = [
        LookLine(
            r.at, names[r.actor_id],
            _("查看了完整的%(field)s", field=FIELD_LABELS.get(r.field, r.field)), r.reason,
        )
        for r in reveals
    ] + [
        LookLine(
            e.at, names[e.actor_id], str(ACT_LABELS[e.action]), str(e.details.get("reason", ""))
        )
        for e in events
    ]  # fmt: skip
    return sorted(lines, key=lambda line: line.at, reverse=True)[:FEED]


def _names(ids: Iterable[int], herself: int) -> dict[int, str]:
    """Names of actors, with where they act from when that is one known place."""
    wanted = set(ids)
    names = {0: _("系统"), herself: _("本人")}
    rows = session().execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return dict.fromkeys(wanted, "—") | dict(rows.tuples().all()) | names


@dataclass(frozen=True, slots=True)
class MePage:
    """Everything on "me"."""

    person: Person
    account: Account
    spells: list[SpellLine]
    level: Rung | None
    grants: list[GrantLine]
    devices: list[DeviceLine]
    looks: list[LookLine]
    recovery_left: int
    shares_phone: bool


def page_of(actor: Actor, account: Account, recovery_left: int, shares_phone: bool) -> MePage:
    """Gather the page of the person signed in."""
    now = clock.now()
    return MePage(
        person=account.person,
        account=account,
        spells=spells_of(actor.person_id),
        level=level_of(actor.person_id),
        grants=grants_shown(RoleGrant.person_id == actor.person_id),
        devices=devices_of(actor.account_id, now, actor.session_id),
        looks=looks_at(actor.person_id),
        recovery_left=recovery_left,
        shares_phone=shares_phone,
    )
