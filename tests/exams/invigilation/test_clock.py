"""Pausing, resuming, extending: the deadline to the second, on both sides."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from exams.entries.models import Entry
from exams.jobs import close_overdue
from exams.sittings.models import Attempt, SittingEvent
from exams.sittings.queries import folded
from exams.sittings.rules import stood_still
from lms.core.clock import now as instant
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.factories.exams import enter_person, open_room, ready
from tests.factories.halls import hall, two_rooms
from tests.forms import post

SECOND = timedelta(seconds=1)


@pytest.fixture
def room(site, cast, sign_in):
    return open_room(sign_in(cast.wang), ready(site.app, cast))


@pytest.fixture
def watcher(sign_in, cast):
    return sign_in(cast.zhou)


def at(moment):
    return time_machine.travel(moment, tick=False)


def act(client, name, **data):
    return post(client, f"/events/1/entries/1/{name}", {"reason": "停电", **data}, page="/events")


def attempt_of(site, number=1):
    with site.app.app_context():
        return session().get_one(Attempt, number, populate_existing=True)


def test_while_paused_nothing_is_taken_and_the_phone_is_told(room, site, watcher):
    assert room.answer(1, room.right(1)).status_code == 200
    assert act(watcher, "pause").status_code == 303
    refused = room.answer(2, room.right(2))
    assert (refused.status_code, refused.json["code"]) == (409, "paused")
    assert room.hand_in().json["code"] == "paused"
    assert room.client.get(f"/exams/room/{room.attempt}/clock").json["paused"] is True
    assert room.enter().json["paused"] is True
    assert act(watcher, "resume").status_code == 303
    assert room.client.get(f"/exams/room/{room.attempt}/clock").json["paused"] is False
    assert room.send(room.step(2, room.right(2))).status_code == 200
    with site.app.app_context():
        assert set(folded(room.attempt)) == {1, 2}


def test_a_pause_moves_the_deadline_by_exactly_its_length(room, site, watcher):
    end = attempt_of(site).deadline
    with at(end - 60 * SECOND):
        act(watcher, "pause")
    with at(end + 240 * SECOND):
        act(watcher, "resume")
    moved = attempt_of(site).deadline
    assert moved == end + 300 * SECOND
    for offset, late in ((-1, []), (0, []), (1, [3])):
        with at(moved + offset * SECOND):
            answer = room.send(room.step(offset + 2, room.right(1), at=moved - SECOND))
        assert (answer.status_code, answer.json["late"]) == (200, late), offset
    with at(moved + 121 * SECOND):
        assert room.answer(5, room.right(5)).json["code"] == "time-up"


def test_parts_of_a_millisecond_go_to_the_candidate():
    start = instant().replace(microsecond=0)
    assert stood_still(start, start) == timedelta()
    assert stood_still(start, start + timedelta(microseconds=1)) == timedelta(milliseconds=1)
    assert stood_still(start, start + SECOND) == SECOND
    assert stood_still(start, start - SECOND) == timedelta()


def test_a_paused_sitting_never_runs_out_of_time(room, site, watcher):
    end = attempt_of(site).deadline
    with at(end):
        assert act(watcher, "pause").status_code == 303
    with at(end + timedelta(hours=5)), site.app.app_context():
        assert close_overdue() == 0
    with at(end + timedelta(hours=5)):
        assert "继续考试" in room.client.get("/exams").text
        act(watcher, "resume")
    end = attempt_of(site).deadline
    with at(end + 120 * SECOND), site.app.app_context():
        assert close_overdue() == 0
    with at(end + 121 * SECOND), site.app.app_context():
        assert close_overdue() == 1


def test_after_the_deadline_there_is_nothing_left_to_pause(room, site, watcher):
    with at(attempt_of(site).deadline + SECOND):
        assert "时间已到" in act(watcher, "pause").text
    assert attempt_of(site).paused_at is None


def test_two_invigilators_at_once_pause_and_resume_once(room, site, watcher, sign_in, cast):
    other = sign_in(cast.zhou)
    start = instant().replace(microsecond=0)
    end = attempt_of(site).deadline
    with at(start):
        assert act(watcher, "pause").status_code == 303
    with at(start + 10 * SECOND):
        assert "计时已经停住了" in act(other, "pause").text
    with at(start + 30 * SECOND):
        assert act(watcher, "resume").status_code == 303
    with at(start + 50 * SECOND):
        assert "计时没有停" in act(other, "resume").text
    assert attempt_of(site).deadline == end + 30 * SECOND
    with site.app.app_context():
        kinds = list(session().scalars(select(SittingEvent.kind)))
    assert (kinds.count("paused"), kinds.count("resumed")) == (1, 1)


def test_extending_a_paused_sitting_adds_to_the_pause(room, site, watcher):
    start, end = instant().replace(microsecond=0), attempt_of(site).deadline
    with at(start):
        act(watcher, "pause")
    with at(start + 20 * SECOND):
        post(
            watcher,
            "/events/1/entries/1/extend",
            {"minutes": "5", "reason": "停电"},
            page="/events",
        )
        act(watcher, "resume")
    assert attempt_of(site).deadline == end + 320 * SECOND


def test_pausing_needs_a_reason(room, site, watcher):
    assert act(watcher, "pause", reason=" ").status_code == 200
    assert attempt_of(site).paused_at is None


def test_a_whole_room_is_paused_resumed_and_extended_and_no_other(site, cast, sign_in):
    wang, zhao, first, _second = two_rooms(site.app, cast)
    open_room(sign_in(cast.wang), wang)
    open_room(sign_in(cast.zhao), zhao)
    client = sign_in(cast.zhou)
    ends = [attempt_of(site, n).deadline for n in (1, 2)]
    start = instant().replace(microsecond=0)

    def room_act(name, seconds, **data):
        with at(start + seconds * SECOND):
            page = f"/events/1/wall/{first}/{name}"
            return post(client, page, {"reason": "停电", **data}, page="/events")

    assert "203" in client.get(f"/events/1/wall/{first}/pause").text
    assert room_act("pause", 0).status_code == 303
    assert "没有适用的考生" in room_act("pause", 1).text
    assert attempt_of(site, 1).paused_at is not None
    assert attempt_of(site, 2).paused_at is None
    assert room_act("extend", 5, minutes="10").status_code == 303
    assert room_act("resume", 60).status_code == 303
    assert attempt_of(site, 1).deadline == ends[0] + 660 * SECOND
    assert attempt_of(site, 2).deadline == ends[1]


def test_who_was_stopped_alone_does_not_go_on_with_the_room(site, cast, sign_in):
    wang, _zhao, first, _second = two_rooms(site.app, cast)
    with site.app.app_context(), unit_of_work():
        event, now = session().get_one(Entry, wang).event, instant()
        li = enter_person(event, cast.li, cast, now)
        li.room_id, li.seat = first, 2
        li = li.id
    open_room(sign_in(cast.wang), wang)
    open_room(sign_in(cast.li), li)
    client = sign_in(cast.zhou)
    alone = f"/events/1/entries/{li}/{{}}"
    whole = f"/events/1/wall/{first}/{{}}"
    post(client, alone.format("pause"), {"reason": "晕倒，等医生"}, page="/events")
    post(client, whole.format("pause"), {"reason": "停电"}, page="/events")
    assert "停住的 1 人" in client.get(whole.format("resume")).text
    assert post(client, whole.format("resume"), page="/events").status_code == 303
    assert attempt_of(site, 1).paused_at is None
    assert attempt_of(site, 2).paused_at is not None
    assert "没有适用的考生" in post(client, whole.format("resume"), page="/events").text
    assert post(client, alone.format("resume"), page="/events").status_code == 303
    assert attempt_of(site, 2).paused_at is None
    # Stopped alone after the room went on, she is alone again, though the room stopped her before.
    post(client, whole.format("pause"), {"reason": "停电"}, page="/events")
    post(client, whole.format("resume"), page="/events")
    post(client, alone.format("pause"), {"reason": "晕倒"}, page="/events")
    assert "没有适用的考生" in post(client, whole.format("resume"), page="/events").text


def test_while_paused_no_door_gives_a_question(room, site, watcher):
    stem = room.paper[0]["stem"]
    room.answer(1, room.right(1))
    act(watcher, "pause")
    told = room.enter().json
    assert (told["paused"], told["questions"]) == (True, [])
    assert set(told["answers"]) == {"1"}
    assert told["last_seq"] == 1
    act(watcher, "resume")
    assert room.enter().json["questions"][0]["stem"] == stem
    plain = f"/exams/room/{room.attempt}/q/1"
    post(room.client, plain, {"take_over": "1"}, page="/exams")
    assert stem in room.client.get(plain).text
    act(watcher, "pause")
    page = room.client.get(plain)
    assert page.status_code == 200
    assert stem not in page.text
    assert "暂停了考试" in page.text
    act(watcher, "resume")
    assert stem in room.client.get(plain).text


def test_the_device_is_released_the_next_one_enters_and_the_old_one_is_refused(
    room, site, watcher, sign_in, cast
):
    room.answer(1, room.right(1))
    new = type(room)(sign_in(cast.wang), room.attempt)
    assert new.enter().json["code"] == "other-device"
    assert act(watcher, "release").status_code == 303
    assert room.answer(2, room.right(2)).json["code"] == "other-device"
    assert room.enter().json["code"] == "other-device"
    assert room.enter(take_over=True).json["code"] == "other-device"
    assert new.enter().status_code == 200
    assert new.answer(2, new.right(2)).status_code == 200
    assert room.enter(take_over=True).json["code"] == "other-device"
    with site.app.app_context():
        assert set(folded(room.attempt)) == {1, 2}
        kinds = set(session().scalars(select(SittingEvent.kind)))
    assert {"released", "taken_over"} <= kinds


def test_nobody_acts_on_her_own_sitting(site, cast, sign_in):
    ready(site.app, cast)
    with site.app.app_context(), unit_of_work():
        event, now = session().get_one(Entry, 1).event, instant()
        hall(event, cast, "203", 5)
        own = enter_person(event, cast.zhou, cast, now).id
    room, zhou = open_room(sign_in(cast.wang), 1), sign_in(cast.zhou)
    mine = open_room(zhou, own)
    before = attempt_of(site, mine.attempt).deadline
    for path in ("pause", "extend", "release", "withdraw"):
        url = f"/events/1/entries/{own}/{path}"
        typed = {"reason": "停电", "minutes": "60"}
        assert post(zhou, url, typed, page="/events").status_code == 404, path
    typed = {"reason": "停电", "minutes": "20"}
    assert post(zhou, "/events/1/wall/1/extend", typed, page="/events").status_code == 303
    assert attempt_of(site, mine.attempt).deadline == before
    assert attempt_of(site, room.attempt).deadline > before
