"""Who taught whom, as far as it is on record: for those who must not judge their own pupils."""

from collections.abc import Collection

from sqlalchemy import select, union

from courses.catalogue.models import CourseVersion
from courses.classroom.models import AttendanceFact, CentralSession
from courses.enrolment.models import Enrolment
from lms.core.db import session


def taught_by(person_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Person → those who led a session she attended or wrote a course she took; one statement."""
    ids = list(person_ids)
    facts = select(AttendanceFact.person_id, AttendanceFact.recorded_by.label("teacher")).where(
        AttendanceFact.person_id.in_(ids), AttendanceFact.recorded_by != AttendanceFact.person_id
    )
    led = (
        select(AttendanceFact.person_id, CentralSession.created_by)
        .join(CentralSession, CentralSession.id == AttendanceFact.session_id)
        .where(AttendanceFact.person_id.in_(ids))
    )
    wrote = (
        select(Enrolment.person_id, CourseVersion.drafted_by)
        .join(CourseVersion, CourseVersion.id == Enrolment.version_id)
        .where(Enrolment.person_id.in_(ids))
    )
    found: dict[int, set[int]] = {}
    for person_id, teacher in session().execute(union(facts, led, wrote)):
        found.setdefault(person_id, set()).add(teacher)
    return {person: frozenset(teachers - {0, person}) for person, teachers in found.items()}
