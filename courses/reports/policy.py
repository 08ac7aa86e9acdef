"""Who reads the yearly report of a region or of a home."""

from courses.reports.figures import Scope
from lms.core.access import Actor, Role, action


def _covers(actor: Actor, target: Scope) -> bool:
    if target.organisation_id in actor.organisations(Role.HR):
        return True
    return actor.covers(target.region, Role.OFFICER)


REPORT_SEE = action("reports.central", Role.OFFICER, rule=_covers)
REPORT_HOME = action("reports.home", Role.HR, Role.OFFICER, rule=_covers)
