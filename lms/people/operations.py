"""Writes about persons, organisations, employment and roles; callers commit."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import select

from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.core.vault import vault
from lms.people import identifiers as ids
from lms.people.models import (
    Account,
    EmploymentSpell,
    EvaluatorFiling,
    Organisation,
    Person,
)


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What is needed to know somebody."""

    name: str
    id_number: str
    phone: str | None = None


def id_hash(number: str) -> str:
    """Keyed hash under which a citizen id is found again."""
    return vault().blind(ids.normal_id(number), "id")


def phone_hash(number: str) -> str:
    """Keyed hash under which a phone is found again."""
    return vault().blind(ids.normal_phone(number), "phone")


def register_person(new: NewPerson, actor: Actor, now: datetime) -> Person:
    """Record a person with sealed identity and a waiting account.

    Raises:
        Invalid: the id number or phone is malformed. Conflict: the id number is known already.
    """
    number = ids.normal_id(new.id_number)
    if not ids.is_citizen_id(number):
        raise Invalid(_("身份证号校验不通过，请核对 18 位号码。"))
    if session().scalar(select(Person.id).where(Person.id_hash == id_hash(number))):
        raise Conflict(_("这个身份证号已经登记过。"))
    born = ids.birth_date(number)
    assert born is not None  # noqa: S101 - checked by is_citizen_id
    person = Person(
        ref=secrets.token_hex(16),
        name=new.name.strip(),
        id_hash=id_hash(number),
        id_masked=ids.mask_id(number),
        born_on=born,
        sex=ids.sex_of(number),
        created_at=now,
    )
    person.id_sealed = vault().seal(number, f"person.id:{person.ref}")
    if new.phone:
        set_phone(person, new.phone)
    person.account = Account(status="waiting", created_at=now)
    session().add(person)
    session().flush()
    audit.record(actor, "person.register", "person", person.id)
    return person


def set_phone(person: Person, phone: str) -> None:
    """Seal a phone number on a person. Raises Invalid when it is no mobile number."""
    number = ids.normal_phone(phone)
    if not ids.is_mobile(number):
        raise Invalid(_("手机号应为 11 位数字。"))
    person.phone_sealed = vault().seal(number, f"person.phone:{person.ref}")
    person.phone_hash = phone_hash(number)
    person.phone_masked = ids.mask_phone(number)


def add_organisation(
    credit_code: str, name: str, kind: str, region: str, now: datetime, **facts: object
) -> Organisation:
    """Record an organisation. Raises Invalid when the credit code's check character is wrong."""
    if not ids.is_credit_code(credit_code):
        raise Invalid(_("统一社会信用代码校验不通过。"))
    organisation = Organisation(
        credit_code=credit_code, name=name, kind=kind, region=region, created_at=now, **facts
    )
    session().add(organisation)
    session().flush()
    return organisation


def file_evaluator(
    organisation: Organisation,
    number: str,
    category: str,
    site: str,
    valid: tuple[date, date],
    highest_rung: int = 6,
    occupation: str = "4-10-01-05",
) -> EvaluatorFiling:
    """Record the filing of an evaluator (备案): ``S`` social body or ``Y`` employer."""
    filing = EvaluatorFiling(
        organisation_id=organisation.id,
        number=number,
        category=category,
        site=site,
        occupation=occupation,
        highest_rung=highest_rung,
        valid_from=valid[0],
        valid_to=valid[1],
    )
    session().add(filing)
    session().flush()
    return filing


def employ(
    person_id: int,
    organisation_id: int,
    post: str,
    started_on: date,
    actor: Actor,
    now: datetime,
    ended_on: date | None = None,
) -> EmploymentSpell:
    """Record a new employment spell."""
    return _state(
        secrets.token_hex(16), person_id, organisation_id, post, (started_on, ended_on), actor, now
    )


def restate_spell(
    spell: EmploymentSpell,
    actor: Actor,
    now: datetime,
    *,
    post: str | None = None,
    started_on: date | None = None,
    ended_on: date | None = None,
) -> EmploymentSpell:
    """Supersede what is known of a spell; fields left None keep their value."""
    return state_again(
        spell, actor, now, post or spell.post, started_on or spell.started_on,
        ended_on or spell.ended_on,
    )  # fmt: skip


def state_again(
    spell: EmploymentSpell,
    actor: Actor,
    now: datetime,
    post: str,
    started_on: date,
    ended_on: date | None,
) -> EmploymentSpell:
    """Supersede a statement about a stay with a whole new one.

    Raises:
        Conflict: the statement was superseded already. Invalid: it would end before it began.
    """
    if spell.superseded_at is not None:
        raise Conflict
    spell.superseded_at = now
    session().flush()
    audit.record(
        actor, "employment.restate", "spell", spell.spell, organisation=spell.organisation_id
    )
    return _state(
        spell.spell, spell.person_id, spell.organisation_id, post, (started_on, ended_on), actor,
        now,
    )  # fmt: skip


def _state(
    key: str,
    person_id: int,
    organisation_id: int,
    post: str,
    dates: tuple[date, date | None],
    actor: Actor,
    now: datetime,
) -> EmploymentSpell:
    if dates[1] is not None and dates[1] < dates[0]:
        raise Invalid(_("离职日期不能早于入职日期。"))
    row = EmploymentSpell(
        spell=key,
        person_id=person_id,
        organisation_id=organisation_id,
        post=post,
        started_on=dates[0],
        ended_on=dates[1],
        recorded_at=now,
        recorded_by=actor.person_id,
    )
    session().add(row)
    session().flush()
    return row
