"""Who may import a roster, and for which employers."""

from typing import Protocol

from lms.core.access import Actor, Role, action


class Place(Protocol):
    """An employer as far as scope goes."""

    @property
    def id(self) -> int:
        """Organisation id."""

    @property
    def region(self) -> str:
        """Region code."""


def covers_place(actor: Actor, place: Place) -> bool:
    """HR of the place, an officer of its region, or an administrator."""
    return place.id in actor.organisations(Role.HR) or actor.covers(
        place.region, Role.OFFICER, Role.ADMIN
    )


IMPORT_ROSTER = action("people.roster.import", Role.HR, Role.OFFICER, Role.ADMIN, rule=covers_place)
