"""Rooms, seats, invigilators, the identity code, and who may be admitted where."""

import io
from datetime import date, timedelta

import pytest
import time_machine
from PIL import Image
from sqlalchemy import select

from exams.entries.admission import present_code
from exams.entries.models import Entry, ExamEvent, ExamRoom
from exams.entries.operations import EventPlan, create_event
from exams.entries.registering import register_candidates
from exams.entries.seating import invigilators_needed, seat_everyone
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.rules import add_version, rule_on
from lms.core.uow import unit_of_work
from lms.people.staff.photos import keep_photo, portrait
from tests.factories.exams import (
    draft_event,
    enter_person,
    examiner,
    fill_bank,
    open_room,
    ready,
    theory_event,
)
from tests.factories.halls import hall, make_invigilator, two_rooms
from tests.forms import post

ROOM = {
    "site": "实训基地",
    "address": "太原市小店区",
    "directions": "进门左转",
    "name": "203",
    "seats": "2",
}


def entry(number):
    return session().get_one(Entry, number, populate_existing=True)


@pytest.mark.parametrize(
    ("candidates", "needed"), [(0, 0), (1, 2), (30, 2), (31, 3), (45, 3), (46, 4)]
)
def test_one_invigilator_for_fifteen_and_two_at_least(candidates, needed):
    assert invigilators_needed(candidates, 15, 2) == needed


def test_seats_are_filled_room_by_room_and_taken_ones_are_left_alone():
    seated = seat_everyone([7, 8, 9, 10], [(1, 2), (2, 1)], {1: {1}})
    assert seated == {7: (1, 2), 8: (2, 1)}


def test_candidates_are_seated_by_themselves_and_moved_by_hand(site, cast, sign_in):
    ready(site.app, cast)
    with site.app.app_context(), unit_of_work():
        enter_person(session().get_one(ExamEvent, 1), cast.zhao, cast, clock.now())
    client = sign_in(cast.zhou)
    assert (
        post(client, "/events/1/rooms", {**ROOM, "address": ""}, page="/events").status_code == 200
    )
    assert post(client, "/events/1/rooms", ROOM, page="/events").status_code == 303
    with site.app.app_context():
        assert [(entry(n).room_id, entry(n).seat) for n in (1, 2)] == [(1, 1), (1, 2)]
        assert session().scalar(select(ExamRoom.name)) == "203"
    taken = post(client, "/events/1/entries/1/seat", {"room_id": "1", "seat": "2"}, page="/events")
    assert "2 号座位已经有人" in taken.text
    beyond = post(client, "/events/1/entries/1/seat", {"room_id": "1", "seat": "3"}, page="/events")
    assert "只有 1 到 2 号座位" in beyond.text
    post(client, "/events/1/rooms", {**ROOM, "name": "204", "address": ""}, page="/events")
    moved = {"room_id": "2", "seat": "2"}
    assert post(client, "/events/1/entries/1/seat", moved, page="/events").status_code == 303
    post(client, "/events/1/entries/2/withdraw", page="/events")
    with site.app.app_context():
        assert (entry(1).room_id, entry(1).seat) == (2, 2)
        assert entry(2).room_id is None
    assert (
        "还有考生"
        in post(client, "/events/1/rooms/2/drop", page="/events", follow_redirects=True).text
    )
    post(client, "/events/1/rooms/1/drop", page="/events")
    with site.app.app_context():
        assert session().get(ExamRoom, 1) is None


def test_ticket_and_lists_say_where_to_sit(site, cast, sign_in):
    two_rooms(site.app, cast)
    picture = io.BytesIO()
    Image.new("RGB", (295, 413), "white").save(picture, "JPEG")
    with site.app.app_context(), unit_of_work():
        keep_photo(cast.wang, portrait(picture.getvalue()), SYSTEM, clock.now())
    page = sign_in(cast.wang).get("/exams/1")
    for text in ("实训基地", "太原市小店区", "公交 12 路到南门", "203", "1 号", "打印准考证"):
        assert text in page.text
    client = sign_in(cast.zhou)
    with site.app.app_context():
        ticket = entry(1).ticket
    seats, door = (client.get(f"/events/1/rooms/1/{kind}").text for kind in ("seats", "door"))
    for text in (ticket, "王桂兰", "140105********"):
        assert text in seats
    assert "entries/1/photo" in seats
    assert client.get("/events/1/entries/1/photo").mimetype == "image/jpeg"
    assert "没有照片" in client.get("/events/1/rooms/2/seats").text
    assert ticket in door
    assert "赵" not in door.split("<main")[1]


