"""Server-side sessions: a random cookie, its hash in the database, revocable at once.

The cookie carries 256 random bits and nothing else. A learner's session ends after 14 days
without use and in any case after 30 days, so that a phone in daily use stays signed in; that of
a person with power over others ends after 8 hours and with the browser.
"""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask, current_app, g, request
from flask_login import LoginManager
from sqlalchemy import Connection, Select, bindparam, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import contains_eager

from lms.core import clock
from lms.core.access import POWERFUL, Actor, Grant, Role
from lms.core.db import UtcDateTime, brief_write, session
from lms.people.accounts.rules import device_of, outstanding
from lms.people.models import Account, EmploymentSpell, RoleGrant, SignIn
from lms.people.session_cookie import LONGEST, Browser, NewSession, cookie_name, hashed

IDLE = timedelta(days=14)
LONGEST_POWERFUL = timedelta(hours=8)
SEEN_STEP = timedelta(minutes=10)
login_manager = LoginManager()
login_manager.session_protection = None  # type: ignore[assignment]


class SignedIn:
    """Flask-Login's view of the actor."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_id(self) -> str:
        """The session's id; Flask-Login keeps it nowhere, our own cookie does."""
        return str(self.actor.session_id)


def init_sessions(app: Flask) -> None:
    """Let Flask-Login find the user through our session cookie."""
    login_manager.init_app(app)
    login_manager.request_loader(_from_request)


def begin(account: Account, now: datetime, user_agent: str, second_factor: bool) -> NewSession:
    """Start a session in the present unit of work."""
    token = secrets.token_urlsafe(32)
    powerful = is_powerful(grants_of(account.person_id, now))
    session().add(
        SignIn(
            account_id=account.id,
            token_hash=hashed(token),
            started_at=now,
            seen_at=now,
            expires_at=now + (LONGEST_POWERFUL if powerful else LONGEST),
            second_factor_at=now if second_factor else None,
            device=device_of(user_agent),
        )
    )
    session().flush()
    return NewSession(token, persistent=not powerful)


def rotate(account: Account, now: datetime, browser: Browser, second_factor: bool) -> NewSession:
    """End the session the browser came with, if any, and start a new one in its place.

    Called whenever somebody proves more than before, so that a cookie planted or seen earlier
    is worth nothing afterwards.
    """
    if browser.token:
        session().execute(
            update(SignIn)
            .where(SignIn.token_hash == hashed(browser.token), SignIn.ended_at.is_(None))
            .values(ended_at=now)
        )
    return begin(account, now, browser.user_agent, second_factor)


def is_powerful(grants: list[Grant]) -> bool:
    """True if any of the roles has power over others."""
    return any(grant.role in POWERFUL for grant in grants)


def second_factor_enforced() -> bool:
    """True except in a demo database that was not told to ask for it."""
    extensions = current_app.extensions
    return not extensions.get("is_demo") or bool(extensions.get("second_factor_in_demo"))


