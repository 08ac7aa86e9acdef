"""Who may do what with accounts and roles; said once for pages, lists and operations."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, or_, true

from lms.core.access import POWERFUL, Actor, Role, action
from lms.people.models import Account, EmploymentSpell, Organisation, Person, RoleGrant


@dataclass(frozen=True, slots=True)
class GrantTarget:
    """A role somebody would be given or lose, with the scope written out as a region."""

    person_id: int
    role: Role
    region: str | None = None
    organisation_id: int | None = None


def is_keeper(actor: Actor) -> bool:
    """Accounts are kept by administrators and, for its officers, by the province."""
    return actor.has(Role.ADMIN) or bool(provinces(actor))


def provinces(actor: Actor) -> tuple[str, ...]:
    """Provinces of which the actor is an officer."""
    return tuple(region for region in actor.regions(Role.OFFICER) if len(region) == 2)


def may_grant(actor: Actor, target: GrantTarget) -> bool:
    """Administrators grant everything, a province's officer grants officers within the
    province; nobody grants to (or takes from) herself."""
    if actor.person_id == target.person_id or target.role is Role.LEARNER:
        return False
    if actor.has(Role.ADMIN):
        return True
    region = target.region or ""
    return target.role is Role.OFFICER and region.startswith(provinces(actor) or ("-",))


def may_change(actor: Actor, person_id: int) -> bool:
    """Nobody disables or resets her own account here: "me" is the place for that."""
    return actor.person_id != person_id


def may_issue_slip(actor: Actor, target: "SlipTarget") -> bool:
    """HR for the staff of her home; administrators for everybody. A slip opens the account, so
    one for a person with power over others is the administrators' alone."""
    if actor.has(Role.ADMIN):
        return True
    if target.powerful:
        return False
    return bool(actor.organisations(Role.HR) & set(target.employer_ids))


@dataclass(frozen=True, slots=True)
class SlipTarget:
    """Somebody who would get an activation slip."""

    person_id: int
    employer_ids: tuple[int, ...]
    powerful: bool


OWN_ACCOUNT = action("account.own", Role.LEARNER)
PASS_SECOND_FACTOR = action("account.second_factor", Role.LEARNER)
SEE_ACCOUNTS = action("admin.accounts", Role.ADMIN, Role.OFFICER, condition=is_keeper)
GRANT_ROLE = action("admin.grant", Role.ADMIN, Role.OFFICER, rule=may_grant, condition=is_keeper)
CHANGE_ACCOUNT = action("admin.account.change", Role.ADMIN, rule=may_change)
ISSUE_SLIP = action("people.slip.issue", Role.HR, Role.ADMIN, rule=may_issue_slip)


def persons_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Filter of persons whose account the actor may look at: administrators everybody, a
    province's officer those who work or hold a role in the province, or work nowhere."""
    if actor.has(Role.ADMIN):
        return true()
    spell = EmploymentSpell
    current = and_(
        spell.person_id == Person.id, spell.superseded_at.is_(None), spell.ended_on.is_(None)
    )
    here = or_(*(Organisation.region.startswith(code) for code in provinces(actor)))
    works_here = exists().where(current, spell.organisation_id == Organisation.id, here)
    return or_(works_here, ~exists().where(current))


def holds_power(*roles: Role) -> ColumnElement[bool]:
    """Filter of persons with an unrevoked role (one of ``roles``) over others."""
    wanted = [str(role) for role in (roles or POWERFUL)]
    return exists().where(
        RoleGrant.person_id == Person.id,
        RoleGrant.revoked_at.is_(None),
        RoleGrant.role.in_(wanted),
    )


def account_status(status: str) -> ColumnElement[bool]:
    """Filter of persons by the status of their account."""
    return exists().where(Account.person_id == Person.id, Account.status == status)
