"""Sending views that are due: a letter for each period, whatever restarts and clocks do.

The letter's key names sending and period, so any number of schedulers writes it once; what it
leaves is a notice with a link. The file is made when the reader opens it, under her rights then.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select

from lms.core import clock, outbox
from lms.core.db import Json, session
from lms.core.notify import tell
from lms.core.outbox import Handler
from lms.core.uow import unit_of_work
from lms.people.api import actor_of
from lms.portal.saved.models import SavedSending, SavedView
from lms.portal.saved.policy import VIEW_OPEN

READY = "view.ready"
CHUNK = 1000
#: Shown to nobody at night: letters wait until this hour in Shanxi.
MORNING = timedelta(hours=8)


def period_of(rhythm: str, day: date) -> tuple[str, date]:
    """The period a day lies in, and its first day: ``2026-W48`` or ``2026-11``."""
    if rhythm == "monthly":
        return f"{day:%Y-%m}", day.replace(day=1)
    year, week, weekday = day.isocalendar()
    return f"{year}-W{week:02}", day - timedelta(days=weekday - 1)


def plan(now: datetime) -> int:
    """Write the letters of the present period of every running sending; how many were new. A
    sending begins with the first period after it was ordered; a site that was switched off sends
    the present period late, and none of those before it."""
    today, written = clock.local_date(now), 0
    due = max(now, clock.start_of(today) + MORNING)
    for sendings in _running():
        lines: list[tuple[str, Json]] = []
        for sending_id, rhythm, created_at in sendings:
            period, begins = period_of(rhythm, today)
            if clock.local_date(created_at) < begins:
                lines.append((key_of(sending_id, period), {"sending": sending_id, "of": period}))
        with unit_of_work():
            written += outbox.put_many(READY, lines, due)
    return written


def key_of(sending_id: int, period: str) -> str:
    """What makes a letter and its notice one of a kind."""
    return f"view:{sending_id}:{period}"


def _running() -> Iterator[list[tuple[int, str, datetime]]]:
    last = 0
    while True:
        query = (
            select(SavedSending.id, SavedSending.rhythm, SavedSending.created_at)
            .join(SavedView, SavedView.id == SavedSending.view_id)
            .where(
                SavedSending.ended_at.is_(None),
                SavedView.dropped_at.is_(None),
                SavedSending.id > last,
            )
            .order_by(SavedSending.id)
            .limit(CHUNK)
        )
        found = [row._tuple() for row in session().execute(query)]
        if not found:
            return
        yield found
        last = found[-1][0]


def deliver(payload: Json) -> None:
    """Leave the notice, unless the sending has ended or the reader may no longer open the view."""
    sending = session().get(SavedSending, payload["sending"])
    if sending is None or sending.ended_at is not None:
        return
    view, reader = (
        session().get_one(SavedView, sending.view_id),
        actor_of(sending.person_id, clock.now()),
    )
    if reader is None or not VIEW_OPEN.may(reader, view):
        return
    key = key_of(sending.id, payload["of"])
    tell(reader.person_id, READY, key, f"/views/{view.id}", name=view.name, of=payload["of"])


def run() -> None:
    """Write the letters that are due."""
    plan(clock.now())


HANDLERS: Mapping[str, Handler] = {READY: deliver}
JOBS: list[tuple[str, dict[str, int], Callable[[], None]]] = [
    ("views.sending", {"hour": 6, "minute": 40}, run)
]
