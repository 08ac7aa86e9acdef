"""Reminders in the demo: those of the first home and its county, as if carried some days ago."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from courses.compliance.models import DutyFlag
from courses.compliance.verdicts import CENTRAL
from lms.core.db import session
from lms.people.api import DemoHome, DemoWorld
from lms.post.api import DemoReminder, Message, Place, seed_reminders

MOST = 12
STAGE = "last"


def seed_demo_reminders(
    world: DemoWorld, _rng: random.Random, now: datetime, report: Callable[[int, int], None]
) -> dict[str, object]:
    """Notices and deliveries; in the present unit of work."""
    home = world.homes[0]
    at = (now - timedelta(days=3)).replace(hour=0, minute=0, second=3, microsecond=0)  # 08:00 there
    people = _concerned(home.organisation_id, world.year)
    told = [_own(person_id, home, world.year, n) for n, person_id in enumerate(people)]
    if people:
        readers = {
            "hr": Place(home.organisation_id, home.region),
            "county": Place(None, home.region),
        }
        told += [
            _digest(world.logins[login], place, world.year, len(people))
            for login, place in readers.items()
            if login in world.logins
        ]
    report(1, 1)
    return {"deliveries": seed_reminders(told, at)}


def _concerned(home: int, year: int) -> list[int]:
    query = select(DutyFlag.person_id).where(
        DutyFlag.organisation_id == home,
        DutyFlag.year == year,
        DutyFlag.requirement == CENTRAL,
        DutyFlag.state == "at_risk",
    )
    return list(session().scalars(query.order_by(DutyFlag.person_id).limit(MOST)))


def _own(person_id: int, home: DemoHome, year: int, number: int) -> DemoReminder:
    key = f"duty:{year}:{STAGE}:p{person_id}"
    message = Message(key, "duty.remind", {"year": year}, f"/learn/duty?year={year}")
    return DemoReminder(person_id, message, Place(home.organisation_id, home.region), number)


def _digest(reader: int, place: Place, year: int, people: int) -> DemoReminder:
    home = place.organisation_id
    whom = f"r{place.region}" if home is None else f"o{home}"
    narrowed = f"region={place.region}" if home is None else f"home={home}"
    message = Message(
        f"duty:{year}:{STAGE}:{whom}:{reader}", "duty.digest", {"year": year, "people": people},
        f"/flags?year={year}&{narrowed}", is_digest=True,
    )  # fmt: skip
    return DemoReminder(reader, message, place, 2)
