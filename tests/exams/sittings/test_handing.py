"""Handing in by the express lane: the same outcome as the ordinary way, and never a stale one."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from exams.bank.models import QuestionKey, QuestionVersion
from exams.marking.models import Mark
from exams.papers.models import Slot
from exams.results.models import Result, ResultRelease
from exams.sittings import handing
from exams.sittings.express import Post
from exams.sittings.models import Attempt, SittingEvent
from exams.sittings.queries import folded
from exams.sittings.rules import answers_digest
from lms.core import clock
from lms.core.db import db, session
from lms.core.notify import Notice
from lms.people.sessions import hashed
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


def post_of(room, epoch=None):
    token = room.client.get_cookie("session").value
    return Post(hashed(token), room.attempt, room.device, epoch or room.epoch, [])


def test_a_usual_hand_in_never_enters_the_app_and_leaves_what_the_ordinary_way_leaves(
    room, site, ordinary
):
    room.answer(1, room.right(1))
    ordinary.clear()
    with count_statements() as seen:
        answer = room.hand_in(room.step(2, room.right(2)))
    assert (answer.status_code, ordinary) == (200, [])
    assert (answer.json["acked"], answer.json["answered"]) == ([2], 2)
    assert len(seen) <= 19
    with site.app.app_context():
        attempt, result = session().get_one(Attempt, room.attempt), session().query(Result).one()
        assert attempt.state == "concluded"
        assert answer.json["receipt"] == attempt.receipt
        assert answer.json["digest"] == answers_digest(room.attempt, folded(room.attempt))
        assert (result.tenths, result.passed) == (20, False)
        assert session().scalar(select(func.sum(Mark.tenths))) == result.tenths
        assert session().query(ResultRelease).one().result_id == result.id
        notice = session().query(Notice).filter_by(kind="exams.result").one()
        assert (notice.key, notice.person_id) == (f"exams:result:{result.id}", result.person_id)
        kinds = list(session().scalars(select(SittingEvent.kind).order_by(SittingEvent.id)))
        assert kinds[-1] == "handed_in"
    assert room.hand_in().json["receipt"] == answer.json["receipt"]


def test_an_answer_that_comes_between_reading_and_writing_is_not_lost(room, site):
    room.answer(1, room.right(1))
    lane = site.app.wsgi_app.lanes["hand-in"]
    with site.app.app_context():
        read = handing.prepare(db.engine, post_of(room), lane.keys_for)
        assert read is not None
        room.answer(2, room.right(2))
        assert lane.group.submit(read) is None
        assert session().get_one(Attempt, room.attempt).state == "open"
    assert room.hand_in().json["answered"] == 2


def test_another_device_and_the_end_of_the_grace_time_are_looked_at_when_writing(room, site):
    lane = site.app.wsgi_app.lanes["hand-in"]
    with site.app.app_context():
        stale = handing.prepare(db.engine, post_of(room, room.epoch + 1), lane.keys_for)
        assert lane.group.submit(stale) is None
        read = handing.prepare(db.engine, post_of(room), lane.keys_for)
        attempt = session().get_one(Attempt, room.attempt)
        end = attempt.deadline + timedelta(seconds=attempt.grace_seconds)
        session().rollback()
        with time_machine.travel(end + timedelta(milliseconds=1), tick=False):
            assert lane.group.submit(read) is None
        with time_machine.travel(end, tick=False):
            assert lane.group.submit(read) is not None
        assert lane.group.submit(read) is None
        assert session().query(Result).count() == 1
        assert clock.now() < end


def test_nobody_hands_in_for_another(room, cast, sign_in, site, ordinary):
    other = Room(sign_in(cast.zhao), room.attempt, room.device, room.epoch)
    assert other.hand_in().status_code == 404
    with site.app.app_context():
        assert session().get_one(Attempt, room.attempt).state == "open"


def test_whatever_is_followed_by_a_certificate_goes_the_ordinary_way(room, ordinary):
    room.send(*[room.step(n, room.right(n)) for n in range(1, 101)])
    ordinary.clear()
    assert room.hand_in().status_code == 200
    assert ordinary == [f"/exams/room/{room.attempt}/hand-in"]


def test_keys_are_read_once_and_nothing_uncommitted_is_remembered(room, site):
    lane = site.app.wsgi_app.lanes["hand-in"]
    with site.app.app_context():
        slot = session().scalars(select(Slot).order_by(Slot.position).limit(1)).one()
        asked = [(slot.question_version_id, slot.part)]
        with count_statements() as first:
            key = lane.keys_for(asked)[asked[0]]
        with count_statements() as second:
            assert lane.keys_for(asked)[asked[0]] is key
        assert first
        assert second == []
        version = session().get_one(QuestionVersion, slot.question_version_id)
        told = {c.name: getattr(version, c.name) for c in QuestionVersion.__table__.columns}
        unborn = QuestionVersion(**told | {"id": None, "number": version.number + 1})
        session().add(unborn)
        session().flush()
        session().add(QuestionKey(question_version_id=unborn.id, key={"right": [0]}))
        session().flush()
        with pytest.raises(KeyError):
            lane.keys_for([(unborn.id, None)])
        session().rollback()
