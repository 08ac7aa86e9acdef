"""Who sees an employer at a glance."""

from lms.core.access import Actor, Role, action
from lms.people.api import OrganisationCard


def _over(actor: Actor, card: OrganisationCard) -> bool:
    return card.id in actor.organisations(Role.HR) or actor.covers(card.region, Role.OFFICER)


EMPLOYER_SEE = action("employer.see", Role.HR, Role.OFFICER, rule=_over)
