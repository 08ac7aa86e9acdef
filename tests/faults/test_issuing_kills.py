"""A batch killed by SIGKILL: one certificate for each entitlement. The long storm of 100 kills and
1,000 lines is ``make faults``."""

import pytest
from sqlalchemy import insert

from certificates.batches.models import BatchLine
from lms.core.db import db, session
from lms.core.uow import unit_of_work
from tests.faults.issuing_kills import faults_of, finish, prepare, storm_apart

LINES, KILLS = 24, 6


@pytest.fixture
def batch_id(site, cast):
    with site.app.app_context():
        made = prepare(cast, LINES)
        db.session.remove()
        db.engine.dispose()
        return made


def test_killed_at_random_it_issues_each_once(site, settings, cast, batch_id):
    place = {"LMS_INSTANCE": str(settings.instance), "LMS_DATABASE_URL": settings.database_url}
    assert storm_apart(cast, batch_id, KILLS, place) <= KILLS
    with site.app.app_context():
        finish(cast, batch_id)
        assert faults_of(cast, batch_id, LINES) == []


def test_the_check_finds_an_entitlement_without_its_certificate(site, cast, batch_id):
    with site.app.app_context():
        finish(cast, batch_id)
        lost = {
            "batch_id": batch_id, "row": 999, "source": "lost", "facts": {}, "outcome": "ready",
        }  # fmt: skip
        with unit_of_work():
            session().execute(insert(BatchLine), [lost])
        assert faults_of(cast, batch_id, LINES) == ["certificates and entitlements differ"]
