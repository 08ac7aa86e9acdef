"""Who deals with objections: the issuer's examiners, and the officers of its region."""

from certificates.policy import STAFF, InRegister, in_scope
from lms.core.access import Actor, action


def about_another(actor: Actor, target: InRegister) -> bool:
    """True in one's scope, but for an objection to oneself: who made it trusts that she does not
    read it."""
    return target.person_id != actor.person_id and in_scope(actor, target)


SEE_OBJECTIONS = action("certificates.objections", *STAFF, rule=about_another)
DECIDE_OBJECTIONS = action("certificates.objections.decide", *STAFF, rule=about_another)
