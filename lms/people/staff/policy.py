"""Who may see and keep whose record; said once for lists, pages, exports and operations."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_

from lms.core.access import Actor, Role, action
from lms.people.models import Organisation
from lms.people.queries import within
from lms.people.rosters.policy import covers_place


@dataclass(frozen=True, slots=True)
class Workplace:
    """An employer as far as scope goes."""

    id: int
    region: str


@dataclass(frozen=True, slots=True)
class StaffTarget:
    """A person with the places where she works (or will) and where she worked."""

    person_id: int
    current: tuple[Workplace, ...]
    past: tuple[Workplace, ...]


def may_see(actor: Actor, target: StaffTarget) -> bool:
    """Whoever keeps a place where she works or worked; administrators everybody."""
    places = target.current + target.past
    return actor.has(Role.ADMIN) or any(covers_place(actor, place) for place in places)


def may_keep(actor: Actor, target: StaffTarget) -> bool:
    """Whoever keeps a place where she works now; nobody her own record."""
    if actor.person_id == target.person_id:
        return False
    return actor.has(Role.ADMIN) or any(covers_place(actor, place) for place in target.current)


_KEEPERS = (Role.HR, Role.OFFICER, Role.ADMIN)
SEE_STAFF = action("people.staff.see", *_KEEPERS, rule=may_see)
KEEP_STAFF = action("people.staff.keep", *_KEEPERS, rule=may_keep)
KEEP_SPELL = action("people.spell.keep", *_KEEPERS, rule=covers_place)
REVEAL = action("people.reveal", *_KEEPERS, rule=may_keep)
SEE_ORGANISATIONS = action("people.organisation.see", *_KEEPERS, rule=covers_place)
KEEP_ORGANISATION = action("people.organisation.keep", *_KEEPERS, rule=covers_place)
OWN_PHOTO = action("people.photo.own", Role.LEARNER)


def places_visible_to(actor: Actor, name: str = "") -> ColumnElement[bool]:
    """Filter of organisations whose staff the actor may list; ``name`` is what people are looked
    for by, if by their name."""
    # Only the branches that can match: an empty one keeps SQLite from using its indexes.
    homes, regions = actor.organisations(Role.HR), actor.regions(Role.OFFICER, Role.ADMIN)
    branches: list[ColumnElement[bool]] = [Organisation.id.in_(sorted(homes))] if homes else []
    if regions or not branches:
        # A name of two characters narrows more than a region does, and the whole province narrows
        # nothing: the trimmed region keeps SQLite from walking through every home first.
        wide = len(name) > 1 or any(len(region) < 3 for region in regions)
        column = func.trim(Organisation.region) if wide else Organisation.region
        branches.append(within(column, regions))
    return or_(*branches)
