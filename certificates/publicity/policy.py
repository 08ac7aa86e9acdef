"""Who deals with objections: the issuer's examiners, and the officers of its region."""

from certificates.policy import STAFF, in_scope
from lms.core.access import action

SEE_OBJECTIONS = action("certificates.objections", *STAFF, rule=in_scope)
DECIDE_OBJECTIONS = action("certificates.objections.decide", *STAFF, rule=in_scope)
