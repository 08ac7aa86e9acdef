"""Who may do what with exam events."""

from typing import Any

from sqlalchemy import ColumnElement, or_, true

from exams.entries.models import ExamEvent
from lms.core.access import Actor, Role, Rule, action

STAFF = (Role.EXAMINER, Role.INVIGILATOR, Role.MARKER)


def _here(*roles: Role) -> Rule:
    def rule(actor: Actor, event: Any) -> bool:
        return actor.has(Role.ADMIN) or event.organisation_id in actor.organisations(*roles)

    return rule


VIEW = action("exams.event.view", *STAFF, Role.ADMIN, rule=_here(*STAFF))
MANAGE = action("exams.event.manage", Role.EXAMINER, rule=_here(Role.EXAMINER))
INVIGILATE = action(
    "exams.event.invigilate",
    Role.EXAMINER,
    Role.INVIGILATOR,
    rule=_here(Role.EXAMINER, Role.INVIGILATOR),
)
MARK = action(
    "exams.skills.mark", Role.EXAMINER, Role.MARKER, rule=_here(Role.EXAMINER, Role.MARKER)
)
RELEASE = action("exams.result.release", Role.EXAMINER, rule=_here(Role.EXAMINER))
SIT = action("exams.sit", Role.LEARNER)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The events that staff may see in lists, pages and exports."""
    if actor.has(Role.ADMIN):
        return true()
    return or_(False, ExamEvent.organisation_id.in_(actor.organisations(*STAFF)))
