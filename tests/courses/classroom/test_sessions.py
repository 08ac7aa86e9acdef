"""Sessions end to end below the pages: seats, attendance, closing, correcting."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from courses import central
from courses.api import hours_in_year, transcript
from courses.classroom.models import AttendanceFact, Seat, SessionOutcome, SessionStatement
from courses.classroom.operations import attendance, sessions
from courses.classroom.rules import Stretch
from lms.core.access import SYSTEM
from lms.core.db import db, session
from lms.core.errors import Conflict, Invalid
from lms.core.rules import add_version, rule_versions
from lms.core.uow import unit_of_work
from lms.people.api import NewPerson, employ, register_person
from tests.cast import THEN, citizen_id
from tests.factories.central import (
    NINE,
    book,
    close,
    code_now,
    come,
    hr,
    learner,
    open_session,
    plan,
    teacher,
)

BEFORE = NINE - timedelta(days=3)


def staff(cast, number):
    """More caregivers at 康宁."""
    made = []
    with unit_of_work():
        for serial in range(100, 100 + number):
            person = register_person(
                NewPerson(f"员工{serial}", citizen_id(serial)), teacher(cast), THEN
            )
            employ(person.id, cast.kangning, "caregiver", THEN.date(), teacher(cast), THEN)
            made.append(person.id)
    return made


def seats(row):
    return dict(
        session()
        .execute(select(Seat.person_id, Seat.status).where(Seat.session_id == row.id))
        .all()
    )


def test_hours_follow_from_the_minutes(app, cast):
    assert open_session(cast).tenths == 80


def test_an_impossible_plan_is_refused_with_the_cure(app, cast):
    backwards = plan(parts=(Stretch(NINE, NINE - timedelta(hours=1)),))
    double = plan(
        parts=(Stretch(NINE, NINE + timedelta(hours=2)), Stretch(NINE, NINE + timedelta(hours=1)))
    )
    for bad in (backwards, double, plan(capacity=0), plan(title=" "), plan(parts=())):
        with pytest.raises(Invalid), unit_of_work():
            sessions.plan_session(cast.base, bad, teacher(cast), BEFORE)


def test_the_last_seats_go_in_order_and_the_rest_wait(app, cast):
    row = open_session(cast, capacity=2)
    people = staff(cast, 4)
    got = book(row, people, cast, BEFORE)
    assert (got.booked, got.waiting) == (tuple(people[:2]), tuple(people[2:]))
    assert book(row, people, cast, BEFORE).already == tuple(people)


def test_a_seat_given_back_goes_to_whoever_waited_first(app, cast):
    row = open_session(cast, capacity=1)
    people = staff(cast, 3)
    book(row, people, cast, BEFORE)
    with unit_of_work():
        central.cancel_seat(row.id, people[0], hr(cast), BEFORE + timedelta(hours=1))
    assert seats(row) == {people[0]: "cancelled", people[1]: "booked", people[2]: "waiting"}


def test_more_seats_promote_those_who_wait(app, cast):
    row = open_session(cast, capacity=1)
    people = staff(cast, 3)
    book(row, people, cast, BEFORE)
    with unit_of_work():
        central.change_session(row.id, row.revision, plan(capacity=2), teacher(cast), BEFORE)
    assert sorted(seats(row).values()) == ["booked", "booked", "waiting"]


def test_a_stale_form_cannot_overwrite_a_newer_plan(app, cast):
    row = open_session(cast)
    with unit_of_work():
        central.change_session(row.id, row.revision, plan(title="新名称"), teacher(cast), BEFORE)
    with pytest.raises(Conflict), unit_of_work():
        central.change_session(row.id, 1, plan(title="旧名称"), teacher(cast), BEFORE)


def test_eight_people_at_once_never_overbook(site, app, cast):
    row = open_session(cast, capacity=3)
    people = staff(cast, 8)

    def one(person_id):
        with site.app.app_context():
            try:
                book(row, [person_id], cast, BEFORE)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, people))
    session().expire_all()
    states = sorted(seats(row).values())
    assert states == ["booked"] * 3 + ["waiting"] * 5


def test_a_scan_counts_once(app, cast):
    row = open_session(cast)
    book(row, [cast.wang], cast, BEFORE)
    step = attendance.check_code(row, code_now(row, NINE), NINE)
    for second in (0, 3, 40):
        with unit_of_work():
            noted = attendance.scan(
                row.id,
                "in",
                step,
                "code",
                "d",
                learner(cast.wang),
                NINE + timedelta(seconds=second),
            )
        assert noted.fresh == (second == 0)
    assert session().scalar(select(func.count()).select_from(AttendanceFact)) == 1


def test_an_old_code_cannot_be_used_again(app, cast):
    row = open_session(cast)
    code = code_now(row, NINE)
    with pytest.raises(attendance.CodeExpired):
        attendance.check_code(row, code, NINE + timedelta(seconds=31))


def test_somebody_without_a_seat_may_come_while_there_is_room(app, cast):
    row = open_session(cast, capacity=1)
    with unit_of_work():
        attendance.scan(row.id, "in", 1, "qr", "d", learner(cast.wang), NINE)
    assert seats(row) == {cast.wang: "booked"}
    with pytest.raises(Conflict), unit_of_work():
        attendance.scan(row.id, "in", 1, "qr", "d", learner(cast.zhao), NINE)


def test_check_in_outside_the_hours_is_refused(app, cast):
    row = open_session(cast)
    for moment in (NINE - timedelta(minutes=61), NINE + timedelta(hours=7)):
        with pytest.raises(attendance.NotInTime), unit_of_work():
            attendance.scan(row.id, "in", 1, "qr", "d", learner(cast.wang), moment)


def test_closing_posts_the_hours_once(app, cast):
    row = open_session(cast)
    book(row, [cast.wang, cast.li], cast, BEFORE)
    come(row, cast.wang, cast, NINE)
    closed = close(row, cast)
    assert (closed.attended, set(closed.counted)) == ((cast.wang,), {cast.wang, cast.li})
    assert close(row, cast) == closed
    assert hours_in_year(cast.wang, 2026) == {"professional": 80, "public": 0}
    assert transcript(cast.wang)[0].source_key == f"central:{row.id}:{cast.wang}"
    assert transcript(cast.li) == []


def test_a_session_is_not_closed_before_its_last_part_began(app, cast):
    row = open_session(cast)
    with pytest.raises(Conflict), unit_of_work():
        central.close_session(row.id, teacher(cast), NINE - timedelta(minutes=1))


def test_closing_early_earns_nobody_what_was_not_taught(app, cast):
    """Six hours were announced; closed as soon as the hour after the lunch began."""
    hour = timedelta(hours=1)
    parts = (Stretch(NINE, NINE + 3 * hour), Stretch(NINE + 5 * hour, NINE + 8 * hour))
    row = open_session(cast, parts=parts)
    book(row, [cast.wang], cast, BEFORE)
    come(row, cast.wang, cast, NINE)
    close(row, cast, NINE + 5 * hour + timedelta(minutes=15))
    outcome = session().scalars(select(SessionOutcome)).one()
    assert (outcome.minutes, outcome.attended) == (195, True)
    assert hours_in_year(cast.wang, 2026)["professional"] == 43
    with unit_of_work():
        central.recount(row.id, "再算一次", teacher(cast), row.ends_at + hour)
    assert hours_in_year(cast.wang, 2026)["professional"] == 43


def test_a_province_may_refuse_to_close_before_the_end(app, cast):
    row = open_session(cast)
    value = rule_versions("compliance.check_in")[-1].value | {"early_close": "refuse"}
    with unit_of_work():
        add_version(SYSTEM, "compliance.check_in", value, NINE.date() - timedelta(days=30), "试验")
    with pytest.raises(Conflict, match="还没有结束"):
        close(row, cast, row.ends_at - timedelta(seconds=1))
    close(row, cast, row.ends_at)


def test_a_correction_after_closing_reverses_and_posts_again(app, cast):
    row = open_session(cast)
    book(row, [cast.wang], cast, BEFORE)
    fact = come(row, cast.wang, cast, NINE)
    close(row, cast)
    later = row.ends_at + timedelta(days=1)
    with unit_of_work():
        central.take_back(row.id, fact.fact_id, "登记错人", teacher(cast), later)
    assert hours_in_year(cast.wang, 2026)["professional"] == 0
    with unit_of_work():
        central.correct(
            row.id,
            cast.wang,
            "in",
            NINE + timedelta(minutes=1),
            "签到表有本人签名",
            teacher(cast),
            later,
        )
    assert hours_in_year(cast.wang, 2026)["professional"] == 80
    lines = transcript(cast.wang)
    assert [line.tenths for line in lines] == [80, -80, 80]
    rounds = session().scalars(select(SessionOutcome.round).order_by(SessionOutcome.round))
    assert list(rounds) == [1, 2, 3]


def test_a_correction_after_closing_needs_a_reason(app, cast):
    row = open_session(cast)
    book(row, [cast.wang], cast, BEFORE)
    close(row, cast)
    with pytest.raises(Invalid), unit_of_work():
        central.correct(row.id, cast.wang, "in", NINE, " ", teacher(cast), row.ends_at)


def test_every_announcement_is_kept(app, cast):
    row = open_session(cast)
    with unit_of_work():
        central.cancel_session(row.id, "停电", teacher(cast), BEFORE)
    told = session().scalars(select(SessionStatement.status).order_by(SessionStatement.revision))
    assert list(told) == ["planned", "open", "cancelled"]
    with pytest.raises(Conflict):
        book(row, [cast.wang], cast, BEFORE)
