"""Clashes of venue and person, and invitations by rule."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from courses import central
from courses.api import materialise
from courses.classroom.models import Seat, SeatStep
from courses.classroom.operations import sessions
from courses.classroom.rules import Stretch
from lms.core import clock
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.core.notify import unread
from lms.core.uow import unit_of_work
from tests.factories.central import NINE, book, hr, open_session, plan, teacher
from tests.forms import post

BEFORE = NINE - timedelta(days=3)
HOUR = timedelta(hours=1)


def test_a_venue_is_not_used_twice_at_once(app, cast):
    row = open_session(cast)
    with pytest.raises(Invalid, match="同一时间也用这个地点"), unit_of_work():
        sessions.plan_session(cast.base, plan(start=NINE + 5 * HOUR), teacher(cast), BEFORE)
    for fine in (plan(start=NINE + 6 * HOUR), plan(venue="二楼")):
        with unit_of_work():
            made = sessions.plan_session(cast.base, fine, teacher(cast), BEFORE)
    with pytest.raises(Invalid), unit_of_work():
        central.change_session(made.id, made.revision, plan(), teacher(cast), BEFORE)
    with unit_of_work():
        central.cancel_session(row.id, "停电", teacher(cast), BEFORE)
    with unit_of_work():
        central.change_session(made.id, made.revision, plan(), teacher(cast), BEFORE)


def test_a_session_does_not_clash_with_itself(app, cast):
    row = open_session(cast)
    with unit_of_work():
        central.change_session(row.id, row.revision, plan(title="新名称"), teacher(cast), BEFORE)


def test_a_teacher_of_the_base_teaches_one_session_at_a_time(app, cast):
    with unit_of_work():
        row = sessions.plan_session(cast.base, plan(teachers=(cast.chen,)), teacher(cast), BEFORE)
    assert [one.person_id for one in row.teachers] == [cast.chen]
    clash = plan(venue="二楼", start=NINE + HOUR, teachers=(cast.chen,))
    with pytest.raises(Invalid, match="陈建国 同一时间"), unit_of_work():
        sessions.plan_session(cast.base, clash, teacher(cast), BEFORE)
    with pytest.raises(Invalid, match="主办基地的教师"), unit_of_work():
        sessions.plan_session(
            cast.base, plan(venue="三楼", teachers=(cast.wang,)), teacher(cast), BEFORE
        )
    with unit_of_work():
        central.change_session(row.id, row.revision, plan(teachers=()), teacher(cast), BEFORE)
        sessions.plan_session(cast.base, clash, teacher(cast), BEFORE)
    assert row.teachers == []


def test_teachers_are_ticked_in_the_form_and_named_on_the_page(do, cast, sign_in):
    with time_machine.travel(BEFORE, tick=False):
        row, chen = do(open_session, cast), sign_in(cast.chen)
        page = chen.get(f"/sessions/{row.id}/edit").text
        revision = re.search(r'name="revision"[^>]*value="(\d+)"', page)[1]
        assert f'value="{cast.chen}"' in page
        form = {
            "organiser": cast.base, "region": "140105", "year": "2026", "capacity": "10",
            "title": "失智照护", "venue": "报告厅", "day_1": "2026-11-23", "start_1": "09:00",
            "end_1": "15:00", "revision": revision, "teachers": str(cast.chen),
        }  # fmt: skip
        assert post(chen, f"/sessions/{row.id}/edit", form).status_code == 303
        assert "陈建国" in sign_in(cast.county).get(f"/sessions/{row.id}").text
        assert "checked" in chen.get(f"/sessions/{row.id}/edit").text
        forged = form | {"revision": str(int(revision) + 1), "teachers": str(cast.wang)}
        assert post(chen, f"/sessions/{row.id}/edit", forged).status_code == 422


def test_nobody_gets_two_seats_at_the_same_time(app, cast):
    first = open_session(cast)
    second = open_session(cast, venue="二楼", start=NINE + HOUR)
    parts = (Stretch(NINE + 8 * HOUR, NINE + 9 * HOUR), Stretch(NINE + 30 * HOUR, NINE + 33 * HOUR))
    third = open_session(cast, venue="三楼", parts=parts)
    book(first, [cast.wang], cast, BEFORE)
    got = book(second, [cast.wang, cast.li], cast, BEFORE)
    assert (got.booked, got.elsewhere) == ((cast.li,), (cast.wang,))
    assert book(third, [cast.wang], cast, BEFORE).booked == (cast.wang,)
    with unit_of_work():
        central.cancel_seat(first.id, cast.wang, hr(cast), BEFORE)
    assert book(second, [cast.wang], cast, BEFORE).booked == (cast.wang,)


def test_who_sits_elsewhere_by_now_is_passed_over_on_the_waiting_list(app, cast):
    row = open_session(cast, capacity=1)
    book(row, [cast.zhao, cast.wang, cast.li], cast, BEFORE)
    book(open_session(cast, venue="二楼", start=NINE + HOUR), [cast.wang], cast, BEFORE)
    with unit_of_work():
        central.cancel_seat(row.id, cast.zhao, hr(cast), BEFORE)
    places = session().execute(select(Seat.person_id, Seat.status).filter_by(session_id=row.id))
    assert dict(places.tuples().all()) == {
        cast.zhao: "cancelled", cast.wang: "waiting", cast.li: "booked",
    }  # fmt: skip


def test_hr_is_told_who_sits_elsewhere(do, cast, sign_in):
    with time_machine.travel(BEFORE, tick=False):
        do(book, do(open_session, cast), [cast.wang], cast, BEFORE)
        other = do(open_session, cast, venue="二楼")
        li = sign_in(cast.li)
        post(li, f"/sessions/{other.id}/book", {"person_id": cast.wang})
        assert "1 人同一时间已有别的培训" in li.get(f"/sessions/{other.id}").text


@pytest.fixture
def flags(app, cast):
    """The flags as the night before wrote them."""
    with time_machine.travel(BEFORE, tick=False):
        materialise(NINE.year, clock.today(), clock.now())


def test_everybody_who_still_owes_the_year_is_invited_once(flags, cast):
    row = open_session(cast)
    with time_machine.travel(BEFORE, tick=False):
        for expected in (1, 0):
            with unit_of_work():
                assert central.invite_by_rule(row.id, teacher(cast), BEFORE) == expected
        assert [notice.kind for notice in unread(cast.wang)] == ["central.invited"]
        assert unread(cast.zhao) == []  # another county's
    places = session().execute(select(Seat.person_id, Seat.status)).all()
    assert [tuple(place) for place in places] == [(cast.wang, "invited")]
    assert session().scalar(select(func.count()).select_from(SeatStep)) == 1


def test_a_closed_or_planned_session_invites_nobody(flags, cast):
    with unit_of_work():
        row = sessions.plan_session(cast.base, plan(), teacher(cast), BEFORE)
    with pytest.raises(Conflict), unit_of_work():
        central.invite_by_rule(row.id, teacher(cast), BEFORE)


def test_she_answers_on_her_phone(do, cast, sign_in):
    with time_machine.travel(BEFORE, tick=False):
        row, other = do(open_session, cast), do(open_session, cast, venue="二楼")
        do(materialise, NINE.year, clock.today(), clock.now())
        chen, wang = sign_in(cast.chen), sign_in(cast.wang)
        for one in (row, other):
            assert post(chen, f"/sessions/{one.id}/invite").status_code == 303
        assert "我参加" in wang.get("/learn/central").text
        post(wang, f"/learn/central/{row.id}/come")
        assert "已为您留好座位" in wang.get("/learn/central").text
        post(wang, f"/learn/central/{other.id}/come")
        assert "您同一时间已有别的培训" in wang.get("/learn/central").text
        post(wang, f"/learn/central/{other.id}/decline")
        assert "已回复不参加" in wang.get("/learn/central").text
        assert post(wang, f"/learn/central/{row.id}/decline").status_code == 404
        assert post(sign_in(cast.zhao), f"/learn/central/{row.id}/come").status_code == 404
    seats = do(lambda: dict(session().execute(select(Seat.session_id, Seat.status)).all()))
    assert seats == {row.id: "booked", other.id: "cancelled"}
