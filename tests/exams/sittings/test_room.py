"""The exam room at request level: nothing acknowledged is lost, nothing comes from elsewhere."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from exams.sittings.models import AnswerStep, Attempt
from exams.sittings.queries import folded
from lms.core import clock
from lms.core.db import session
from tests.factories.exams import CANARY, Room, open_room, ready
from tests.statements import count_statements


@pytest.fixture
def room(site, cast, sign_in):
    entry_id = ready(site.app, cast)
    return open_room(sign_in(cast.wang), entry_id)


def steps_of(site, attempt):
    with site.app.app_context():
        query = select(AnswerStep).where(AnswerStep.attempt_id == attempt).order_by(AnswerStep.seq)
        return list(session().scalars(query))


def held(site, attempt):
    with site.app.app_context():
        return folded(attempt)


def test_a_paper_has_a_hundred_questions_in_sections(room):
    kinds = [q["kind"] for q in room.paper]
    assert kinds == ["single"] * 70 + ["multiple"] * 10 + ["judge"] * 20
    assert sum(q["tenths"] for q in room.paper) == 1000


def test_an_answer_is_acknowledged_and_stored(room, site):
    answer = room.answer(3, {"picked": [2]})
    assert answer.status_code == 200
    assert answer.json["acked"] == [1]
    assert held(site, room.attempt) == {3: {"picked": [2]}}


def test_starting_twice_starts_once(room, site, sign_in, cast):
    again = open_room(sign_in(cast.wang), 1, take_over=True)
    assert again.attempt == room.attempt
    assert [q["stem"] for q in again.paper] == [q["stem"] for q in room.paper]


def test_fifty_identical_posts_leave_one_row_and_the_same_answer(room, site):
    step = room.step(1, {"picked": [1]})
    body = {"device": room.device, "epoch": room.epoch, "steps": [step]}

    def send(_n):
        browser = site.app.test_client()
        for cookie in room.client._cookies.values():
            browser.set_cookie(cookie.key, cookie.value)
        return browser.post(
            f"/exams/room/{room.attempt}/answers", json=body, headers={"X-CSRFToken": room.token}
        )

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(50)))
    assert {a.status_code for a in answers} == {200}
    assert {tuple(a.json["acked"]) for a in answers} == {(1,)}
    assert len(steps_of(site, room.attempt)) == 1


def test_steps_sent_again_after_an_outage_are_acknowledged_and_kept_once(room, site):
    first = [room.step(n, {"picked": [0]}) for n in range(1, 6)]
    assert room.send(*first[:3]).json["acked"] == [1, 2, 3]
    assert room.send(*first).json["acked"] == [1, 2, 3, 4, 5]
    assert len(steps_of(site, room.attempt)) == 5


def test_steps_that_arrive_out_of_order_fold_by_their_number(room, site):
    old, new = room.step(1, {"picked": [0]}), room.step(1, {"picked": [3]})
    room.send(new)
    room.send(old)
    assert held(site, room.attempt) == {1: {"picked": [3]}}


def test_a_number_used_for_something_else_is_refused_and_nothing_of_the_batch_kept(room, site):
    room.answer(1, {"picked": [0]})
    room.seq = 0
    clash = [room.step(2, {"picked": [1]}), room.step(3, {"picked": [1]})]
    refused = room.send(*clash)
    assert (refused.status_code, refused.json["code"]) == (409, "sequence")
    assert len(steps_of(site, room.attempt)) == 1


def test_a_step_renumbered_after_reentering_is_the_same_step(room, site):
    step = room.step(1, {"picked": [0]})
    room.send(step)
    answer = room.send({**step, "seq": 7})
    assert answer.json["acked"] == [7]
    assert len(steps_of(site, room.attempt)) == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"seq": 0}, {"seq": "1"}, {"op": "short"}, {"position": 0}, {"position": 101},
        {"answer": {"picked": [4, 1]}}, {"answer": {"picked": [99]}}, {"answer": []},
        {"answer": {"marks": 100}}, {"answer": {"picked": [1], "value": True}},
    ],
)  # fmt: skip
def test_a_malformed_step_is_refused_with_its_batch(room, site, bad):
    good = room.step(1, {"picked": [0]})
    refused = room.send(good, {**room.step(2, {"picked": [0]}), **bad})
    assert (refused.status_code, refused.json["code"]) == (422, "bad-steps")
    assert steps_of(site, room.attempt) == []


def test_a_hundred_and_one_steps_are_too_many_for_one_post(room):
    steps = [room.step(1, {"picked": [0]}) for _ in range(101)]
    assert room.send(*steps[:100]).status_code == 200
    assert room.send(*steps).status_code == 422


def test_the_older_device_is_refused_and_never_overwrites(room, site, cast, sign_in):
    room.answer(1, {"picked": [0]})
    newer = Room(sign_in(cast.wang), room.attempt)
    assert newer.enter().json["code"] == "other-device"
    assert newer.enter(take_over=True).json["answers"]["1"]["answer"] == {"picked": [0]}
    assert newer.answer(1, {"picked": [2]}).status_code == 200
    late = room.answer(1, {"picked": [3]})
    assert (late.status_code, late.json["code"]) == (409, "other-device")
    assert room.hand_in().json["code"] == "other-device"
    assert held(site, room.attempt) == {1: {"picked": [2]}}


def test_a_reload_goes_on_under_the_same_epoch(room):
    room.answer(5, {"picked": [1], "flag": True})
    again = room.enter()
    assert again.json["epoch"] == 1
    assert again.json["last_seq"] == 1
    assert again.json["answers"] == {
        "5": {"answer": {"picked": [1], "flag": True}, "seq": 1, "epoch": 1}
    }


def test_nobody_else_can_look_in_or_write(room, cast, sign_in):
    stranger = Room(sign_in(cast.zhao), room.attempt, room.device, room.epoch)
    assert stranger.enter(take_over=True).status_code == 404
    assert stranger.answer(1, {"picked": [0]}).status_code == 404
    assert stranger.hand_in().status_code == 404
    for path in ("", "/clock", "/q/1", "/check", "/done"):
        assert stranger.client.get(f"/exams/room/{room.attempt}{path}").status_code == 404


def test_a_post_without_the_form_token_is_refused(room, site):
    room.token = "x"
    refused = room.answer(1, {"picked": [0]})
    assert (refused.status_code, refused.json["code"]) == (400, "form-expired")
    assert steps_of(site, room.attempt) == []


def deadline_of(site, attempt):
    with site.app.app_context():
        return session().get_one(Attempt, attempt).deadline


@pytest.mark.parametrize(
    ("seconds", "typed", "expected"),
    [
        (-1, -1, "stored"),
        (0, 0, "stored"),
        (1, -1, "late"),
        (1, 1, "refused"),
        (120, 0, "late"),
        (121, -1, "time-up"),
    ],
)
def test_the_deadline_holds_both_ways(room, site, seconds, typed, expected):
    deadline = deadline_of(site, room.attempt)
    step = room.step(1, {"picked": [1]}, at=deadline + timedelta(seconds=typed))
    with time_machine.travel(deadline + timedelta(seconds=seconds), tick=False):
        answer = room.send(step)
    rows = steps_of(site, room.attempt)
    if expected == "time-up":
        assert (answer.status_code, answer.json["code"], rows) == (409, "time-up", [])
        return
    assert answer.json["acked"] == ([] if expected == "refused" else [1])
    assert answer.json["refused"] == ([1] if expected == "refused" else [])
    assert [row.late for row in rows] == {"stored": [False], "late": [True], "refused": []}[
        expected
    ]


def test_before_the_deadline_the_phones_clock_does_not_matter(room, site):
    step = room.step(1, {"picked": [1]}, at=clock.now() + timedelta(days=3))
    assert room.send(step).json["late"] == []


def test_the_hot_path_takes_at_most_six_statements(room):
    room.answer(1, {"picked": [1]})  # the group's connection is kept from here on
    with count_statements() as seen:
        assert room.answer(1, {"picked": [0]}).status_code == 200
    assert len([s for s in seen if not s.startswith(("BEGIN", "COMMIT"))]) <= 6, seen
    steps = [room.step(n, {"picked": [0]}) for n in range(2, 101)]
    with count_statements() as many:
        assert room.send(*steps).status_code == 200
    assert len(many) == len(seen)


def test_the_key_reaches_nobody_during_a_sitting(room, cast):
    pages = [
        room.client.get(path)
        for path in (
            "/exams", "/exams/1", f"/exams/room/{room.attempt}", f"/exams/room/{room.attempt}/q/1",
            f"/exams/room/{room.attempt}/q/75", f"/exams/room/{room.attempt}/q/100",
            f"/exams/room/{room.attempt}/clock", f"/exams/room/{room.attempt}/check",
        )
    ]  # fmt: skip
    pages += [room.enter(), room.answer(1, room.right(1)), room.enter(), room.hand_in()]
    for page in pages:
        assert page.status_code == 200
        assert CANARY.encode() not in page.data
        assert "解析".encode() not in page.data


def test_leaving_the_page_is_written_down(room, site):
    assert room.post("/left", {"device": room.device, "seconds": 12}).status_code == 200
    assert room.post("/left", {"device": room.device, "seconds": -1}).status_code == 422
