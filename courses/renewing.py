"""Where a certificate that ends can be renewed: the same course, or the next central session."""

from datetime import date

from flask import url_for
from sqlalchemy import or_, select

from certificates.api import Offer
from courses.catalogue.queries import current_versions
from courses.classroom.models import CentralSession
from lms.core import clock
from lms.core.db import Json, session
from lms.people.api import employers_on, organisation_cards


def same_course(facts: Json, _person_id: int, _on: date) -> Offer | None:
    """The course of the same name, as it is taught now."""
    for card in current_versions():
        if card.title == facts["subject"]:
            return Offer(card.title, url_for("learning.course", course=card.code))
    return None


def next_session(_facts: Json, person_id: int, on: date) -> Offer | None:
    """The next open session for a region of hers; its page says how a seat is had."""
    employers = employers_on(on, [person_id]).get(person_id, ())
    regions = [card.region for card in organisation_cards(employers).values()]
    if not regions:
        return None
    around = {region[:length] for region in regions for length in (2, 4, 6)}
    query = (
        select(CentralSession)
        .where(
            or_(*(CentralSession.region == code for code in sorted(around))),
            CentralSession.status == "open",
            CentralSession.starts_at > clock.start_of(on),
        )
        .order_by(CentralSession.starts_at, CentralSession.id)
    )
    found = session().scalar(query.limit(1))
    if found is None:
        return None
    return Offer(found.title, url_for("my_sessions.page"), clock.local_date(found.starts_at))
