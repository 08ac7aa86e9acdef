"""Signing in by login name or phone number and password; one answer for every refusal."""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Invalid
from lms.core.vault import vault
from lms.people import identifiers as ids
from lms.people import session_cookie, sessions
from lms.people.accounts import rules, throttle
from lms.people.accounts.texts import fault_text
from lms.people.models import Account, Person
from lms.people.operations import phone_hash

log = logging.getLogger("lms.sign_in")


@dataclass(frozen=True, slots=True)
class Found:
    """What a typed name leads to; nobody's name has an empty hash and a key of its own."""

    account_id: int | None
    password_hash: str
    key: str


def find(name: str) -> Found:
    """Look an account up by login name or phone number.

    A phone shared by several people leads to none of them: they sign in by login name.
    """
    login, phone = rules.normal_login(name), ids.normal_phone(name)
    query = (
        select(Account.id, Account.password_hash)
        .join(Account.person)
        .where(
            or_(Account.login == login, Person.phone_hash == phone_hash(phone)),
            Account.status == "active",
        )
        .limit(2)
    )
    rows = session().execute(query).all()
    if len(rows) != 1:
        # However a number is written it counts as one name, as it would for an account.
        name = phone if ids.is_mobile(phone) else login
        return Found(None, "", throttle.key_for(None, name))
    return Found(rows[0].id, rows[0].password_hash, throttle.key_for(rows[0].id))


def enter(
    found: Found, right: bool, now: datetime, browser: session_cookie.Browser
) -> session_cookie.NewSession | None:
    """Start a session after a right password, count a wrong one; None when refused.

    Failures are forgotten only when nothing more is owed: a known password must not buy more
    guesses at the second factor.

    Raises:
        Locked: too many tries were made meanwhile.
    """
    throttle.ensure_open(found.key, now)
    account = _active(found) if right else None
    if account is None:
        throttle.note_failure(found.key, now)
        log.warning("sign-in refused", extra={"event": "sign_in.refused"})
        return None
    grants = sessions.grants_of(account.person_id, now)
    confirmed = account.totp_confirmed_at is not None
    enforced = sessions.second_factor_enforced()
    owed = rules.outstanding(enforced, sessions.is_powerful(grants), confirmed, passed=False)
    if owed is not rules.Step.CONFIRM:
        throttle.clear(found.key)
    return sessions.rotate(account, now, browser, second_factor=False)


def _active(found: Found) -> Account | None:
    """The account, if its password and status are still those that were checked."""
    query = select(Account).where(
        Account.id == found.account_id,
        Account.status == "active",
        Account.password_hash == found.password_hash,
    )
    return session().scalar(query.execution_options(populate_existing=True))


def check_new_password(password: str, account: Account, now: datetime, login: str = "") -> None:
    """Raise Invalid when the password is too easy for this person."""
    least = throttle.sign_in_rule(now)["password_min"]
    person = account.person
    personal = (person.name, login or account.login or "", *_numbers_of(person))
    fault = rules.password_fault(password, least, personal)
    if fault is not None:
        raise Invalid(fault_text(fault, least))


def _numbers_of(person: Person) -> tuple[str, ...]:
    """Numbers of hers that others may know: phone, birthday, end of the id."""
    phone = ""
    if person.phone_sealed is not None:
        phone = vault().open_text(person.phone_sealed, f"person.phone:{person.ref}")
    return (phone, f"{person.born_on:%Y%m%d}", f"{person.born_on:%y%m%d}", person.id_masked[-6:])


def change_password(account_id: int, password_hash: str, actor: Actor, now: datetime) -> int:
    """Store a new password and end every other session; returns how many those were."""
    account = session().get_one(Account, account_id, populate_existing=True)
    account.password_hash = password_hash
    audit.record(actor, "account.password", "person", account.person_id)
    return sessions.end_all(account_id, now, but=actor.session_id)
