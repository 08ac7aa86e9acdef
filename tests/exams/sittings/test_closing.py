"""Handing in, time up, marks, results and what a receipt proves."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from exams.entries.registering import extend
from exams.jobs import close_overdue
from exams.marking.models import Mark
from exams.results.models import Result
from exams.sittings.models import Attempt, SittingEvent
from exams.sittings.queries import folded
from exams.sittings.rules import answers_digest
from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.factories.exams import CANARY, Room, examiner, open_room, ready
from tests.forms import post


@pytest.fixture
def room(site, cast, sign_in):
    return open_room(sign_in(cast.wang), ready(site.app, cast))


def attempt_of(room):
    return session().get_one(Attempt, room.attempt, populate_existing=True)


def result_of(room):
    query = select(Result).where(Result.attempt_id == room.attempt)
    return session().scalars(query).one()


def test_handing_in_takes_the_last_steps_and_gives_a_receipt(room, site):
    room.answer(1, room.right(1))
    answer = room.hand_in(room.step(2, room.right(2)), room.step(71, room.right(71)))
    assert answer.status_code == 200
    assert answer.json["acked"] == [2, 3]
    assert (answer.json["answered"], answer.json["questions"]) == (3, 100)
    with site.app.app_context():
        result = result_of(room)
        assert (result.tenths, result.passed) == (40, False)
        assert session().scalar(select(func.count()).select_from(Mark)) == 100
        assert answer.json["digest"] == answers_digest(room.attempt, folded(room.attempt))


def test_handing_in_twice_gives_the_same_receipt_and_one_result(room, site):
    first, second = room.hand_in(), room.hand_in(room.step(1, room.right(1)))
    assert second.json["receipt"] == first.json["receipt"]
    with site.app.app_context():
        assert folded(room.attempt) == {}
        assert result_of(room).tenths == 0


def test_nothing_is_taken_after_handing_in(room):
    room.hand_in()
    refused = room.answer(1, {"picked": [0]})
    assert (refused.status_code, refused.json["code"]) == (409, "closed")
    assert room.enter().json["code"] == "closed"
    assert room.client.get(f"/exams/room/{room.attempt}").status_code == 303


def test_a_receipt_can_be_checked_by_anyone_and_names_nobody(room, visitor):
    receipt = room.hand_in(room.step(1, room.right(1))).json
    page = visitor.get(f"/exams/receipt/{receipt['receipt'].lower()}")
    assert page.status_code == 200
    assert receipt["digest"] in page.text
    assert "王桂兰" not in page.text
    assert visitor.get("/exams/receipt/AAAA-BBBB-CCCC").status_code == 404


def test_full_marks_pass_and_the_explanations_come_after_release(room, sign_in, cast):
    room.send(*[room.step(n, room.right(n)) for n in range(1, 101)])
    room.hand_in()
    page = room.client.get("/exams")
    assert "100 分 合格" in page.text
    result = room.client.get("/exams/results/1?show=all")
    assert CANARY in result.text
    assert sign_in(cast.zhao).get("/exams/results/1").status_code == 404


def test_where_the_examiner_releases_nothing_shows_before(site, cast, sign_in):
    entry_id = ready(site.app, cast, release="by_examiner")
    room = open_room(sign_in(cast.wang), entry_id)
    room.send(*[room.step(n, room.right(n)) for n in range(1, 101)])
    room.hand_in()
    for path in ("/exams", f"/exams/{entry_id}", f"/exams/room/{room.attempt}/done"):
        text = room.client.get(path).text
        assert "100 分" not in text
        assert CANARY not in text
    assert room.client.get("/exams/results/1").status_code == 404
    assert post(sign_in(cast.zhou), "/events/1/release").status_code == 303
    assert room.client.get("/exams/results/1").status_code == 200


def test_a_marks_only_event_shows_no_questions(site, cast, sign_in):
    room = open_room(sign_in(cast.wang), ready(site.app, cast, feedback="marks"))
    room.hand_in(room.step(1, room.right(1)))
    page = room.client.get("/exams/results/1?show=all")
    assert page.status_code == 200
    assert CANARY not in page.text


def test_time_up_hands_in_by_itself_after_the_grace_time(room, site):
    room.answer(1, room.right(1))
    with site.app.app_context():
        end = attempt_of(room).deadline
        with time_machine.travel(end + timedelta(seconds=120), tick=False):
            assert close_overdue() == 0
        with time_machine.travel(end + timedelta(seconds=121), tick=False):
            assert close_overdue() == 1
            assert close_overdue() == 0
        assert attempt_of(room).state == "concluded"
        assert attempt_of(room).answered == 1
        kinds = set(session().scalars(select(SittingEvent.kind)))
        assert {"started", "entered", "timed_out"} <= kinds


def test_answers_delivered_in_the_grace_time_count_and_are_shown_as_late(room, site, cast, sign_in):
    with site.app.app_context():
        end = attempt_of(room).deadline
    typed = [room.step(n, room.right(n), at=end - timedelta(seconds=3)) for n in (1, 2)]
    with time_machine.travel(end + timedelta(seconds=30), tick=False):
        answer = room.hand_in(*typed)
        assert answer.json["late"] == [1, 2]
        page = sign_in(cast.zhou).get("/events/1")
    assert "到时后补送 2 次" in page.text
    with site.app.app_context():
        assert result_of(room).tenths == 20


def test_extra_minutes_move_the_deadline_of_a_running_sitting(room, site, cast):
    before = room.client.get(f"/exams/room/{room.attempt}/clock").json["deadline"]
    with site.app.app_context(), unit_of_work():
        extend(attempt_of(room).entry, 10, "停电", examiner(cast), clock.now())
    after = room.client.get(f"/exams/room/{room.attempt}/clock").json["deadline"]
    assert after - before == 600_000


def test_a_second_attempt_shares_no_question_with_the_first(site, cast, sign_in):
    entry_id = ready(site.app, cast, attempts=2)
    first = open_room(sign_in(cast.wang), entry_id)
    first.hand_in()
    second = open_room(first.client, entry_id)
    assert second.attempt != first.attempt
    assert not {q["stem"] for q in first.paper} & {q["stem"] for q in second.paper}
    second.hand_in()
    refused = post(first.client, f"/exams/{entry_id}/start", page="/exams")
    assert refused.status_code == 409


def test_the_room_works_without_script(site, cast, sign_in):
    entry_id = ready(site.app, cast)
    client = sign_in(cast.wang)
    attempt = int(post(client, f"/exams/{entry_id}/start", page="/exams").location[-1])
    base = f"/exams/room/{attempt}"
    page = f"{base}/q/1"
    assert post(client, page, {"picked": "2"}, page=page).location.endswith("/q/2")
    assert (
        post(client, f"{base}/q/91", {"value": "true", "flag": "1"}, page=page).status_code == 303
    )
    assert "checked" in client.get(page).text
    assert post(client, f"{base}/q/0", {"picked": "2"}, page=page).status_code == 422
    with site.app.app_context():
        assert folded(attempt) == {1: {"picked": [2]}, 91: {"value": True, "flag": True}}
    elsewhere = Room(sign_in(cast.wang), attempt)
    assert elsewhere.enter(take_over=True).status_code == 200
    assert "在这里继续" in client.get(page).text
    assert post(client, page, {"picked": "1"}, page=page).status_code == 409
    assert post(client, page, {"take_over": "1"}, page=page).status_code == 303
    done = post(client, f"{base}/check", page=page)
    assert done.location.endswith("/done")
    assert "回执" in client.get(done.location).text
