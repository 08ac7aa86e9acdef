"""Who may see and change what in the register."""

from typing import Protocol

from sqlalchemy import ColumnElement, and_, false, not_, or_, select, true

from certificates.models import Certificate
from certificates.revoking.models import MassRevocation, MassRevocationItem
from certificates.revoking.scopes import Proposed, reach_of
from lms.core.access import Actor, Role, action

STAFF = (Role.EXAMINER, Role.OFFICER, Role.ADMIN)


class InRegister(Protocol):
    """What a rule needs to know of a certificate."""

    @property
    def person_id(self) -> int:
        """The holder."""

    @property
    def issuer_id(self) -> int:
        """The responsible body."""

    @property
    def issuer_region(self) -> str:
        """Its county."""


def in_scope(actor: Actor, target: InRegister) -> bool:
    """True if the actor answers for the issuer, or for the region it lies in."""
    return target.issuer_id in actor.organisations(Role.EXAMINER) or actor.covers(
        target.issuer_region, Role.OFFICER, Role.ADMIN
    )


def anothers_in_scope(actor: Actor, target: InRegister) -> bool:
    """The same, but for one's own certificate: nobody changes what she holds herself."""
    return target.person_id != actor.person_id and in_scope(actor, target)


def own_or_in_scope(actor: Actor, target: InRegister) -> bool:
    """True for the holder, and for staff in scope."""
    return target.person_id == actor.person_id or in_scope(actor, target)


def own(actor: Actor, target: InRegister) -> bool:
    """True for the holder."""
    return target.person_id == actor.person_id


def in_region(prefix: str) -> ColumnElement[bool]:
    """Certificates whose issuer lies in a region; a range, so that the index serves."""
    if not prefix:
        return true()
    after = str(int(prefix) + 1).zfill(len(prefix))
    return and_(Certificate.issuer_region >= prefix, Certificate.issuer_region < after)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The certificates an actor may see in lists, pages and exports."""
    parts = [in_region(prefix) for prefix in actor.regions(Role.OFFICER, Role.ADMIN)]
    mine = actor.organisations(Role.EXAMINER)
    if mine:
        parts.append(Certificate.issuer_id.in_(sorted(mine)))
    return or_(*parts) if parts else false()


SEE_WALLET = action("certificates.wallet", Role.LEARNER)
SEE_OWN = action("certificates.see", Role.LEARNER, rule=own_or_in_scope)
DOWNLOAD = action("certificates.download", Role.LEARNER, rule=own)
SHARE = action("certificates.share", Role.LEARNER, rule=own)
SEE_REGISTER = action("certificates.register", *STAFF, rule=in_scope)
REVOKE = action("certificates.revoke", *STAFF, rule=anothers_in_scope)
SUSPEND = action("certificates.suspend", *STAFF, rule=anothers_in_scope)
CORRECT = action("certificates.correct", *STAFF, rule=anothers_in_scope)
REPRINT = action("certificates.reprint", *STAFF, rule=in_scope)
CHECK_SHEET = action("certificates.check_sheet", Role.HR, *STAFF)
EXPORT = action("certificates.export", *STAFF)


def answers_for_all(actor: Actor, proposal: Proposed) -> bool:
    """True if the actor answers for every certificate that a proposal names."""
    return all(in_scope(actor, reach) for reach in reach_of(proposal))


def reaches_only(actor: Actor) -> ColumnElement[bool]:
    """Proposals whose every certificate the actor answers for: ``answers_for_all`` in SQL."""
    beyond = (
        select(MassRevocationItem.revocation_id)
        .join(Certificate, Certificate.id == MassRevocationItem.certificate_id)
        .where(MassRevocationItem.revocation_id == MassRevocation.id, not_(visible_to(actor)))
    )
    return not_(beyond.exists())


def made_or_answers(actor: Actor, proposal: Proposed) -> bool:
    """True for who made a proposal, and for who may judge it."""
    return proposal.proposed_by == actor.person_id or answers_for_all(actor, proposal)


REVOKE_MANY = action("certificates.revoke_many", *STAFF)
SEE_MANY = action("certificates.revoke_many.see", *STAFF, rule=made_or_answers)
APPROVE_MANY = action("certificates.revoke_many.approve", *STAFF, rule=answers_for_all)
