"""One throttle for every way to sign in: password, one-time code, recovery code.

Failures are counted by account, or by a keyed hash of the name when no account has it, in the
same table by the same statements: a lockout looks the same for both. Addresses are limited by
``address_limit`` beside it.
"""

from datetime import datetime, timedelta
from typing import Any

from flask import Response
from flask_babel import gettext as _
from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lms.core import audit, clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.errors import Throttled
from lms.core.rules import rule_on
from lms.core.vault import vault
from lms.core.web import limiter
from lms.people.models import SignInThrottle


class Locked(Throttled):
    """Too many wrong tries; the account (or the name nobody has) rests for a while."""

    code = "locked"


def sign_in_rule(now: datetime) -> dict[str, Any]:
    """The values of ``people.sign_in`` in force."""
    return rule_on("people.sign_in", clock.local_date(now)).value


def key_for(account_id: int | None, name: str = "") -> str:
    """The key under which failures are counted."""
    if account_id is not None:
        return f"account:{account_id}"
    return "name:" + vault().blind(name, "sign-in")


def ensure_open(key: str, now: datetime) -> None:
    """Raise Locked while the key rests."""
    until = session().scalar(select(SignInThrottle.locked_until).where(SignInThrottle.key == key))
    if until is not None and until > now:
        minutes = -(-int((until - now).total_seconds()) // 60)
        raise Locked(
            _("连续输错多次，为保护账户，请 %(n)s 分钟后再试。", n=minutes),
            retry_after=int((until - now).total_seconds()) + 1,
        )


def note_failure(key: str, now: datetime) -> None:
    """Count one wrong try in the present unit of work; the last one allowed locks the key."""
    rule = sign_in_rule(now)
    rest = timedelta(minutes=rule["lock_minutes"])
    if _count(key, now, rest) < rule["failures"]:
        return
    session().execute(
        update(SignInThrottle).where(SignInThrottle.key == key).values(locked_until=now + rest)
    )
    kind, _sep, number = key.partition(":")
    if kind == "account":
        audit.record(SYSTEM, "account.lock", "account", number)
    else:
        audit.record(SYSTEM, "account.lock", "name")


def _count(key: str, now: datetime, rest: timedelta) -> int:
    """Add one failure; old ones, and those before a lock that is over, no longer count."""
    throttle = SignInThrottle
    dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    stale = or_(throttle.locked_until.is_not(None), throttle.updated_at < now - rest)
    insert = dialect.insert(throttle).values(key=key, failures=1, updated_at=now)
    statement = insert.on_conflict_do_update(
        index_elements=[throttle.key],
        set_={
            "failures": case((stale, 1), else_=throttle.failures + 1),
            "locked_until": None,
            "updated_at": now,
        },
    ).returning(throttle.failures)
    return int(session().scalars(statement).one())


def clear(key: str) -> None:
    """Forget the failures of a key; call only when every factor has been passed."""
    session().execute(delete(SignInThrottle).where(SignInThrottle.key == key))


def forget_old(now: datetime) -> int:
    """Drop counts that no longer mean anything; returns how many. For the nightly job."""
    gone = session().execute(
        delete(SignInThrottle).where(SignInThrottle.updated_at < now - timedelta(days=1))
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _address_allowance() -> str:
    rule = sign_in_rule(clock.now())
    return f"{rule['address_failures']} per {rule['address_minutes']} minute"


def _failed(response: Response) -> bool:
    return response.status_code >= 400


#: Only failures use up an address's allowance: a home's forty phones share one address.
address_limit = limiter.shared_limit(
    _address_allowance, scope="sign-in", methods=["POST"], deduct_when=_failed
)
