"""What a reminder's letter does when it is due: a notice for each reader, once, and what the
reader chose beside it; all in one transaction, so that a kill leaves everything or nothing."""

from collections.abc import Mapping

from sqlalchemy import select

from courses.compliance.models import DutyFlag
from courses.compliance.verdicts import CENTRAL
from courses.reminders.planning import COUNTY, HOME, PERSON
from courses.reminders.rules import RULE, quiet_of
from lms.core import clock
from lms.core.access import Role
from lms.core.db import Json, session
from lms.core.notify import tell
from lms.core.outbox import Handler
from lms.core.quiet import Quiet
from lms.core.rules import rule_on
from lms.people.api import (
    officers_of,
    organisation_card,
    region_name,
    role_holders,
)
from lms.post.api import Message, Place, to_endpoints, to_person


def remind(payload: Json) -> None:
    """Tell the person, unless she has done it since the letter was written."""
    year, person_id = payload["year"], payload["person"]
    flag = (
        session()
        .execute(
            select(DutyFlag.state, DutyFlag.organisation_id, DutyFlag.region).where(
                DutyFlag.person_id == person_id,
                DutyFlag.year == year,
                DutyFlag.requirement == CENTRAL,
            )
        )
        .one_or_none()
    )
    if flag is None or flag.state not in payload["states"]:
        return
    kind = "duty.late" if flag.state == "missed" else "duty.remind"
    key = f"duty:{year}:{payload['stage']}:p{person_id}"
    remind_one(person_id, kind, key, year, Place(flag.organisation_id, flag.region))


def remind_one(person_id: int, kind: str, key: str, year: int, place: Place) -> None:
    """Tell a person on the site, by the ways she chose, and the system of her employer if it
    asked for people's reminders."""
    url, facts, quiet = f"/learn/duty?year={year}", {"year": year}, _quiet()
    tell(person_id, kind, key, url, **facts)
    to_person(person_id, Message(key, kind, facts, url), place, quiet)
    if place.organisation_id is not None:
        to_endpoints(Message(key, kind, facts, url), place, quiet, person_id)


def digest_for_home(payload: Json) -> None:
    """Tell the employer's HR how many of the staff are concerned."""
    home = payload["organisation"]
    card = organisation_card(home)
    if card is None:
        return
    readers = role_holders(home, [Role.HR], clock.today())
    url = f"/flags?year={payload['year']}&home={home}"
    about = {"organisation": {"name": card.name, "credit_code": card.credit_code}}
    _digest(payload, readers, f"o{home}", url, Place(home, card.region), about)


def digest_for_county(payload: Json) -> None:
    """Tell the county's officers how many people are concerned."""
    region = payload["region"]
    readers = officers_of(region, clock.today())
    url = f"/flags?year={payload['year']}&region={region}"
    about = {"region": {"code": region, "name": region_name(region)}}
    _digest(payload, readers, f"r{region}", url, Place(None, region), about)


def _digest(
    payload: Json, readers: list[int], whom: str, url: str, place: Place, about: Json
) -> None:
    year, stage, quiet = payload["year"], payload["stage"], _quiet()
    facts = {"year": year, "people": payload["people"]}
    for person_id in readers:
        key = f"duty:{year}:{stage}:{whom}:{person_id}"
        tell(person_id, "duty.digest", key, url, **facts)
        to_person(person_id, Message(key, "duty.digest", facts, url, True), place, quiet)
    told = {**facts, "stage": stage, **about}
    to_endpoints(Message(f"duty:{year}:{stage}:{whom}", "duty.digest", told, url), place, quiet)


def _quiet() -> Quiet:
    return quiet_of(rule_on(RULE, clock.today()).value)


HANDLERS: Mapping[str, Handler] = {
    PERSON: remind, HOME: digest_for_home, COUNTY: digest_for_county,
}  # fmt: skip
