"""Who may mark, judge at stations and correct keys."""

from typing import Any

from exams.entries.models import ExamEvent
from lms.core.access import Actor, Role, Rule, action


def _here(*roles: Role) -> Rule:
    def rule(actor: Actor, event: Any) -> bool:
        return event.organisation_id in actor.organisations(*roles)

    return rule


MARKERS = (Role.MARKER, Role.EXAMINER)
MARK_ANSWERS = action("exams.answers.mark", *MARKERS, rule=_here(*MARKERS))
JUDGE = action("exams.station.judge", *MARKERS, rule=_here(*MARKERS))
SET_STATIONS = action("exams.station.set", Role.EXAMINER, rule=_here(Role.EXAMINER))
BRING_CHECKLISTS = action("exams.checklist.bring", Role.EXAMINER, rule=_here(Role.EXAMINER))
CORRECT = action("exams.key.correct", Role.EXAMINER, rule=_here(Role.EXAMINER))


def events_of(actor: Actor) -> Any:
    """The condition on events whose answers this person may mark."""
    return ExamEvent.organisation_id.in_(actor.organisations(*MARKERS))
