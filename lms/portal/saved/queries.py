"""Saved views as their page shows them."""

from dataclasses import dataclass

from sqlalchemy import and_, select

from lms.core.access import Actor
from lms.core.db import session
from lms.people.api import person_cards
from lms.portal.saved.lists import LISTS, Savable
from lms.portal.saved.models import SavedSending, SavedView
from lms.portal.saved.policy import visible_to


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A view, whose it is, and how often it comes (``never`` when it is not ordered)."""

    view: SavedView
    list: Savable
    owner: str
    is_mine: bool
    rhythm: str


def views_of(actor: Actor) -> list[ViewRow]:
    """What an actor may open, her own first; two statements."""
    ordered = and_(
        SavedSending.view_id == SavedView.id,
        SavedSending.person_id == actor.person_id,
        SavedSending.ended_at.is_(None),
    )
    query = (
        select(SavedView, SavedSending.rhythm)
        .outerjoin(SavedSending, ordered)
        .where(visible_to(actor))
        .order_by(SavedView.owner_id != actor.person_id, SavedView.name, SavedView.id)
    )
    rows = [(view, rhythm) for view, rhythm in session().execute(query)]
    owners = person_cards({view.owner_id for view, _rhythm in rows})
    return [
        ViewRow(
            view, LISTS[view.kind], owners[view.owner_id].name,
            view.owner_id == actor.person_id, rhythm or "never",
        )
        for view, rhythm in rows
        if LISTS[view.kind].open_to(actor)
    ]  # fmt: skip
