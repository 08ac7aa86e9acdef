"""Server-side sessions: a random cookie, its hash in the database, revocable at once.

The cookie carries 256 random bits and nothing else. Sessions end after 12 hours without use
and in any case after 30 days (8 hours for people with power over others).
"""

import secrets
from datetime import date, datetime, timedelta
from hashlib import sha256

from flask import Flask, current_app, g, request
from flask_login import LoginManager
from sqlalchemy import or_, select, update

from lms.core import clock
from lms.core.access import POWERFUL, Actor, Grant, Role
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.models import Account, EmploymentSpell, RoleGrant, SignIn

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=30)
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


def cookie_name() -> str:
    """``__Host-session`` behind TLS, ``session`` on plain http."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    return "__Host-session" if secure else "session"


def hashed(token: str) -> str:
    """What the database keeps of a token or slip code."""
    return sha256(token.encode()).hexdigest()


def begin(account: Account, now: datetime, device: str, second_factor: bool) -> str:
    """Start a session in the present unit of work and return the cookie's value."""
    token = secrets.token_urlsafe(32)
    powerful = any(grant.role in POWERFUL for grant in grants_of(account.person_id, now))
    session().add(
        SignIn(
            account_id=account.id,
            token_hash=hashed(token),
            started_at=now,
            seen_at=now,
            expires_at=now + (LONGEST_POWERFUL if powerful else LONGEST),
            second_factor_at=now if second_factor else None,
            device=device[:120],
        )
    )
    session().flush()
    return token


def end(session_id: int, now: datetime) -> None:
    """End one session."""
    session().execute(
        update(SignIn)
        .where(SignIn.id == session_id, SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_all(account_id: int, now: datetime) -> int:
    """End every session of an account; returns how many there were."""
    ended = session().execute(
        update(SignIn)
        .where(SignIn.account_id == account_id, SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]


def load_actor() -> Actor | None:
    """Return the actor behind this request's cookie; two statements, three for employees."""
    token = request.cookies.get(cookie_name())
    if not token:
        return None
    now = clock.now()
    row = (
        session()
        .execute(
            select(SignIn, Account)
            .join(Account, SignIn.account_id == Account.id)
            .where(SignIn.token_hash == hashed(token), SignIn.ended_at.is_(None))
        )
        .first()
    )
    if row is None:
        return None
    signed, account = row._tuple()
    if account.status != "active" or now >= signed.expires_at or now >= signed.seen_at + IDLE:
        return None
    if now - signed.seen_at >= SEEN_STEP:
        _touch(signed.id, now)
    g.account = account
    return Actor(
        person_id=account.person_id,
        account_id=account.id,
        name=account.person.name,
        grants=tuple(grants_of(account.person_id, now)),
        session_id=signed.id,
        employer_ids=employers_of(account.person_id, clock.local_date(now)),
    )


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
    with unit_of_work():
        session().execute(update(SignIn).where(SignIn.id == session_id).values(seen_at=now))


def _from_request(_request: object) -> SignedIn | None:
    actor: Actor | None = g.get("actor")
    return SignedIn(actor) if actor else None
