"""Two hundred SIGKILLs of a web worker during a storm of answers: nothing acknowledged is lost."""

import pytest

from exams.sittings.starting import start
from lms.core import clock
from lms.core.uow import unit_of_work
from tests.benchmarks.hall import seat_candidates
from tests.factories.exams import enter_person, fill_bank, learner, theory_event
from tests.faults.killing import keeper, storm
from tests.faults.storm import faults_of

KILLS, SEATS = 200, 6


@pytest.fixture
def seats(site, cast):
    with site.app.app_context(), unit_of_work():
        now = clock.now()
        event = theory_event(cast, fill_bank(cast, now), now)
        entry = enter_person(event, cast.wang, cast, now)
        sitting = start(entry.id, learner(cast.wang), now)
        return list(seat_candidates(site.app, entry, sitting, SEATS, 0))


def test_two_hundred_kills_lose_nothing_acknowledged(site, settings, seats, tmp_path):
    with keeper(settings) as kept:
        journal = storm(kept, seats, tmp_path / "journal", KILLS, seed=20261125)
    with site.app.app_context():
        assert faults_of(journal) == []
    assert journal.count > KILLS * 2
    assert journal.broken > KILLS // 20, "kills hit no request"


@pytest.mark.parametrize(
    ("defect", "fault"), [("acknowledge-first", "A"), ("crossed-answers", "C")]
)
def test_the_check_finds_planted_defects(site, settings, seats, tmp_path, defect, fault):
    with keeper(settings, defect) as kept:
        journal = storm(kept, seats, tmp_path / "journal", 12, seed=7)
    with site.app.app_context():
        assert fault in {found[0] for found in faults_of(journal)}
