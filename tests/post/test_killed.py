"""A carrier process killed with SIGKILL at the worst moment: the receiver has the message, the
database does not know."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import update

from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.post.carrying import carry
from lms.post.models import PostDelivery
from tests.post.world import (
    attempts,
    confirmed_mail,
    deliveries,
    endpoint,
    environment,
    remind,
    url_of,
)

KILLS = 5
MESSAGES = 24
CARRIER = """
from lms.app import create_app
from lms.post.carrying import carry
with create_app().app_context():
    while carry():
        pass
"""


@pytest.fixture
def carriers(settings, office):
    """Starts carrier processes; the post office kills the one at work on its n-th arrival."""
    started = []

    def start():
        env = {
            **os.environ, **environment(office), "LMS_INSTANCE": str(settings.instance),
            "LMS_DATABASE_URL": settings.database_url, "LMS_SIGNER": "inside",
        }  # fmt: skip
        started.append(subprocess.Popen([sys.executable, "-c", CARRIER], env=env))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def kill_on_arrival(office, process, number):
    """Kill the process when so many messages have come, before the last is answered."""
    office.watch = lambda _came: strike(office, process, number)


def strike(office, process, number):
    if len(office.journal) >= number:
        process.kill()


def make_due():
    """Hours pass: it is day, and the claims of the dead have run out."""
    with unit_of_work():
        session().execute(
            update(PostDelivery)
            .where(PostDelivery.state == "waiting")
            .values(due_at=clock.now() - timedelta(hours=1))
        )


def test_every_message_arrives_under_its_own_number(do, cast, office, carriers):
    do(endpoint, cast, url_of(office), people=True)
    do(confirmed_mail, cast.wang)
    for number in range(MESSAGES):
        do(remind, cast.wang, cast, f"s{number}")
    do(make_due)
    for number in range(KILLS):
        already, victim = len(office.journal), carriers()
        kill_on_arrival(office, victim, already + 3 + number)
        assert victim.wait(timeout=300) == -signal.SIGKILL
        do(make_due)
    office.watch = lambda _came: None
    # Two at once finish the rest.
    first, second = carriers(), carriers()
    assert (first.wait(timeout=300), second.wait(timeout=300)) == (0, 0)
    rows = [row for row in do(deliveries) if row.channel != "site"]
    assert len(rows) == 2 * MESSAGES
    assert {row.state for row in rows} == {"sent", "delivered"}
    came = Counter(one.ref for one in office.journal)
    assert came.keys() == {f"msg_{row.ref}" for row in rows}
    # A kill can repeat one message to each of the two receivers, and nothing else is repeated.
    assert sum(came.values()) - len(came) <= 2 * KILLS
    assert {one.delivery_id for one in do(attempts)} == {row.id for row in rows}
    assert do(carry) == 0