def end(session_id: int, now: datetime) -> None:
    """End one session."""
    session().execute(
        update(SignIn)
        .where(SignIn.id == session_id, SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_all(account_id: int, now: datetime, but: int | None = None) -> int:
    """End every session of an account (``but`` one); returns how many there were."""
    ended = session().execute(
        update(SignIn)
        .where(SignIn.account_id == account_id, SignIn.ended_at.is_(None), SignIn.id != (but or 0))
        .values(ended_at=now)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]


def load_actor() -> Actor | None:
    """Return the actor behind this request's cookie, by three statements.

    A session that still owes the second factor acts as a learner only: its grants stay away
    until ``lms.people.accounts.second_factor`` has seen the code.
    """
    token = request.cookies.get(cookie_name())
    if not token:
        return None
    now = clock.now()
    account = _account_of(token, now)
    if account is None:
        return None
    grants = grants_of(account.person_id, now)
    powerful = is_powerful(grants)
    signed: SignIn = g.signed
    if powerful and now >= signed.started_at + LONGEST_POWERFUL:
        return None
    if now - signed.seen_at >= SEEN_STEP:
        _touch(signed.id, now)
    g.account = account
    if account.locale:
        g.locale = account.locale
    g.second_factor_step = outstanding(
        second_factor_enforced(),
        powerful,
        account.totp_confirmed_at is not None,
        signed.second_factor_at is not None,
    )
    return Actor(
        person_id=account.person_id,
        account_id=account.id,
        name=account.person.name,
        grants=() if g.second_factor_step else tuple(grants),
        session_id=signed.id,
        employer_ids=employers_of(account.person_id, clock.local_date(now)),
    )


def _account_of(token: str, now: datetime) -> Account | None:
    """The active account of a living session; leaves the session in ``g.signed``."""
    query = (
        select(SignIn)
        .join(SignIn.account)
        .join(Account.person)
        .options(contains_eager(SignIn.account).contains_eager(Account.person))
        .where(
            SignIn.token_hash == hashed(token),
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            SignIn.seen_at > now - IDLE,
            Account.status == "active",
        )
    )
    g.signed = session().scalar(query)
    return g.signed.account if g.signed else None


def learner_sessions() -> Select[Any]:
    """Living sessions of people without any role that owe no second factor: ``token_hash``,
    ``session_id``, ``person_id`` and ``seen_at``, by the parameters ``now`` and ``idle_since``. The
    same conditions as ``load_actor``, for statements that check the session and do something else
    in one."""
    roles = select(RoleGrant.id).where(
        RoleGrant.person_id == Account.person_id, RoleGrant.revoked_at.is_(None)
    )
    return (
        select(SignIn.token_hash, SignIn.id.label("session_id"), Account.person_id, SignIn.seen_at)
        .join(Account, Account.id == SignIn.account_id)
        .where(
            SignIn.ended_at.is_(None),
            SignIn.expires_at > bindparam("now", type_=UtcDateTime),
            SignIn.seen_at > bindparam("idle_since", type_=UtcDateTime),
            Account.status == "active",
            or_(Account.totp_confirmed_at.is_(None), SignIn.second_factor_at.is_not(None)),
            ~roles.exists(),
        )
    )


def learner_preferences() -> Select[Any]:
    """``learner_sessions`` with how each wants to see the site: ``locale``, ``elder``,
    ``text_size``."""
    return learner_sessions().add_columns(Account.locale, Account.elder, Account.text_size)


def is_noted(seen_at: datetime, now: datetime) -> bool:
    """True if the use of a session was noted so short a time ago that nothing need be written."""
    return now - seen_at < SEEN_STEP


def note_seen(connection: Connection, sessions: Mapping[int, datetime], now: datetime) -> None:
    """Note the use of sessions (id → last noted use), at most every ten minutes for each."""
    stale = [number for number, seen in sessions.items() if not is_noted(seen, now)]
    if stale:
        connection.execute(update(SignIn).where(SignIn.id.in_(stale)).values(seen_at=now))


def grants_of(person_id: int, now: datetime) -> list[Grant]:
    """The roles a person holds today."""
    today = clock.local_date(now)
    query = select(RoleGrant).where(
        RoleGrant.person_id == person_id,
        RoleGrant.revoked_at.is_(None),
        RoleGrant.valid_from <= today,
        or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to >= today),
    )
    return [Grant(Role(r.role), r.organisation_id, r.region) for r in session().scalars(query)]


def employers_of(person_id: int, on: date) -> tuple[int, ...]:
    """Organisations that employ a person on a day."""
    query = select(EmploymentSpell.organisation_id).where(
        EmploymentSpell.person_id == person_id,
        EmploymentSpell.superseded_at.is_(None),
        EmploymentSpell.started_on <= on,
        or_(EmploymentSpell.ended_on.is_(None), EmploymentSpell.ended_on >= on),
    )
    return tuple(session().scalars(query))


def _touch(session_id: int, now: datetime) -> None:
    """Note that a session was used; left out when the database cannot be written just now."""
    with suppress(OperationalError), brief_write() as connection:
        connection.execute(update(SignIn).where(SignIn.id == session_id).values(seen_at=now))


def _from_request(_request: object) -> SignedIn | None:
    actor: Actor | None = g.get("actor")
    return SignedIn(actor) if actor else None
