"""Saving, dropping and ordering views. Callers commit."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select

from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Invalid, NotFound
from lms.portal.saved.lists import LISTS, kept
from lms.portal.saved.models import RHYTHMS, SavedSending, SavedView
from lms.portal.saved.policy import VIEW_OPEN, unit_of

MOST = 50  # views a person keeps


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to save; ``query`` is the query string of the list."""

    kind: str
    query: str
    name: str
    shared: bool = False


def save(draft: Draft, actor: Actor, now: datetime) -> SavedView:
    """Save a view.

    Raises:
        Invalid: no name, an unknown list, nobody to share with, or too many views already.
    """
    name = draft.name.strip()
    if not name:
        raise Invalid(_("请给视图起个名字。"))
    if draft.kind not in LISTS or not LISTS[draft.kind].open_to(actor):
        raise Invalid(_("这个列表不能保存。"))
    own = select(func.count(SavedView.id)).where(
        SavedView.owner_id == actor.person_id, SavedView.dropped_at.is_(None)
    )
    if (session().scalar(own) or 0) >= MOST:
        raise Invalid(_("最多保存 %(n)s 个视图，请先删去不用的。", n=MOST))
    organisation_id, region = unit_of(actor) if draft.shared else (None, None)
    if draft.shared and organisation_id is None and region is None:
        raise Invalid(_("您不在某个单位或地区任职，不能共享。"))
    view = SavedView(
        owner_id=actor.person_id,
        kind=draft.kind,
        query=kept(draft.kind, draft.query, clock.local_date(now).year),
        name=name[:60],
        organisation_id=organisation_id,
        region=region,
        created_at=now,
    )
    session().add(view)
    session().flush()
    audit.record(actor, "view.save", "saved_view", view.id, shared=draft.shared)
    return view


def view_of(view_id: int) -> SavedView:
    """A view. Raises NotFound when there is none."""
    view = session().get(SavedView, view_id)
    if view is None:
        raise NotFound(action=VIEW_OPEN.name)
    return view


def drop(view: SavedView, actor: Actor, now: datetime) -> None:
    """Put a view away; nobody opens or receives it any more."""
    view.dropped_at = view.dropped_at or now
    session().flush()
    audit.record(actor, "view.drop", "saved_view", view.id)


def order(view: SavedView, rhythm: str, actor: Actor, now: datetime) -> None:
    """Have a view sent to oneself in a rhythm; ``never`` ends it. Raises Invalid for others."""
    if rhythm not in (*RHYTHMS, "never"):
        raise Invalid(_("请选择每周、每月或不发送。"))
    running = session().scalar(
        select(SavedSending)
        .where(
            SavedSending.view_id == view.id,
            SavedSending.person_id == actor.person_id,
            SavedSending.ended_at.is_(None),
        )
        .with_for_update()
    )
    if running is not None and running.rhythm == rhythm:
        return
    if running is not None:
        running.ended_at = now
        session().flush()
    if rhythm != "never":
        person_id = actor.person_id
        session().add(
            SavedSending(view_id=view.id, person_id=person_id, rhythm=rhythm, created_at=now)
        )
        session().flush()
