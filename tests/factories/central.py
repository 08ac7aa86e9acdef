"""Central sessions for tests, made through the operations."""

from datetime import UTC, datetime, timedelta

from courses import central
from courses.classroom import codes
from courses.classroom.operations import sessions
from courses.classroom.rules import Stretch
from lms.core.access import Actor, Grant, Role
from lms.core.uow import unit_of_work

#: A Monday in November 2026, 09:00 in Shanxi.
NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SIX_HOURS = timedelta(hours=6)


def teacher(cast):
    return Actor(cast.chen, 0, "chen", (Grant(Role.TEACHER, cast.base),))


def hr(cast):
    return Actor(cast.li, 0, "li", (Grant(Role.HR, cast.kangning),))


def learner(person_id):
    return Actor(person_id, 0, "learner")


def plan(region="140105", capacity=10, start=NINE, length=SIX_HOURS, year=None, **changed):
    parts = (Stretch(start, start + length),)
    values = {
        "title": "失智老人照护",
        "topic": "沟通与照护",
        "region": region,
        "year": year or start.year,
        "venue": "基地报告厅",
        "capacity": capacity,
        "parts": parts,
    }
    return sessions.SessionPlan(**values | changed)


def open_session(cast, now=None, **values):
    """An open session of the base in 小店区."""
    made = plan(**values)
    now = now or made.parts[0].starts_at - timedelta(days=10)
    with unit_of_work():
        row = sessions.plan_session(cast.base, made, teacher(cast), now)
        sessions.open_session(row.id, teacher(cast), now)
    return row


def book(row, people, cast, now):
    with unit_of_work():
        return central.book(row.id, people, hr(cast), now)


def come(row, person_id, cast, at, now=None):
    """The teacher notes that somebody came."""
    with unit_of_work():
        return central.correct(row.id, person_id, "in", at, "", teacher(cast), now or at)


def close(row, cast, now=None):
    with unit_of_work():
        return central.close_session(row.id, teacher(cast), now or row.ends_at)


def code_now(row, now, scan=False):
    make = codes.scan_code if scan else codes.typed_code
    return make(sessions.secret_of(row), codes.step_of(now, 15))
