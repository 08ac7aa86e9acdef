"""Who may see how an exam's questions worked: the examiners who hold the event."""

from typing import Protocol

from sqlalchemy import ColumnElement, true

from exams.entries.models import ExamEvent
from lms.core.access import Actor, Role, action


class Held(Protocol):
    """What the rule needs to know of an event."""

    @property
    def organisation_id(self) -> int:
        """Who holds it."""


def holds(actor: Actor, event: Held) -> bool:
    """True for examiners of the event's organisation and administrators."""
    return actor.has(Role.ADMIN) or event.organisation_id in actor.organisations(Role.EXAMINER)


def held_by(actor: Actor) -> ColumnElement[bool]:
    """The events whose figures an actor may see, for lists."""
    if actor.has(Role.ADMIN):
        return true()
    return ExamEvent.organisation_id.in_(actor.organisations(Role.EXAMINER))


ANALYSE = action("exams.analysis.view", Role.EXAMINER, Role.ADMIN, rule=holds)
