"""Activation slips: a code on paper that opens one account once.

HR prints it for a new colleague, or for one who forgot her password. The code has 80 bits from
``secrets``; its SHA-256 is what is kept. A new slip withdraws the ones before it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Forbidden, Invalid, NotFound
from lms.people import session_cookie, sessions
from lms.people.accounts import rules, throttle
from lms.people.accounts.policy import SlipTarget, may_issue_slip
from lms.people.models import Account, ActivationSlip, Person


class SlipSpent(Invalid):
    """The code is wrong, used, withdrawn or out of date: one answer for all of these."""

    code = "slip"


class LoginRefused(Invalid):
    """The login name is malformed or somebody else's."""

    code = "login"


@dataclass(frozen=True, slots=True)
class OpenedSlip:
    """Whose account a slip opens, and whether a login name must be chosen."""

    account: Account
    person: Person
    needs_login: bool


def issue_slip(person_id: int, actor: Actor, now: datetime) -> str:
    """Make a slip for a person; returns the code as printed, which is shown this once.

    Raises:
        NotFound: no such person. Conflict: the account is disabled.
        Forbidden: the person has power over others and ``actor`` is no administrator.
    """
    account = session().scalar(select(Account).where(Account.person_id == person_id))
    if account is None:
        raise NotFound
    if account.status == "disabled":
        raise Conflict(_("这个账户已停用，请先由平台管理员恢复。"))
    if not may_issue_slip(actor, slip_target(person_id, now)):
        raise Forbidden(
            _("这个人有管理角色或不在您的单位，请联系平台管理员。"), action="people.slip.issue"
        )
    _withdraw(account.id, now)
    code = rules.new_code(rules.SLIP_LENGTH)
    days = throttle.sign_in_rule(now)["slip_days"]
    session().add(
        ActivationSlip(
            account_id=account.id,
            code_hash=session_cookie.hashed(code),
            issued_at=now,
            issued_by=actor.person_id,
            expires_at=now + timedelta(days=days),
        )
    )
    session().flush()
    audit.record(actor, "account.slip", "person", person_id)
    return rules.grouped(code)


def slip_target(person_id: int, now: datetime) -> SlipTarget:
    """What the permission rule needs to know of a person; two statements."""
    return SlipTarget(
        person_id,
        sessions.employers_of(person_id, clock.local_date(now)),
        sessions.is_powerful(sessions.grants_of(person_id, now)),
    )


def code_hash(typed: str) -> str:
    """The hash under which a typed code is found."""
    return session_cookie.hashed(rules.normal_code(typed))


def open_slip(hashed_code: str, now: datetime) -> OpenedSlip:
    """Whose slip this is. Raises SlipSpent when it opens nothing (any more)."""
    slip = _living(hashed_code, now)
    account = session().get_one(Account, slip.account_id, populate_existing=True)
    if account.status == "disabled":
        raise _spent()
    return OpenedSlip(account, account.person, _needs_login(account))


def activate(
    hashed_code: str, login: str, password_hash: str, now: datetime, browser: session_cookie.Browser
) -> session_cookie.NewSession:
    """Use a slip up: set the password, end older sessions, begin a new one.

    Raises:
        SlipSpent: the slip opens nothing any more. LoginRefused: the login name cannot be used.
    """
    opened = open_slip(hashed_code, now)
    used = session().execute(
        update(ActivationSlip)
        .where(ActivationSlip.code_hash == hashed_code, ActivationSlip.used_at.is_(None))
        .values(used_at=now)
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        raise _spent()
    account = opened.account
    herself = Actor(account.person_id, account.id, opened.person.name)
    if login or opened.needs_login:
        set_login(account, login, herself)
    account.password_hash = password_hash
    account.status = "active"
    sessions.end_all(account.id, now)
    throttle.clear(throttle.key_for(account.id))
    audit.record(herself, "account.activate", "person", account.person_id)
    return sessions.rotate(account, now, browser, second_factor=False)


def set_login(account: Account, login: str, actor: Actor) -> None:
    """Give an account a login name. Raises LoginRefused when malformed or taken."""
    login = rules.normal_login(login)
    if not rules.is_login(login):
        raise LoginRefused(_("登录名用 3 至 40 个字母、数字，第一个是字母，例如 wangguilan。"))
    taken = session().scalar(
        select(Account.id).where(Account.login == login, Account.id != account.id)
    )
    if taken:
        raise LoginRefused(_("这个登录名已有人用，请换一个，例如在后面加数字。"))
    if account.login == login:
        return
    account.login = login
    session().flush()
    audit.record(actor, "account.login", "person", account.person_id)


def _needs_login(account: Account) -> bool:
    """True if the phone number alone does not lead to this account."""
    if account.login:
        return False
    return account.person.phone_hash is None or shares_phone(account.person)


def shares_phone(person: Person) -> bool:
    """True if somebody else gave the same phone number."""
    if person.phone_hash is None:
        return False
    query = select(func.count()).where(
        Person.phone_hash == person.phone_hash, Person.id != person.id
    )
    return bool(session().scalar(query))


def _living(hashed_code: str, now: datetime) -> ActivationSlip:
    slip = session().scalar(
        select(ActivationSlip).where(
            ActivationSlip.code_hash == hashed_code,
            ActivationSlip.used_at.is_(None),
            ActivationSlip.withdrawn_at.is_(None),
            ActivationSlip.expires_at > now,
        )
    )
    if slip is None:
        raise _spent()
    return slip


def _withdraw(account_id: int, now: datetime) -> None:
    session().execute(
        update(ActivationSlip)
        .where(
            ActivationSlip.account_id == account_id,
            ActivationSlip.used_at.is_(None),
            ActivationSlip.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )


def _spent() -> SlipSpent:
    return SlipSpent(
        _(
            "这个激活码用不了：可能输错了、已经用过或过期。请对照纸条再输一次，不行就请单位人事重新打印。"
        )
    )
