"""A sitting takes so many steps and a question so many characters; the server sees to both."""

import pytest
from sqlalchemy import update

from exams.sittings.models import Attempt
from exams.sittings.queries import folded
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.rules import add_version
from lms.core.uow import unit_of_work
from tests.factories.exams import Room, open_room, ready
from tests.factories.sittings import begin_sittings
from tests.forms import post

SHORT, LONGEST, CASE_TEXT = 8, 200, 11


@pytest.fixture
def room(site, cast, sign_in):
    room = Room(sign_in(cast.wang), begin_sittings(site.app, cast)[0])
    assert room.enter().status_code == 200
    return room


def held(site, room):
    with site.app.app_context():
        return folded(room.attempt)


@pytest.mark.parametrize("times", [1, 2])  # the first goes the ordinary way, the next the lane
def test_a_text_longer_than_its_question_takes_is_refused_step_by_step(room, site, times):
    for _ in range(times):
        answer = room.send(
            room.step(SHORT, {"text": "写" * LONGEST}),
            room.step(1, {"picked": [0]}),
            room.step(SHORT, {"text": "写" * (LONGEST + 1)}),
        )
        first = room.seq - 2
        assert answer.status_code == 200
        assert answer.json["acked"] == [first, first + 1]
        assert answer.json["refused"] == answer.json["too_long"] == [first + 2]
        assert answer.json["late"] == []
    assert held(site, room) == {SHORT: {"text": "写" * LONGEST}, 1: {"picked": [0]}}


def test_a_part_of_a_case_has_its_own_limit_and_a_hand_in_keeps_to_it(room, site):
    longest = room.paper[CASE_TEXT - 1]["longest"]
    answer = room.hand_in(
        room.step(CASE_TEXT, {"text": "写" * longest}),
        room.step(SHORT, {"text": "写" * (LONGEST + 1)}),
    )
    assert answer.json["too_long"] == answer.json["refused"] == [2]
    assert answer.json["acked"] == [1]
    assert answer.json["answered"] == 1
    assert held(site, room) == {CASE_TEXT: {"text": "写" * longest}}


def test_without_script_a_text_too_long_is_said_and_the_older_one_stays(site, cast, sign_in):
    client, attempt = sign_in(cast.wang), begin_sittings(site.app, cast)[0]
    base = f"/exams/room/{attempt}/q/{SHORT}"
    post(client, base, {"text": "先问原因"}, page="/exams")
    answer = post(client, base, {"text": "写" * (LONGEST + 1)}, page="/exams")
    assert answer.location.endswith(base)
    assert "超过了这道题的上限" in client.get(base).text
    with site.app.app_context():
        assert folded(attempt) == {SHORT: {"text": "先问原因"}}


def test_a_sitting_takes_so_many_steps_and_is_handed_in_all_the_same(room, site):
    with site.app.app_context(), unit_of_work():
        session().execute(update(Attempt).values(most_steps=3))
    assert room.send(*(room.step(n, {"picked": [0]}) for n in (1, 2))).json["acked"] == [1, 2]
    steps = [room.step(1, {"picked": [n]}) for n in (1, 2)]
    refused = room.send(*steps)
    assert (refused.status_code, refused.json["code"]) == (409, "too-many-steps")
    assert held(site, room) == {1: {"picked": [0]}, 2: {"picked": [0]}}  # nothing of the batch
    assert room.send(steps[0]).json["acked"] == [3]
    assert room.send(steps[1]).json["code"] == "too-many-steps"
    assert room.hand_in(steps[1]).json["code"] == "too-many-steps"
    assert room.hand_in().json["answered"] == 2


def test_the_limit_is_a_rule_pinned_when_the_sitting_begins(site, cast, sign_in):
    entry = ready(site.app, cast)
    with site.app.app_context(), unit_of_work():
        add_version(SYSTEM, "exams.room", {"most_steps": 2}, clock.today(), "测试")
    room = open_room(sign_in(cast.wang), entry)
    with site.app.app_context(), unit_of_work():
        add_version(SYSTEM, "exams.room", {"most_steps": 1}, clock.today(), "测试")
    assert room.answer(1, {"picked": [0]}).status_code == 200
    assert room.answer(2, {"picked": [0]}).status_code == 200
    assert room.answer(3, {"picked": [0]}).json["code"] == "too-many-steps"
