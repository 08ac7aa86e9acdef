"""Who keeps and opens saved views. What a view shows is decided by its list when it is opened."""

from sqlalchemy import ColumnElement, and_, false, or_

from lms.core.access import Actor, Role, action
from lms.portal.saved.models import SavedView


def _mine(actor: Actor, view: SavedView) -> bool:
    return view.dropped_at is None and view.owner_id == actor.person_id


def _open(actor: Actor, view: SavedView) -> bool:
    if view.dropped_at is not None:
        return False
    return (
        view.owner_id == actor.person_id
        or view.organisation_id in actor.organisations(Role.HR)
        or (view.region is not None and view.region in actor.regions(Role.OFFICER))
    )


VIEWS_USE = action("views.use", Role.HR, Role.OFFICER, Role.ADMIN)
VIEW_OPEN = action("views.open", Role.HR, Role.OFFICER, Role.ADMIN, rule=_open)
VIEW_DROP = action("views.drop", Role.HR, Role.OFFICER, Role.ADMIN, rule=_mine)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The views an actor may open: her own, and those shared with a unit of hers."""
    homes = sorted(actor.organisations(Role.HR))
    regions = [region for region in actor.regions(Role.OFFICER) if region]
    return and_(
        SavedView.dropped_at.is_(None),
        or_(
            SavedView.owner_id == actor.person_id,
            SavedView.organisation_id.in_(homes) if homes else false(),
            SavedView.region.in_(regions) if regions else false(),
        ),
    )


def unit_of(actor: Actor) -> tuple[int | None, str | None]:
    """The unit with which an actor shares: her home, else her region; neither for others."""
    homes = sorted(actor.organisations(Role.HR))
    if homes:
        return homes[0], None
    regions = [region for region in actor.regions(Role.OFFICER) if region]
    return None, regions[0] if regions else None