def test_an_invigilator_is_no_candidate_and_in_one_room_at_a_time(site, cast, sign_in):
    two_rooms(site.app, cast)
    client = sign_in(cast.zhou)

    def assign(room, person, event=1):
        data = {"person_id": str(person)}
        page = f"/events/{event}/rooms/{room}/watch"
        return post(client, page, data, page="/events", follow_redirects=True).text

    assert "只能安排本单位的监考员" in assign(1, cast.admin)
    assert "同一时间在“203”监考" in assign(2, cast.chen)
    with site.app.app_context(), unit_of_work():
        make_invigilator(cast, cast.wang)
        now = clock.now()
        bank = fill_bank(cast, now, papers=1, code="more")
        other = theory_event(cast, bank, now, title="同时的考试")
        later = theory_event(
            cast, bank, now, opens_at=now + timedelta(hours=4), closes_at=now + timedelta(hours=8)
        )
        third, fourth = hall(other, cast).id, hall(later, cast).id
    assert "是这场考试的考生" in assign(2, cast.wang)
    assert "同一时间在“203”监考" in assign(third, cast.chen, 2)
    assert "已安排监考员" in assign(fourth, cast.chen, 3)
    with site.app.app_context(), unit_of_work():
        event = session().get_one(ExamEvent, 1)
        done = register_candidates(event, [cast.chen], examiner(cast), clock.now(), "材料齐全")
    assert done.refused[cast.chen].missing == ("是这场考试的监考员",)


def draft_with_a_room(site, cast):
    with site.app.app_context(), unit_of_work():
        now = clock.now()
        bank = fill_bank(cast, now)
        times = {"opens_at": now, "closes_at": now + timedelta(hours=4), "minutes": 90}
        plan = EventPlan("理论考试", 2, "theory", cast.base, bank.id, **times)
        event = create_event(plan, examiner(cast), now)
        enter_person(event, cast.wang, cast, now)
        hall(event, cast)


def test_publishing_is_refused_or_warned_about_as_the_rule_says(site, cast, sign_in):
    draft_with_a_room(site, cast)
    client, said = sign_in(cast.zhou), "有 1 名考生，要 2 名监考员，现在有 0 名"
    assert said in client.get("/events/1").text
    post(client, "/events/1/publish", page="/events")
    with site.app.app_context():
        assert session().get_one(ExamEvent, 1).status == "draft"
    with site.app.app_context(), unit_of_work():
        rule = rule_on("exams.invigilation", clock.local_date(clock.now()))
        value = rule.value | {"when_short": "warn"}
        add_version(SYSTEM, "exams.invigilation", value, date(2024, 7, 13), "试验")
    assert said in client.get("/events/1").text
    post(client, "/events/1/publish", page="/events")
    with site.app.app_context():
        assert session().get_one(ExamEvent, 1).status == "published"


@pytest.fixture
def guarded(site, cast):
    """An event whose candidates begin with the code of their room."""
    ready(site.app, cast)
    with site.app.app_context(), unit_of_work():
        event = session().get_one(ExamEvent, 1)
        event.admission = "code"
        hall(event, cast, "203", 1)
        enter_person(event, cast.zhao, cast, clock.now())
        hall(event, cast, "204", 1)
    return site


def code_of(site, room, moment=None):
    with site.app.app_context():
        return present_code(room, moment or clock.now())[0]


def begin(client, code=None):
    data = {} if code is None else {"code": code}
    return post(client, "/exams/1/start", data, page="/exams", follow_redirects=False)


def wrong(site):
    right = {code_of(site, 1), code_of(site, 1, clock.now() - timedelta(seconds=60))}
    return next(code for code in ("000000", "111111", "222222") if code not in right)


def test_the_code_of_her_own_room_lets_her_begin(guarded, cast, sign_in):
    client = sign_in(cast.wang)
    assert "6 位验证码" in client.get("/exams/1").text
    assert begin(client).status_code == 409
    other = code_of(guarded, 2)
    assert other != code_of(guarded, 1)
    assert begin(client, other).location.endswith("/exams/1")
    assert (
        "room/1" in begin(client, f"{code_of(guarded, 1)[:3]} {code_of(guarded, 1)[3:]}").location
    )


def test_a_code_lives_for_its_minute_and_the_next(guarded, cast, sign_in):
    start = clock.now().replace(second=0, microsecond=0)
    code = code_of(guarded, 1, start)
    assert code != code_of(guarded, 1, start + timedelta(seconds=60))
    with time_machine.travel(start + timedelta(seconds=120), tick=False):
        assert begin(sign_in(cast.wang), code).location.endswith("/exams/1")
    with time_machine.travel(start + timedelta(seconds=119), tick=False):
        assert "room/1" in begin(sign_in(cast.wang), code).location


