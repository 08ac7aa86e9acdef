"""The demo's exams: real papers, real marks, the same from the same seed."""

import random
from datetime import timedelta

from sqlalchemy import func, select

from exams.analysis.models import AnalysisRun
from exams.api import exams_for, seed_demo
from exams.entries.models import ExamEvent, RoomInvigilator
from exams.entries.readiness import gaps
from exams.invigilation.queries import tally, tiles
from exams.marking.models import Mark
from exams.marking.queues import queues_for
from exams.marking.stations.board import board_of, stations_for
from exams.results.models import Result
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.config import load_settings
from lms.core.db import db, session
from lms.core.setup import migrate_database
from lms.core.uow import unit_of_work
from lms.people.api import actor_named, build_world
from lms.starter import load_starter
from tests.site import Site


def shown(now):
    """What a newcomer finds: the wall's states, the marker's queues and stations, analyses."""
    running = session().scalars(select(ExamEvent).where(ExamEvent.title.contains("今天"))).one()
    marker = actor_named("marker", now)
    assert marker is not None
    later = now + timedelta(hours=1)
    wall = {name: n for name, n in tally(tiles(running, None, later)).items() if n}
    skills = session().scalars(select(ExamEvent).where(ExamEvent.part == "skills")).one()
    board = {s.state for row in board_of(skills, now) for s in row.stations}
    rooms = session().scalar(select(func.count()).select_from(RoomInvigilator))
    return {
        "wall": wall,
        "to mark": sum(queue.total for queue in queues_for(marker)),
        "stations": len(stations_for(marker)),
        "board": board,
        "invigilators": rooms,
        "gaps": gaps(running, now),
        "analyses": session().scalar(select(func.count()).select_from(AnalysisRun)),
    }


def seeded(settings):
    with Site.open(settings) as site, site.app.app_context():
        migrate_database()
        with unit_of_work():
            load_starter()
            now = clock.now()
            world = build_world(420, 5, now, "demo-only-2026", lambda _a, _b: None)
            made = seed_demo(world, random.Random(5), now, lambda _a, _b: None)
        cards = exams_for(world.logins["caregiver"], now)
        marks = session().scalar(
            select(func.sum(Mark.tenths))
            .join(Attempt, Attempt.id == Mark.attempt_id)
            .where(Attempt.state == "concluded")
        )
        results = list(session().scalars(select(Result.tenths).order_by(Result.id)))
        found = shown(now)
        db.session.remove()
        return found, made, [(card.title, card.stage) for card in cards], marks, results


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
    found, made, cards, marks, results = outcomes[0]
    assert outcomes[1] == outcomes[0]
    assert cards[0][1] == "open"
    assert len(cards) == 4
    assert len(results) == made["exam_results"] > 0
    assert sum(results) == marks
    assert found == {
        "wall": {
            "lost": 1, "paused": 1, "answering": 11, "admitted": 1, "not_here": 2, "handed_in": 2
        },
        "to mark": 23,
        "stations": 6,
        "board": {"done", "apart", "judging"},
        "invigilators": 8,
        "gaps": [],
        "analyses": 2,
    }  # fmt: skip
