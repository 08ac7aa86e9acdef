"""A bank, candidates in numbers, and the tasks of the scheduler for the tests of papers."""

from __future__ import annotations

import pytest

from exams.entries.models import Entry
from lms.core import clock, tasks
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.jobs import all_runners
from lms.people.api import NewPerson, register_person
from tests.cast import THEN, citizen_id
from tests.factories.exams import examiner, fill_bank


@pytest.fixture
def bank(app, cast):
    """Enough questions for two disjoint junior papers."""
    with unit_of_work():
        return fill_bank(cast, clock.now(), papers=2)


@pytest.fixture
def crowd(app, cast):
    """``crowd(event, n)`` enters n new people, without asking whether they are eligible."""

    def enter(event, number, first=200):
        now = clock.now()
        entries = []
        with unit_of_work():
            for n in range(first, first + number):
                new = NewPerson(f"考生{n}", citizen_id(n), f"139{n:08d}")
                person = register_person(new, SYSTEM, THEN)
                entries.append(
                    Entry(
                        event_id=event.id, person_id=person.id, ticket=f"{event.id}-{n}",
                        decision={}, rule_stamp="", registered_by=examiner(cast).person_id,
                        registered_at=now,
                    )
                )  # fmt: skip
            session().add_all(entries)
        return entries

    return enter


@pytest.fixture
def run_tasks():
    """Do what the scheduler would do, until nothing waits."""

    def run():
        while tasks.run_next(all_runners()):
            pass

    return run
