"""Leaving the page: counted on the server, each report once; one too many hands the paper in."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from exams.sittings.models import Attempt, Presence, SittingEvent
from exams.sittings.queries import folded
from lms.core import clock
from lms.core.db import session
from tests.factories.exams import open_room, ready


@pytest.fixture
def room(site, cast, sign_in):
    return open_room(sign_in(cast.wang), ready(site.app, cast, switch_mode="hand_in"))


def left(room, op=None, **more):
    return room.post("/left", {"device": room.device, "op": op, "seconds": 4, **more})


def test_entering_says_what_the_exam_makes_of_leaving(room):
    assert room.enter().json["leaving"] == {"mode": "hand_in", "limit": 5, "count": 0}


def test_a_report_sent_again_counts_once(room, site):
    for _again in range(3):
        answer = left(room, "report-one")
        assert (answer.status_code, answer.json["leaving"]["count"]) == (200, 1)
    assert left(room, "report-two").json["leaving"]["count"] == 2
    with site.app.app_context():
        kinds = list(session().scalars(select(SittingEvent.kind)))
    assert kinds.count("left") == 2


def test_the_sixth_time_hands_in_what_is_on_the_phone_too(room, site):
    room.answer(1, room.right(1))
    for number in range(5):
        assert left(room, f"report-{number}").json["open"] is True
    last = left(room, "report-5", epoch=room.epoch, steps=[room.step(2, room.right(2))])
    assert last.json["open"] is False
    assert last.json["receipt"]
    assert last.json["acked"] == [2]
    assert left(room, "report-5").json["receipt"] == last.json["receipt"]
    assert room.answer(3, room.right(3)).json["code"] == "closed"
    with site.app.app_context():
        assert session().get_one(Attempt, room.attempt).state == "concluded"
        assert set(folded(room.attempt)) == {1, 2}
        assert "left_too_often" in set(session().scalars(select(SittingEvent.kind)))


@pytest.mark.parametrize("mode", ["off", "warn"])
def test_without_that_rule_leaving_never_hands_in(site, cast, sign_in, mode):
    room = open_room(sign_in(cast.wang), ready(site.app, cast, switch_mode=mode))
    for number in range(7):
        answer = left(room, f"report-{number}")
    assert answer.json["open"] is True
    assert answer.json["leaving"] == {"mode": mode, "limit": 5, "count": 7}


def test_a_report_needs_a_name_that_fits_and_the_device_that_holds_the_sitting(room):
    for wrong in ({"op": "short"}, {"op": 7}, {"seconds": -1}, {"seconds": "4"}):
        body = {"device": room.device, "op": "report-one", "seconds": 4} | wrong
        assert room.post("/left", body).status_code == 422
    other = room.post("/left", {"device": "d" * 30, "op": "report-one", "seconds": 4})
    assert other.json["code"] == "other-device"


def test_the_clock_hears_what_is_unsent_and_writes_at_most_now_and_then(room, site):
    def stored():
        with site.app.app_context():
            row = session().get(Presence, room.attempt)
            return row and (row.seen_at, row.unsent)

    start = clock.now().replace(microsecond=0)
    for seconds, unsent, expected in (
        (0, 3, (0, 3)),
        (2, 0, (0, 3)),
        (6, 0, (2, 0)),
        (22, 0, (22, 0)),
    ):
        moment = start + timedelta(seconds=seconds)
        with time_machine.travel(moment, tick=False):
            assert room.client.get(f"/exams/room/{room.attempt}/clock?unsent={unsent}").json["open"]
        assert stored() == (start + timedelta(seconds=expected[0]), expected[1])
