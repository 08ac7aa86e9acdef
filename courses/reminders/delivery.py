"""What a reminder's letter does when it is due: a notice for each reader, once."""

from collections.abc import Mapping

from sqlalchemy import select

from courses.compliance.models import DutyFlag
from courses.compliance.verdicts import CENTRAL
from courses.reminders.planning import COUNTY, HOME, PERSON
from lms.core import clock
from lms.core.access import Role
from lms.core.db import Json, session
from lms.core.notify import tell
from lms.core.outbox import Handler
from lms.people.api import officers_of, role_holders


def remind(payload: Json) -> None:
    """Tell the person, unless she has done it since the letter was written."""
    year, person_id = payload["year"], payload["person"]
    state = session().scalar(
        select(DutyFlag.state).where(
            DutyFlag.person_id == person_id,
            DutyFlag.year == year,
            DutyFlag.requirement == CENTRAL,
        )
    )
    if state in payload["states"]:
        kind = "duty.late" if state == "missed" else "duty.remind"
        key = f"duty:{year}:{payload['stage']}:p{person_id}"
        tell(person_id, kind, key, f"/learn/duty?year={year}", year=year)


def digest_for_home(payload: Json) -> None:
    """Tell the employer's HR how many of the staff are concerned."""
    home = payload["organisation"]
    readers = role_holders(home, [Role.HR], clock.today())
    _digest(payload, readers, f"o{home}", f"/flags?year={payload['year']}&home={home}")


def digest_for_county(payload: Json) -> None:
    """Tell the county's officers how many people are concerned."""
    region = payload["region"]
    readers = officers_of(region, clock.today())
    _digest(payload, readers, f"r{region}", f"/flags?year={payload['year']}&region={region}")


def _digest(payload: Json, readers: list[int], whom: str, url: str) -> None:
    for person_id in readers:
        key = f"duty:{payload['year']}:{payload['stage']}:{whom}:{person_id}"
        tell(person_id, "duty.digest", key, url, year=payload["year"], people=payload["people"])


HANDLERS: Mapping[str, Handler] = {
    PERSON: remind, HOME: digest_for_home, COUNTY: digest_for_county,
}  # fmt: skip
