"""Who may work with question banks. Keys are secret: authors and examiners of the organisation
that owns the bank, provincial ones and administrators for the platform's own banks; no officer."""

from typing import Protocol

from sqlalchemy import ColumnElement, or_, true

from exams.bank.models import Bank
from lms.core.access import Actor, Role, action

STAFF = (Role.AUTHOR, Role.EXAMINER)
#: Grants as wide as this region, or wider, reach the platform's banks.
PROVINCE = "14"


class Owned(Protocol):
    """What the rule needs to know of a bank."""

    @property
    def organisation_id(self) -> int | None:
        """The owner; None is the platform."""


def owns(actor: Actor, bank: Owned) -> bool:
    """True if the actor answers for the organisation that keeps the bank."""
    if actor.has(Role.ADMIN):
        return True
    if bank.organisation_id is None:
        return actor.covers(PROVINCE, *STAFF)
    return bank.organisation_id in actor.organisations(*STAFF)


VIEW = action("exams.bank.view", *STAFF, Role.ADMIN, rule=owns)
WRITE = action("exams.bank.write", *STAFF, Role.ADMIN, rule=owns)
APPROVE = action("exams.bank.approve", *STAFF, Role.ADMIN, rule=owns)
OPEN_KEYS = action("exams.bank.open_keys", *STAFF, Role.ADMIN, rule=owns)
EXPORT = action("exams.bank.export", *STAFF, Role.ADMIN, rule=owns)
ADD = action("exams.bank.add", *STAFF, Role.ADMIN, rule=owns)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The banks an actor may open, for lists and pages alike."""
    if actor.has(Role.ADMIN):
        return true()
    mine = Bank.organisation_id.in_(actor.organisations(*STAFF))
    if actor.covers(PROVINCE, *STAFF):
        return or_(mine, Bank.organisation_id.is_(None))
    return mine
