"""A view that the demo's county officer keeps, and its sending of this week."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from lms.core import clock
from lms.core.access import Actor, Grant, Role
from lms.core.db import session
from lms.people.api import DemoWorld
from lms.portal.saved.models import SavedSending
from lms.portal.saved.operations import Draft, save
from lms.portal.saved.sending import deliver, period_of

NAME = "还没参加集中培训的护理员"


def seed_demo(
    world: DemoWorld, rng: random.Random, now: datetime, report: Callable[[int, int], None]
) -> dict[str, object]:
    """One view, shared in the county, sent every Monday; in the present unit of work."""
    grant = Grant(Role.OFFICER, region="140105")
    county = Actor(world.logins["county"], 0, "demo", (grant,))
    view = save(Draft("flags", "state=at_risk&post=caregiver", NAME, shared=True), county, now)
    sending = SavedSending(
        view_id=view.id,
        person_id=county.person_id,
        rhythm="weekly",
        created_at=now - timedelta(days=14),
    )
    session().add(sending)
    session().flush()
    period, _begins = period_of("weekly", clock.local_date(now))
    deliver({"sending": sending.id, "of": period})
    report(1, 1)
    return {"saved_views": 1}
