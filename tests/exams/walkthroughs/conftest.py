"""A hall with many sittings prepared, so that each random or scripted one costs little."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from exams.entries.models import ExamEvent
from exams.sittings.models import Attempt
from exams.sittings.starting import start
from lms.core import clock
from lms.core.access import Actor, Grant, Role
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.benchmarks.hall import Seat, seat_candidates
from tests.exams.walkthroughs.player import Player
from tests.factories.exams import Room, enter_person, examiner, fill_bank, learner, theory_event

SEATS = 400


@dataclass
class Hall:
    """Sittings that nobody has entered yet, all started at the same moment."""

    app: Flask
    event: int
    staff: Actor
    second: Actor
    now: datetime
    seats: list[Seat]

    def next_sitting(self) -> Player:
        """A sitting of its own."""
        seat = self.seats.pop()

        def open_phone() -> Room:
            browser = self.app.test_client()
            browser.set_cookie("session", seat.session)
            browser.set_cookie("form", seat.form)
            return Room(browser, seat.attempt, token=seat.token)

        return Player(self.app, seat.attempt, seat.entry, self.staff, self.now, open_phone)


@pytest.fixture
def hall(site, cast):
    """The hall of this test."""
    with site.app.app_context():
        with unit_of_work():
            now = clock.now().replace(microsecond=0)
            event = theory_event(cast, fill_bank(cast, now), now)
            entry = enter_person(event, cast.wang, cast, now)
            sitting = start(entry.id, learner(cast.wang), now)
            seats = list(seat_candidates(site.app, entry, sitting, SEATS, 0))
            session().execute(update(Attempt).values(epoch=0, device_hash=""))
            event_id = session().get_one(ExamEvent, event.id).id
        second = Actor(cast.chen, 0, "陈建国", (Grant(Role.EXAMINER, organisation_id=cast.base),))
        # The forms' tokens are as old as the hall, which a busy machine takes long to furnish.
        furnished = clock.now().replace(microsecond=0) + timedelta(seconds=1)
        return Hall(site.app, event_id, examiner(cast), second, furnished, seats)
