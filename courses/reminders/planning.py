"""The nightly writing of reminders: one letter for each person, year and stage, whatever happens.

The letter's key says whom and what it is about, so any number of schedulers, restarts and clock
jumps write it once.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from courses.compliance.models import DutyFlag
from courses.compliance.verdicts import CENTRAL
from courses.reminders.rules import RULE, Stage, awake, due_stages
from lms.core import clock, outbox
from lms.core.db import Json, session
from lms.core.rules import rule_on
from lms.core.uow import unit_of_work

PERSON, HOME, COUNTY = "duty.reminder", "duty.digest.home", "duty.digest.county"
CHUNK = 1000
Line = tuple[str, Json]


def plan(now: datetime) -> int:
    """Write the letters of every stage that is due; how many were new."""
    today = clock.local_date(now)
    value = rule_on(RULE, today).value
    due = awake(value, now)
    written = 0
    for stage in due_stages(value, today):
        for kind, lines in _parts(stage):
            with unit_of_work():
                written += outbox.put_many(kind, lines, due)
    return written


def _parts(stage: Stage) -> Iterator[tuple[str, list[Line]]]:
    if "person" in stage.tell:
        for people in _people(stage):
            yield PERSON, [(_key(stage, f"p{p}"), _payload(stage, person=p)) for p in people]
    if "hr" in stage.tell:
        yield HOME, _digests(stage, DutyFlag.organisation_id, "o", "organisation")
    if "county" in stage.tell:
        yield COUNTY, _digests(stage, DutyFlag.region, "r", "region")


def _people(stage: Stage) -> Iterator[list[int]]:
    """Ids of those concerned, a thousand at a time; memory does not grow with the province."""
    last = 0
    while True:
        query = (
            select(DutyFlag.person_id)
            .where(*_concerned(stage), DutyFlag.person_id > last)
            .order_by(DutyFlag.person_id)
            .limit(CHUNK)
        )
        found = list(session().scalars(query))
        if not found:
            return
        yield found
        last = found[-1]


def _digests(stage: Stage, column: Any, mark: str, name: str) -> list[Line]:
    query = select(column, func.count()).where(*_concerned(stage)).group_by(column)
    return [
        (_key(stage, f"{mark}{key}"), _payload(stage, **{name: key}, people=count))
        for key, count in session().execute(query).tuples()
    ]


def _concerned(stage: Stage) -> tuple[Any, ...]:
    return (
        DutyFlag.year == stage.year,
        DutyFlag.requirement == CENTRAL,
        DutyFlag.state.in_(sorted(stage.states)),
    )


def _key(stage: Stage, whom: str) -> str:
    return f"duty:{stage.year}:{stage.code}:{whom}"


def _payload(stage: Stage, **more: object) -> Json:
    return {"year": stage.year, "stage": stage.code, "states": sorted(stage.states), **more}
