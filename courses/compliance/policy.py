"""Who may see and act on flags."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_

from courses.compliance.models import DutyFlag
from lms.core.access import Actor, Role, action
from lms.people.api import within


@dataclass(frozen=True, slots=True)
class PersonScope:
    """Where a person works or worked, for deciding who may see her duty."""

    person_id: int
    organisation_ids: frozenset[int]
    regions: frozenset[str]


def _over(actor: Actor, target: PersonScope) -> bool:
    return _hr_over(actor, target) or _officer_over(actor, target)


def _hr_over(actor: Actor, target: PersonScope) -> bool:
    return bool(actor.organisations(Role.HR) & target.organisation_ids)


def _officer_over(actor: Actor, target: PersonScope) -> bool:
    return any(actor.covers(region, Role.OFFICER) for region in target.regions)


OWN_DUTY = action("duty.own", Role.LEARNER)
FLAGS_SEE = action("duty.flags.see", Role.HR, Role.OFFICER, rule=_over)
FLAGS_REMIND = action("duty.flags.remind", Role.HR, Role.OFFICER, rule=_over)
EXEMPTION_PROPOSE = action("duty.exemption.propose", Role.HR, Role.OFFICER, rule=_over)
EXEMPTION_DECIDE = action("duty.exemption.decide", Role.OFFICER, rule=_officer_over)


def visible_to(actor: Actor, table: Any = DutyFlag) -> ColumnElement[bool]:
    """The flags (or the counts of flags) an actor may see: those charged to her homes or within
    her regions."""
    inside = within(table.region, actor.regions(Role.OFFICER))
    homes = sorted(actor.organisations(Role.HR))
    return or_(table.organisation_id.in_(homes), inside) if homes else inside
