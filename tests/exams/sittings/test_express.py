"""The express lane takes what the ordinary way would take, and leaves everything else to it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select, update
from sqlalchemy.exc import DataError, OperationalError

from exams.sittings.models import AnswerStep, Attempt
from lms.core import clock
from lms.core.access import SYSTEM, Role
from lms.core.db import db, session
from lms.core.uow import unit_of_work
from lms.people.api import grant_role
from lms.people.models import Account, SignIn
from tests.factories.exams import Room, open_room, ready
from tests.statements import count_statements


@pytest.fixture
def room(site, cast, sign_in):
    return open_room(sign_in(cast.wang), ready(site.app, cast))


@pytest.fixture
def ordinary(site, monkeypatch):
    """The paths that went the ordinary way."""
    lane, seen = site.app.wsgi_app, []
    inner = lane._inner

    def note(environ, start_response):
        seen.append(environ["PATH_INFO"])
        return inner(environ, start_response)

    monkeypatch.setattr(lane, "_inner", note)
    return seen


def stored(site):
    with site.app.app_context():
        return session().scalar(select(func.count()).select_from(AnswerStep))


def write(site, statement):
    with site.app.app_context(), unit_of_work():
        session().execute(statement)


def test_a_usual_answer_never_enters_the_app_and_needs_two_statements(room, site, ordinary):
    room.answer(1, {"picked": [0]})
    ordinary.clear()
    with count_statements() as seen:
        answer = room.answer(2, {"picked": [1]})
    assert (answer.status_code, answer.json["acked"], ordinary) == (200, [2], [])
    assert len([s for s in seen if not s.startswith("BEGIN")]) == 2
    assert stored(site) == 2


def test_its_answer_carries_the_headers_of_any_private_answer(room, ordinary):
    room.answer(1, {"picked": [0]})
    ordinary.clear()
    fast = room.answer(2, {"picked": [0]})
    assert ordinary == []
    slow = room.client.get(f"/exams/room/{room.attempt}/clock")
    kept = {name: value for name, value in slow.headers if name != "Content-Length"}
    kept["Vary"] = kept["Vary"].removesuffix(", Accept-Encoding")  # the lane compresses nothing
    assert {name: fast.headers.get(name) for name in kept} == kept


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda: update(SignIn).values(ended_at=clock.now()), 401),
        (lambda: update(SignIn).values(expires_at=clock.now() - timedelta(seconds=1)), 401),
        (lambda: update(SignIn).values(seen_at=clock.now() - timedelta(days=15)), 401),
        (lambda: update(Account).values(status="disabled"), 401),
        (lambda: update(Attempt).values(epoch=2), 409),
        (lambda: update(Attempt).values(device_hash="0" * 64), 409),
        (lambda: update(Attempt).values(deadline=clock.now() - timedelta(hours=1)), 409),
    ],
)
def test_whatever_ends_the_right_to_write_bites_at_once(room, site, ordinary, change, status):
    room.answer(1, {"picked": [0]})
    write(site, change())
    assert room.answer(2, {"picked": [0]}).status_code == status
    assert ordinary == [f"/exams/room/{room.attempt}/answers"]
    assert stored(site) == 1


@pytest.mark.parametrize("path", ["/answers", "/hand-in"])
def test_a_session_that_owes_the_second_factor_writes_nothing(room, site, path):
    """Somebody without a role who chose to have a second factor owes it like anybody else."""
    room.answer(1, {"picked": [0]})
    write(site, update(Account).values(totp_confirmed_at=clock.now()))
    write(site, update(SignIn).values(second_factor_at=None))
    steps = [room.step(2, {"picked": [1]})]
    steps = {"device": room.device, "epoch": room.epoch, "steps": steps}
    refused = room.post(path, steps)
    assert (refused.status_code, refused.json["code"]) == (403, "second-factor")
    assert stored(site) == 1
    write(site, update(SignIn).values(second_factor_at=clock.now()))
    assert room.post(path, steps).status_code == 200


def test_a_number_that_no_sitting_has_never_reaches_the_lane(room, site, monkeypatch):
    """PostgreSQL would refuse the whole group for it."""
    room.answer(1, {"picked": [0]})
    asked = []
    monkeypatch.setitem(site.app.wsgi_app.lanes, "answers", asked.append)
    room.attempt = 10**12
    assert room.answer(2, {"picked": [0]}).status_code == 404
    assert asked == []


def test_another_persons_sitting_is_not_found(room, site, cast, sign_in):
    other = Room(sign_in(cast.zhao), room.attempt, room.device, room.epoch)
    assert other.answer(1, {"picked": [0]}).status_code == 404
    assert stored(site) == 0


def test_without_the_forms_token_nothing_is_taken(room, site, sign_in, cast):
    right, room.token = room.answer(1, {"picked": [0]}), "made-up"
    assert right.status_code == 200
    assert room.answer(2, {"picked": [0]}).json["code"] == "form-expired"
    elsewhere = Room(sign_in(cast.wang), room.attempt, room.device, room.epoch, room.seq)
    elsewhere.post("/left", {})
    room.token = elsewhere.token  # a good token, but of another browser
    assert room.answer(2, {"picked": [0]}).json["code"] == "form-expired"
    assert stored(site) == 1


def test_somebody_with_a_role_goes_the_ordinary_way(room, site, cast, ordinary):
    with site.app.app_context(), unit_of_work():
        day = clock.today()
        grant_role(cast.wang, Role.MARKER, SYSTEM, clock.now(), day, organisation_id=cast.base)
    assert room.answer(1, {"picked": [0]}).status_code == 200
    assert f"/exams/room/{room.attempt}/answers" in ordinary


def test_a_batch_with_a_taken_number_is_kept_out_as_a_whole(room, site):
    room.answer(1, {"picked": [0]})
    clash = {**room.step(2, {"picked": [1]}), "seq": 1}
    refused = room.send(room.step(3, {"picked": [0]}), clash)
    assert (refused.status_code, refused.json["code"]) == (409, "sequence")
    assert stored(site) == 1


def test_the_session_is_noted_as_used_every_ten_minutes(room, site, ordinary):
    room.answer(1, {"picked": [0]})
    ordinary.clear()
    later = clock.now() + timedelta(minutes=11)
    with time_machine.travel(later, tick=False):
        assert room.answer(2, {"picked": [0]}).status_code == 200
    assert ordinary == []
    with site.app.app_context():
        assert session().scalar(select(func.max(SignIn.seen_at))) == later


def test_many_at_once_are_each_told_what_is_theirs(room, site, cast, sign_in):
    other = Room(sign_in(cast.zhao), room.attempt, room.device, room.epoch)
    posts = [room] * 20 + [other] * 5
    steps = [r.step(n, {"picked": [0]}) for n, r in enumerate(posts, 1)]
    room.answer(99, {"picked": [0]})

    def send(pair):
        who, step = pair
        browser = site.app.test_client()
        for cookie in who.client._cookies.values():
            browser.set_cookie(cookie.key, cookie.value)
        body = {"device": who.device, "epoch": who.epoch, "steps": [step]}
        return browser.post(
            f"/exams/room/{room.attempt}/answers", json=body, headers={"X-CSRFToken": who.token}
        )

    other.send(steps[20])
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, zip(posts, steps, strict=True)))
    assert [a.status_code for a in answers] == [200] * 20 + [404] * 5
    assert [a.json["acked"] for a in answers[:20]] == [[step["seq"]] for step in steps[:20]]
    assert stored(site) == 21


def test_a_database_that_is_locked_says_when_to_come_back_and_reads_go_on(room, site, monkeypatch):
    def locked(_connection, _posts):
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    group = site.app.wsgi_app.lanes["answers"].group
    with monkeypatch.context() as patch:
        patch.setattr(group, "_write", locked)
        step = room.step(1, {"picked": [0]})
        refused = room.send(step)
        assert (refused.status_code, refused.json["code"]) == (503, "unavailable")
        assert int(refused.headers["Retry-After"]) > 0
        assert room.client.get(f"/exams/room/{room.attempt}/clock").status_code == 200
    assert room.send(step).json["acked"] == [1]
    assert stored(site) == 1


@pytest.mark.parametrize("kind", ["OperationalError", "InterfaceError"])
def test_a_database_lost_while_a_lane_reads_says_when_to_come_back(room, site, monkeypatch, kind):
    def lost(_entrance):
        raise getattr(driver, kind)("the connection is lost")

    with site.app.app_context():
        driver = db.engine.dialect.loaded_dbapi
    monkeypatch.setitem(site.app.wsgi_app.lanes, "answers", lost)
    refused = room.send(room.step(1, {"picked": [0]}))
    assert (refused.status_code, refused.json["code"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0


def test_an_op_that_no_database_should_hold_is_malformed(room, site):
    step = room.step(1, {"picked": [0]})
    for op in ("abcd\0efgh", "abcd\nefgh", "abcd\x7fefgh"):
        refused = room.send({**step, "op": op})
        assert (refused.status_code, refused.json["code"]) == (422, "bad-steps")
        left = room.post("/left", {"device": room.device, "op": op, "seconds": 1})
        assert (left.status_code, left.json["code"]) == (422, "bad-steps")
    assert stored(site) == 0


def test_a_post_that_the_database_refuses_costs_nobody_else_an_answer(room, site, monkeypatch):
    def refuse(_connection, _posts):
        raise DataError("INSERT", {}, Exception("cannot contain NUL"))

    monkeypatch.setattr(site.app.wsgi_app.lanes["answers"].group, "_write", refuse)
    assert room.answer(1, {"picked": [0]}).json["acked"] == [1]
    assert stored(site) == 1
