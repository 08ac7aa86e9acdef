"""``lms import-course`` and the demo's courses."""

import json
import random
import shutil

from sqlalchemy import func, select

from courses.api import continue_lesson, hours_in_year, seed_demo_courses
from courses.catalogue.operations import STARTER
from courses.catalogue.queries import current_versions
from courses.credits.models import CreditEntry
from courses.enrolment.models import Completion, Enrolment
from lms.cli import main
from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import DemoAccount, DemoStaff, DemoWorld


def run(app, *args):
    return app.test_cli_runner().invoke(main.commands["import-course"], args)


def folder_with(tmp_path, old="", new=""):
    folder = tmp_path / "course"
    shutil.copytree(STARTER / "refresher", folder)
    lesson = folder / "01-ethics-cases.md"
    lesson.write_text(lesson.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return folder


def test_a_dry_run_writes_nothing(app, tmp_path):
    folder = folder_with(tmp_path, "minutes: 45", "minutes: 40")
    told = run(app, str(folder), "--dry-run", "--json")
    assert told.exit_code == 0
    assert json.loads(told.stdout)["faults"] == []
    assert {card.no for card in current_versions()} == {1}


def test_faults_end_with_exit_code_one(app, tmp_path):
    told = run(app, str(folder_with(tmp_path, "minutes: 45", "minutes: 0")), "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["faults"][0]["field"] == "minutes"
    assert "minutes" in run(app, str(tmp_path / "course")).stdout


def test_a_changed_folder_is_published_once(app, tmp_path):
    folder = str(folder_with(tmp_path, "minutes: 45", "minutes: 40"))
    first = json.loads(run(app, folder, "--publish", "--json").stdout)
    again = json.loads(run(app, folder, "--publish", "--json").stdout)
    assert (first["version"], first["new"], again["new"]) == (2, True, False)
    assert 2 in {card.no for card in current_versions()}


def world_of(cast):
    staff = [
        DemoStaff(person, home, "140105", "caregiver", clock.today().replace(day=1, month=1), 2)
        for person, home in ((cast.wang, cast.kangning), (cast.zhao, cast.gucheng))
    ]
    accounts = [DemoAccount("caregiver", "caregiver", cast.wang)]
    today = clock.today()
    return DemoWorld(today.year, today, 1, [], {}, cast.base, cast.base, staff, accounts)


def test_the_demo_is_the_same_for_the_same_seed_and_hours_match(app, cast):
    now = clock.now()
    with unit_of_work():
        counts = seed_demo_courses(world_of(cast), random.Random(3), now, lambda *_: None)
    completions = session().scalar(select(func.count(Completion.id)))
    assert counts["completions"] == completions
    assert counts["enrolments"] == session().scalar(select(func.count(Enrolment.id)))
    assert session().scalar(select(func.count(CreditEntry.id))) == completions
    going = continue_lesson(cast.wang)
    assert (going.lessons_done, going.next_lesson_code) == (2, "safety-and-emergency")
    assert hours_in_year(cast.wang, now.year)["professional"] == 0
