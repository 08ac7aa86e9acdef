"""The demo province: synthetic people, courses, sessions, exams and certificates, from one seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
from flask import Flask

import certificates.api as certificates_api
import courses.api as courses_api
import exams.api as exams_api
from lms.core import clock
from lms.core.errors import Conflict
from lms.core.setup import installation_kind, migrate_database
from lms.core.uow import unit_of_work
from lms.people import api as people_api
from lms.portal.saved import demo as saved_views
from lms.starter import load_starter

STAFF_OF_FIRST_RUN = 2000
#: Known on purpose: it exists in demo databases only, which say so on every page.
PASSWORD = "demo-only-2026"
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What was made: the password, the accounts, counts by kind and sample codes."""

    password: str
    accounts: list[dict[str, str]]
    counts: dict[str, int]
    samples: dict[str, str]


def build_demo(staff: int, seed: int, report: Report) -> DemoResult:
    """Fill an empty, migrated database with a province of ``staff`` people.

    The same ``staff`` and ``seed`` on the same day give the same people and events.

    Raises:
        Conflict: the database holds an installation already.
    """
    if installation_kind() is not None:
        raise Conflict("the database is not empty; choose another LMS_INSTANCE or remove it")
    now = clock.now()
    rng = random.Random(seed)
    with unit_of_work():
        load_starter()
        world = people_api.build_world(staff, seed, now, PASSWORD, _part(report, "people"))
        made: dict[str, Any] = {"staff": len(world.staff), "homes": len(world.homes)}
        steps = (
            ("courses", courses_api.seed_demo_courses),
            ("central training", courses_api.seed_demo_duty),
            ("certificates", certificates_api.seed_demo),
            ("exams", exams_api.seed_demo),
            ("flags", courses_api.seed_demo_flags),
            ("reminders", courses_api.seed_demo_reminders),
            ("views", saved_views.seed_demo),
        )
        for name, step in steps:
            made |= step(world, rng, now, _part(report, name))
    accounts = [{"login": a.login, "role": a.role} for a in world.accounts]
    counts = {key: value for key, value in made.items() if isinstance(value, int)}
    samples = {key: value for key, value in made.items() if isinstance(value, str)}
    return DemoResult(PASSWORD, accounts, counts, samples)


def fill_if_empty(app: Flask) -> None:
    """Load the demo province if the database holds nothing yet."""
    with app.app_context():
        migrate_database()
        if installation_kind() is not None:
            return
        click.echo("First run: loading the demo province ...")
        result = build_demo(STAFF_OF_FIRST_RUN, 1, lambda *_: None)
    click.echo(f"Demo accounts: {', '.join(a['login'] for a in result.accounts)}")
    click.echo(f"Password of all of them: {result.password}")


def _part(report: Report, name: str) -> Callable[[int, int], None]:
    return lambda done, total: report(name, done, total)
