"""The wall: a tile a candidate, trouble first, one fixed price; and the log behind a tile."""

import re
from datetime import timedelta

import pytest
import time_machine

from exams.entries.models import ExamEvent
from exams.invigilation.rules import Seen, State, state_of, trouble
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.factories.exams import enter_person, open_room, ready
from tests.factories.halls import two_rooms
from tests.forms import post
from tests.statements import count_statements

NOW = clock.now().replace(microsecond=0)
LOST = timedelta(seconds=90)


def seen(**changes):
    facts = {
        "admitted": True, "state": "open", "how": "", "paused": False,
        "deadline": NOW + timedelta(hours=1), "last_seen": NOW,
    }  # fmt: skip
    return Seen(**(facts | changes))


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"state": None, "admitted": False}, State.NOT_HERE),
        ({"state": None}, State.ADMITTED),
        ({}, State.ANSWERING),
        ({"last_seen": NOW - timedelta(seconds=89)}, State.ANSWERING),
        ({"last_seen": NOW - timedelta(seconds=90)}, State.LOST),
        ({"last_seen": NOW - timedelta(hours=1), "paused": True}, State.PAUSED),
        ({"deadline": NOW}, State.ANSWERING),
        ({"deadline": NOW - timedelta(seconds=1)}, State.TIME_UP),
        ({"deadline": NOW - timedelta(seconds=1), "paused": True}, State.PAUSED),
        ({"state": "concluded"}, State.HANDED_IN),
        ({"state": "concluded", "how": "timed_out"}, State.TIME_UP),
        ({"state": "expelled"}, State.EXPELLED),
    ],
)
def test_a_tile_says_one_thing(facts, state):
    assert state_of(seen(**facts), NOW, LOST) is state


def test_trouble_comes_first():
    ranks = [
        trouble(State.LOST, 0, 0, 1, 0),
        trouble(State.ANSWERING, 2, 0, 1, 0),
        trouble(State.PAUSED, 0, 0, 1, 0),
        trouble(State.NOT_HERE, 0, 0, 0, 0),
        trouble(State.ANSWERING, 0, 0, 1, 0),
        trouble(State.HANDED_IN, 0, 0, 1, 1),
        trouble(State.HANDED_IN, 0, 0, 1, 0),
    ]
    assert ranks == sorted(ranks)
    assert trouble(State.ANSWERING, 0, 1, 1, 0) == trouble(State.ANSWERING, 0, 0, 2, 0) == 1


@pytest.fixture
def rooms(site, cast, sign_in):
    wang, zhao, *_places = two_rooms(site.app, cast)
    return open_room(sign_in(cast.wang), wang), open_room(sign_in(cast.zhao), zhao)


def names(page):
    return re.findall(r"<b>(\w+)</b>(?:<span class=\"wall-seat|</span>)", page)


def test_what_happens_in_the_room_stands_on_the_wall(rooms, cast, sign_in):
    first, _second = rooms
    client = sign_in(cast.chen)
    assert client.get("/events/1/wall").location.endswith("/events/1/wall/1")
    first.answer(1, first.right(1))
    with time_machine.travel(clock.now() + timedelta(seconds=1), tick=False):
        first.post("/left", {"device": first.device, "op": "report-one", "seconds": 5})
        first.client.get(f"/exams/room/{first.attempt}/clock?unsent=3")
        text = client.get("/events/1/wall/1?tiles=1").text
    for words in ("王桂兰", "1 号", "正在作答", "1 / 100", "3 题还没交上来", "离开 1 次"):
        assert words in text
    assert "赵" not in text
    other = type(first)(sign_in(cast.wang), first.attempt)
    other.enter(take_over=True)
    assert "换设备 1 次" in client.get("/events/1/wall/1?tiles=1").text
    with time_machine.travel(clock.now() + timedelta(minutes=4, seconds=30), tick=False):
        text = client.get("/events/1/wall/1?tiles=1").text
    assert "失去联系 4 分钟" in text
    other.hand_in()
    assert "已交卷" in client.get("/events/1/wall/1?tiles=1").text


def test_the_page_works_without_script_and_the_lost_one_comes_first(rooms, cast, sign_in):
    first, second = rooms
    client = sign_in(cast.zhou)
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=False):
        first.answer(1, first.right(1))
        page = client.get("/events/1/wall").text
        assert page.index(">赵") < page.index("王桂兰</b>")
        second.answer(1, second.right(1))
        second.post("/left", {"device": second.device, "op": "report-one", "seconds": 5})
        page = client.get("/events/1/wall").text
    assert page.index(">赵") < page.index("王桂兰</b>")
    assert "没有脚本时请手动刷新页面" in page


def test_nothing_new_costs_nothing_to_send(rooms, cast, sign_in):
    client, moment = sign_in(cast.chen), clock.now()
    with time_machine.travel(moment, tick=False):
        first = client.get("/events/1/wall/1?tiles=1")
        tag = {"If-None-Match": first.headers["ETag"]}
        same = client.get("/events/1/wall/1?tiles=1", headers=tag)
        assert (same.status_code, same.data) == (304, b"")
        rooms[0].answer(1, rooms[0].right(1))
        assert client.get("/events/1/wall/1?tiles=1", headers=tag).status_code == 200


def test_a_refresh_costs_as_many_statements_for_many_as_for_one(site, cast, sign_in):
    open_room(sign_in(cast.wang), ready(site.app, cast))
    client = sign_in(cast.zhou)

    def counted():
        with count_statements() as statements:
            assert client.get("/events/1/wall?tiles=1").status_code == 200
        return len(statements)

    counted()
    before = counted()
    with site.app.app_context(), unit_of_work():
        event = session().get_one(ExamEvent, 1)
        entries = [
            enter_person(event, person, cast, clock.now()).id
            for person in (cast.zhao, cast.li, cast.sun)
        ]
    for person, entry_id in zip((cast.zhao, cast.li), entries, strict=False):
        open_room(sign_in(person), entry_id)
    assert counted() == before


def test_the_log_shows_who_did_what_and_late_answers_with_their_claims(rooms, site, cast, sign_in):
    first, _second = rooms
    client = sign_in(cast.chen)
    post(client, "/events/1/entries/1/pause", {"reason": "桌子坏了"}, page="/events")
    post(client, "/events/1/entries/1/resume", page="/events")
    with site.app.app_context():
        end = session().get_one(Attempt, 1, populate_existing=True).deadline
    with time_machine.travel(end - timedelta(seconds=70), tick=False):
        first.answer(1, first.right(1))
    with time_machine.travel(end + timedelta(seconds=30), tick=False):
        claimed = end - timedelta(seconds=3)
        first.send(first.step(2, first.right(2), at=claimed))
        page = client.get("/events/1/entries/1/watch").text
    for words in (
        "开始考试（第 1 次）",
        "进入考场",
        "暂停计时：桌子坏了",
        "恢复计时",
        "到时后补送的答案",
    ):
        assert words in page
    local = [f"{m.astimezone(clock.SHANGHAI):%H:%M:%S}" for m in (
        claimed, end + timedelta(seconds=30), end - timedelta(seconds=70))]  # fmt: skip
    row = page[page.index("到时后补送的答案</h2>") :]
    assert [row.index(text) for text in local] == sorted(row.index(text) for text in local)