def test_wrong_codes_get_one_answer_and_too_many_shut_the_door_for_a_while(guarded, cast, sign_in):
    client, start = sign_in(cast.wang), clock.now().replace(second=5, microsecond=0)
    with time_machine.travel(start, tick=False):
        begin(client, "12345")
        assert "6 位数字" in client.get("/exams/1").text
        bad = wrong(guarded)
        for _try in range(5):
            begin(client, bad)
            assert "验证码不对或者已经换了" in client.get("/exams/1").text
        begin(client, code_of(guarded, 1))
        assert "尝试次数过多" in client.get("/exams/1").text
    later = start + timedelta(seconds=301)
    with time_machine.travel(later, tick=False):
        assert "room/1" in begin(client, code_of(guarded, 1)).location


def test_where_the_invigilator_admits_nobody_begins_before(site, cast, sign_in):
    ready(site.app, cast, admission="invigilator")
    client, watcher = sign_in(cast.wang), sign_in(cast.zhou)
    assert begin(client).status_code == 409
    assert "我可以开始了" in client.get("/exams/1").text
    assert "王桂兰" in watcher.get("/events/1/entries/1/admit").text
    post(watcher, "/events/1/entries/1/admit", page="/events")
    assert open_room(client, 1).attempt == 1


def test_an_invigilator_acts_in_her_room_only(site, cast, sign_in):
    wang, zhao, first, second = two_rooms(site.app, cast)
    open_room(sign_in(cast.wang), wang)
    open_room(sign_in(cast.zhao), zhao)
    acts = ("pause", "resume", "release", "expel", "admit", "extend")
    reason = {"reason": "有事要处理", "minutes": "5"}
    expected = {
        cast.chen: {wang: 200, zhao: 404, first: 200, second: 404},
        cast.sun: {wang: 404, zhao: 200, first: 404, second: 200},
        cast.zhou: {wang: 200, zhao: 200, first: 200, second: 200},
        cast.county: {wang: 403, zhao: 403, first: 403, second: 403},
    }
    for person, allowed in expected.items():
        client = sign_in(person)
        shown = client.get("/events/1").text
        for candidate in (wang, zhao):
            offered = f"/events/1/entries/{candidate}/extend" in shown
            assert offered == (allowed[candidate] == 200), (person, candidate)
            for act in (*acts, "watch"):
                answer = client.get(f"/events/1/entries/{candidate}/{act}")
                assert answer.status_code == allowed[candidate], (person, candidate, act)
            if allowed[candidate] != 200:
                for act in acts:
                    page = f"/events/1/entries/{candidate}/{act}"
                    assert post(client, page, reason).status_code == allowed[candidate]
        for room, place in ((1, first), (2, second)):
            for path in (f"wall/{room}", f"wall/{room}/pause", f"rooms/{room}/seats"):
                assert client.get(f"/events/1/{path}").status_code == allowed[place], path


def test_a_house_without_rooms_lets_its_invigilators_act_everywhere(site, cast, sign_in):
    ready(site.app, cast)
    with site.app.app_context(), unit_of_work():
        make_invigilator(cast, cast.chen)
    assert sign_in(cast.chen).get("/events/1/entries/1/watch").status_code == 200
    with site.app.app_context(), unit_of_work():
        hall(session().get_one(ExamEvent, 1), cast)
    assert sign_in(cast.chen).get("/events/1/entries/1/watch").status_code == 404
    assert sign_in(cast.chen).get("/events/1/wall").status_code == 404


def test_who_is_withdrawn_and_comes_back_is_admitted_anew(site, cast, sign_in):
    entry = ready(site.app, cast, admission="invigilator")
    staff = sign_in(cast.zhou)
    assert post(staff, f"/events/1/entries/{entry}/admit", {}, page="/events").status_code == 303
    post(staff, f"/events/1/entries/{entry}/withdraw", {}, page="/events")
    with site.app.app_context(), unit_of_work():
        event = session().get_one(Entry, entry).event
        enter_person(event, cast.wang, cast, clock.now())
    assert post(sign_in(cast.wang), f"/exams/{entry}/start", page="/exams").status_code == 409


def test_nobody_waives_a_condition_for_herself(app, cast):
    with unit_of_work():
        now = clock.now()
        event = draft_event(cast, fill_bank(cast, now), now, rung=4)
        done = register_candidates(event, [cast.zhou, cast.wang], examiner(cast), now, "省里同意")
    assert (done.entered, list(done.refused)) == ((cast.wang,), [cast.zhou])
