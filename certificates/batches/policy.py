"""Who issues: the issuer's examiners. Officers and administrators of its region look on."""

from certificates.policy import STAFF, InRegister, in_scope
from lms.core.access import Actor, Role, action


def _issues(actor: Actor, target: InRegister) -> bool:
    return target.issuer_id in actor.organisations(Role.EXAMINER)


SEE_BATCHES = action("certificates.batches", *STAFF, rule=in_scope)
ISSUE = action("certificates.issue", Role.EXAMINER, rule=_issues)
APPROVE_CLAIMS = action("certificates.batches.approve", *STAFF, rule=in_scope)
