"""Who may plan, see, book and run central sessions."""

from sqlalchemy import ColumnElement, or_

from courses.classroom.models import CentralSession
from lms.core.access import Actor, Role, action
from lms.people.api import organisation_cards, within


def _runs(actor: Actor, target: CentralSession) -> bool:
    return target.organiser_id in actor.organisations(Role.AUTHOR, Role.TEACHER)


def _sees(actor: Actor, target: CentralSession) -> bool:
    return (
        _runs(actor, target)
        or _touches(target.region, actor.regions(Role.OFFICER))
        or (target.status != "planned" and _serves(actor, target))
    )


def _serves(actor: Actor, target: CentralSession) -> bool:
    """True if a home of an HR clerk lies in the region served."""
    homes = organisation_cards(actor.organisations(Role.HR)).values()
    return any(home.region.startswith(target.region) for home in homes)


def _looks_into(actor: Actor, target: CentralSession) -> bool:
    return _runs(actor, target) or _touches(target.region, actor.regions(Role.OFFICER))


def _judges(actor: Actor, target: CentralSession) -> bool:
    return _runs(actor, target) or actor.covers(target.region, Role.OFFICER)


def _touches(region: str, prefixes: tuple[str, ...]) -> bool:
    return any(region.startswith(p) or p.startswith(region) for p in prefixes)


STAFF = (Role.AUTHOR, Role.TEACHER, Role.OFFICER, Role.HR)
SESSIONS_SEE = action("central.see", *STAFF, rule=_sees)
SESSIONS_PLAN = action("central.plan", Role.AUTHOR, Role.TEACHER, rule=_runs)
SESSIONS_RUN = action("central.run", Role.AUTHOR, Role.TEACHER, rule=_runs)
CHECK_INS_SEE = action(
    "central.check-ins.see", Role.AUTHOR, Role.TEACHER, Role.OFFICER, rule=_looks_into
)
CHECK_INS_DECIDE = action(
    "central.check-ins.decide", Role.AUTHOR, Role.TEACHER, Role.OFFICER, rule=_judges
)
SESSIONS_BOOK = action("central.book", Role.HR, rule=_serves)
OWN_SESSIONS = action("central.own", Role.LEARNER)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The sessions an actor may see."""
    regions = actor.regions(Role.OFFICER)
    homes = organisation_cards(actor.organisations(Role.HR)).values()
    serving = {home.region[:n] for home in homes for n in (2, 4, 6)}
    above = {p[:n] for p in regions for n in (2, 4, 6)}
    return or_(
        CentralSession.organiser_id.in_(sorted(actor.organisations(Role.AUTHOR, Role.TEACHER))),
        within(CentralSession.region, regions),
        CentralSession.region.in_(sorted(above)),
        CentralSession.region.in_(sorted(serving)) & (CentralSession.status != "planned"),
    )
