"""Who claims hours, who decides on claims, who records study leave."""

from typing import Protocol

from sqlalchemy import ColumnElement, or_

from courses.claims.models import CreditClaim
from courses.compliance.policy import PersonScope
from lms.core.access import Actor, Role, action
from lms.people.api import within


class Claimed(Protocol):
    """What a rule needs to know of a claim."""

    @property
    def person_id(self) -> int:
        """Whose hours they would be."""

    @property
    def organisation_id(self) -> int:
        """Her employer when she asked."""

    @property
    def region(self) -> str:
        """The employer's county."""


def _decides(actor: Actor, target: Claimed) -> bool:
    return target.organisation_id in actor.organisations(Role.HR) or actor.covers(
        target.region, Role.OFFICER
    )


def _reads(actor: Actor, target: Claimed) -> bool:
    return target.person_id == actor.person_id or _decides(actor, target)


def _employs(actor: Actor, target: PersonScope) -> bool:
    return bool(actor.organisations(Role.HR) & target.organisation_ids)


OWN_HOURS = action("credits.own", Role.LEARNER)
CLAIM_SEE = action("credits.claim.see", Role.LEARNER, rule=_reads)
CLAIMS_DECIDE = action("credits.claim.decide", Role.HR, Role.OFFICER, rule=_decides)
LEAVE_RECORD = action("credits.leave.record", Role.HR, rule=_employs)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The claims an actor may decide on."""
    return or_(
        CreditClaim.organisation_id.in_(sorted(actor.organisations(Role.HR))),
        within(CreditClaim.region, actor.regions(Role.OFFICER)),
    )
