"""Actors outside a web session: commands and long tasks act for a person with today's roles."""

from datetime import datetime

from sqlalchemy import select

from lms.core import clock
from lms.core.access import Actor
from lms.core.db import session
from lms.people.accounts import signing_in
from lms.people.models import Account
from lms.people.sessions import employers_of, grants_of


def actor_of(person_id: int, now: datetime) -> Actor | None:
    """The person as an actor, or None without an active account."""
    query = select(Account).where(Account.person_id == person_id, Account.status == "active")
    return _actor(session().scalar(query), now)


def actor_named(name: str, now: datetime) -> Actor | None:
    """The actor with this login name or phone number, or None."""
    found = signing_in.find(name)
    if found.account_id is None:
        return None
    return _actor(session().get(Account, found.account_id), now)


def _actor(account: Account | None, now: datetime) -> Actor | None:
    if account is None:
        return None
    return Actor(
        person_id=account.person_id,
        account_id=account.id,
        name=account.person.name,
        grants=tuple(grants_of(account.person_id, now)),
        employer_ids=employers_of(account.person_id, clock.local_date(now)),
    )
