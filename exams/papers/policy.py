"""Who may do what with papers and blueprints: the examiners who hold the event, or whose
organisation keeps the blueprint."""

from typing import Protocol

from lms.core.access import Actor, Role, action


class Held(Protocol):
    """What the rule needs to know of an event or a blueprint."""

    @property
    def organisation_id(self) -> int:
        """Whose it is."""


def holds(actor: Actor, thing: Held) -> bool:
    """True for examiners of the organisation."""
    return thing.organisation_id in actor.organisations(Role.EXAMINER)


COMPOSE = action("exams.papers.compose", Role.EXAMINER, rule=holds)
BLUEPRINT = action("exams.blueprint.edit", Role.EXAMINER, rule=holds)
IMPORT = action("exams.blueprint.import", Role.ADMIN)
