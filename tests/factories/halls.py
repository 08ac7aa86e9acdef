"""Exam rooms with invigilators, for an event that ``tests.factories.exams.ready`` made."""

from __future__ import annotations

from flask import Flask

from exams.entries.models import Entry, ExamEvent, ExamRoom
from exams.entries.places import RoomPlan, add_room, assign
from lms.core import clock
from lms.core.access import SYSTEM, Role
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import grant_role
from tests.cast import Cast
from tests.factories.exams import enter_person, examiner, ready


def make_invigilator(cast: Cast, person_id: int) -> None:
    """Let a person watch over exams of the base, and nothing else."""
    now = clock.now()
    grant_role(
        person_id, Role.INVIGILATOR, SYSTEM, now, clock.local_date(now), organisation_id=cast.base
    )


def hall(event: ExamEvent, cast: Cast, name: str = "203", seats: int = 30) -> ExamRoom:
    """One more room of an event."""
    plan = RoomPlan("实训基地", "太原市小店区", "公交 12 路到南门", name, seats)
    return add_room(event, plan, examiner(cast))


def two_rooms(app: Flask, cast: Cast, **changes: object) -> tuple[int, int, int, int]:
    """An event of two rooms with a seat each: 王桂兰 in the first, watched by 陈, and 赵 in the
    second, watched by 孙. Gives the entries and the rooms."""
    wang = ready(app, cast, **changes)
    with app.app_context(), unit_of_work():
        event, now = session().get_one(Entry, wang).event, clock.now()
        first = hall(event, cast, "203", 1)
        zhao = enter_person(event, cast.zhao, cast, now)
        second = hall(event, cast, "204", 1)
        for person, room in ((cast.chen, first), (cast.sun, second)):
            make_invigilator(cast, person)
            assign(room, person, examiner(cast), now)
        return wang, zhao.id, first.id, second.id
