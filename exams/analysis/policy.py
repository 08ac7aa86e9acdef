"""Who may see how an exam's questions worked: the examiners who hold the event."""

from typing import Protocol

from lms.core.access import Actor, Role, action


class Held(Protocol):
    """What the rule needs to know of an event."""

    @property
    def organisation_id(self) -> int:
        """Who holds it."""


def holds(actor: Actor, event: Held) -> bool:
    """True for examiners of the event's organisation and administrators."""
    return actor.has(Role.ADMIN) or event.organisation_id in actor.organisations(Role.EXAMINER)


ANALYSE = action("exams.analysis.view", Role.EXAMINER, Role.ADMIN, rule=holds)
