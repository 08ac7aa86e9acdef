"""Who must not judge whom: by the records, or because she said so."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from courses.api import taught_by
from exams.entries.models import ExamEvent
from exams.marking.agreement import Terms
from exams.marking.models import Recusal
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.people.api import employers_on


def barred(
    marker_id: int, person_ids: Collection[int], event: ExamEvent, terms: Terms
) -> dict[int, str]:
    """Candidate → why this marker must not judge her; three statements."""
    people = set(person_ids)
    if not people:
        return {}
    found: dict[int, str] = dict(_declared(marker_id, event.id))
    day = clock.local_date(event.opens_at)
    if "colleague" in terms.recuse:
        employers = employers_on(day, people | {marker_id})
        own = set(employers.get(marker_id, ()))
        found |= {p: "colleague" for p in people if own & set(employers.get(p, ()))}
    if "taught" in terms.recuse:
        teachers = taught_by(people)
        found |= {p: "taught" for p in people if marker_id in teachers.get(p, ())}
    if marker_id in people:
        found[marker_id] = "self"
    return {person: why for person, why in found.items() if person in people}


def _declared(marker_id: int, event_id: int) -> list[tuple[int, str]]:
    rows = session().execute(
        select(Recusal.person_id, Recusal.reason).where(
            Recusal.event_id == event_id, Recusal.marker_id == marker_id
        )
    )
    return [(row.person_id, row.reason) for row in rows]


def recuse(
    event: ExamEvent,
    marker_id: int,
    person_id: int,
    reason: str,
    note: str,
    terms: Terms,
    actor: Actor,
    now: datetime,
) -> bool:
    """Record that somebody does not judge somebody; False if that is on record already."""
    known = select(Recusal.id).where(
        Recusal.event_id == event.id,
        Recusal.marker_id == marker_id,
        Recusal.person_id == person_id,
    )
    if session().scalar(known) is not None:
        return False
    row = Recusal(
        event_id=event.id,
        marker_id=marker_id,
        person_id=person_id,
        reason=reason,
        note=note,
        stamp=terms.stamp,
        recorded_at=now,
    )
    session().add(row)
    session().flush()
    audit.record(actor, "exams.marking.recuse", "marking_recusal", row.id, reason=reason)
    return True
