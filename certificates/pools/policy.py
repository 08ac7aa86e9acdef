"""Who looks after numbers: the issuer's examiners; officers of its region look on."""

from dataclasses import dataclass

from certificates.policy import STAFF
from lms.core.access import Actor, Role, action


@dataclass(frozen=True, slots=True)
class PoolOf:
    """Whose numbers they are."""

    issuer_id: int
    issuer_region: str


def _sees(actor: Actor, target: PoolOf) -> bool:
    return target.issuer_id in actor.organisations(Role.EXAMINER) or actor.covers(
        target.issuer_region, Role.OFFICER, Role.ADMIN
    )


def _manages(actor: Actor, target: PoolOf) -> bool:
    return target.issuer_id in actor.organisations(Role.EXAMINER) or actor.covers(
        target.issuer_region, Role.ADMIN
    )


SEE_POOLS = action("certificates.pools", *STAFF, rule=_sees)
MANAGE_POOLS = action("certificates.pools.manage", Role.EXAMINER, Role.ADMIN, rule=_manages)
