"""What administrators do with accounts: the first one, roles, disabling, ending sessions."""

from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import select, update

from lms.core import audit, clock
from lms.core.access import SYSTEM, Actor, Role
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.people import sessions
from lms.people.accounts.policy import GrantTarget
from lms.people.accounts.queries import GrantLine
from lms.people.accounts.slips import issue_slip, set_login
from lms.people.models import Account, ActivationSlip, Organisation, RoleGrant
from lms.people.operations import NewPerson, register_person


def create_administrator(new: NewPerson, login: str, now: datetime) -> str:
    """Register an administrator; returns the activation code with which she chooses a password.

    Raises:
        Invalid: id number, phone or login name cannot be used. Conflict: already registered.
    """
    if not login:
        raise Invalid(_("请给管理员一个登录名。"))
    person_id = add_person(new, login, SYSTEM, now)
    grant_role(person_id, Role.ADMIN, SYSTEM, now, clock.local_date(now))
    return issue_slip(person_id, SYSTEM, now)


def add_person(new: NewPerson, login: str, actor: Actor, now: datetime) -> int:
    """Register somebody who stands on no roster; returns the person's id."""
    person = register_person(new, actor, now)
    if login:
        account = session().scalars(select(Account).where(Account.person_id == person.id)).one()
        set_login(account, login, actor)
    return person.id


def grant_role(
    person_id: int,
    role: Role,
    actor: Actor,
    now: datetime,
    valid_from: date,
    *,
    organisation_id: int | None = None,
    region: str | None = None,
    valid_to: date | None = None,
) -> RoleGrant:
    """Grant a role within one scope.

    Raises:
        Invalid: both scopes given, none for a role that needs one, or dates the wrong way round.
        Conflict: the same role is held there already.
    """
    if organisation_id is not None and region is not None:
        raise Invalid(_("角色范围只能选一个机构或一个地区。"))
    if role is not Role.ADMIN and organisation_id is None and region is None:
        raise Invalid(_("请选择角色的机构或地区范围。"))
    if valid_to is not None and valid_to < valid_from:
        raise Invalid(_("结束日期不能早于开始日期。"))
    held = select(RoleGrant.id).where(
        RoleGrant.person_id == person_id,
        RoleGrant.role == role,
        RoleGrant.organisation_id.is_not_distinct_from(organisation_id),
        RoleGrant.region.is_not_distinct_from(region),
        RoleGrant.revoked_at.is_(None),
        (RoleGrant.valid_to.is_(None)) | (RoleGrant.valid_to >= valid_from),
    )
    if session().scalar(held.limit(1)):
        raise Conflict(_("这个人在同一范围内已有这个角色，可先收回再授予。"))
    row = RoleGrant(
        person_id=person_id,
        role=role,
        organisation_id=organisation_id,
        region=region,
        valid_from=valid_from,
        valid_to=valid_to,
        granted_at=now,
        granted_by=actor.person_id,
    )
    session().add(row)
    session().flush()
    audit.record(actor, "role.grant", "person", person_id, grant=row.id, role=str(role))
    return row


def revoke_role(grant_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Take a role back at once. Raises Conflict when it was taken back already."""
    done = session().execute(
        update(RoleGrant)
        .where(RoleGrant.id == grant_id, RoleGrant.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by=actor.person_id)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise Conflict(_("这个角色已经收回。"))
    grant = session().get_one(RoleGrant, grant_id, populate_existing=True)
    audit.record(
        actor, "role.revoke", "person", grant.person_id, grant=grant.id, role=grant.role,
        reason=reason,
    )  # fmt: skip


def target_of(
    person_id: int, role: Role, region: str | None, organisation_id: int | None
) -> GrantTarget:
    """A grant as the permission rule sees it; an organisation counts by its region."""
    if organisation_id is not None:
        region = session().scalar(
            select(Organisation.region).where(Organisation.id == organisation_id)
        )
    return GrantTarget(person_id, role, region, organisation_id)


def target_of_grant(line: GrantLine) -> GrantTarget:
    """A role in force as the permission rule sees it."""
    return target_of(line.person_id, line.role, line.region, line.organisation_id)


def disable_account(account_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Close an account at once: its sessions end, its slips open nothing."""
    account = session().get_one(Account, account_id, populate_existing=True)
    if account.status == "disabled":
        raise Conflict(_("账户已经停用。"))
    account.status = "disabled"
    sessions.end_all(account_id, now)
    session().execute(
        update(ActivationSlip)
        .where(ActivationSlip.account_id == account_id, ActivationSlip.used_at.is_(None))
        .values(withdrawn_at=now)
    )
    session().flush()
    audit.record(actor, "account.disable", "person", account.person_id, reason=reason)


def enable_account(account_id: int, reason: str, actor: Actor) -> None:
    """Open a disabled account again; without a password it waits for a slip."""
    account = session().get_one(Account, account_id, populate_existing=True)
    if account.status != "disabled":
        raise Conflict(_("账户没有停用。"))
    account.status = "active" if account.password_hash else "waiting"
    session().flush()
    audit.record(actor, "account.enable", "person", account.person_id, reason=reason)


def end_sessions(account_id: int, reason: str, actor: Actor, now: datetime) -> int:
    """Sign an account out everywhere; returns how many sessions ended."""
    ended = sessions.end_all(account_id, now)
    account = session().get_one(Account, account_id)
    audit.record(
        actor, "account.end_sessions", "person", account.person_id, ended=ended, reason=reason
    )
    return ended
