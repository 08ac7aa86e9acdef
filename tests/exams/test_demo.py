"""The demo's exams: real papers, real marks, the same from the same seed."""

import random

from sqlalchemy import func, select

from exams.api import exams_for, seed_demo
from exams.marking.models import Mark
from exams.results.models import Result
from lms.core import clock
from lms.core.config import load_settings
from lms.core.db import db, session
from lms.core.setup import migrate_database
from lms.core.uow import unit_of_work
from lms.people.api import build_world
from lms.starter import load_starter
from tests.site import Site


def seeded(settings):
    with Site.open(settings) as site, site.app.app_context():
        migrate_database()
        with unit_of_work():
            load_starter()
            now = clock.now()
            world = build_world(120, 5, now, "demo-only-2026", lambda _a, _b: None)
            made = seed_demo(world, random.Random(5), now, lambda _a, _b: None)
        cards = exams_for(world.logins["caregiver"], now)
        marks = session().scalar(select(func.sum(Mark.tenths)))
        results = list(session().scalars(select(Result.tenths).order_by(Result.id)))
        db.session.remove()
        return made, [(card.title, card.stage) for card in cards], marks, results


def test_the_demo_has_an_exam_to_sit_and_results_that_are_the_sum_of_their_marks(
    template, tmp_path
):
    outcomes = []
    for name in ("one", "two"):
        with template.copy_empty(tmp_path / name) as url:
            settings = load_settings(
                {"LMS_INSTANCE": str(tmp_path / name), "LMS_DATABASE_URL": url}
            )
            outcomes.append(seeded(settings))
    made, cards, marks, results = outcomes[0]
    assert outcomes[1] == outcomes[0]
    assert cards[0][1] == "open"
    assert len(cards) == 4
    assert len(results) == made["exam_results"] > 0
    assert sum(results) == marks
