"""Scans kept without a signal: judged by the code's own time, believed only if whole."""

import contextlib
import copy
import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from courses import central
from courses.api import hours_in_year
from courses.classroom import codes, signed
from courses.classroom.models import AttendanceFact, Seat, SessionOutcome
from courses.classroom.operations import delivering, sessions
from courses.classroom.operations.attendance import NotInTime
from courses.classroom.scan_models import HallKey, KeptScan
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.core.uow import unit_of_work
from tests.factories.central import NINE, book, close, come, open_session, teacher
from tests.factories.phones import Phone, base64url, bring

BEFORE = NINE - timedelta(days=3)
EVENING = NINE + timedelta(hours=10)


@pytest.fixture
def hall(app, cast):
    """An open session in which 王桂兰 has a seat."""
    row = open_session(cast)
    book(row, [cast.wang], cast, BEFORE)
    return row


@pytest.fixture
def phone(hall, cast):
    """Her phone, prepared three days before."""
    return Phone(cast.wang, BEFORE)


def written():
    """How many rows each table has that a scan may write to."""
    return [session().scalar(select(func.count()).select_from(t)) for t in (
        AttendanceFact, KeptScan, HallKey, Seat)]  # fmt: skip


def test_it_counts_at_the_time_of_the_code_and_keeps_the_other_two_times(hall, phone, cast):
    shown, wrong_clock = NINE + timedelta(seconds=7), NINE - timedelta(hours=3)
    done = bring(phone.scan(hall, shown, phone_at=wrong_clock), cast.wang, EVENING)
    assert done.at == NINE
    fact = session().scalars(select(AttendanceFact)).one()
    kept = session().scalars(select(KeptScan)).one()
    assert (fact.at, fact.recorded_at, fact.method, fact.device) == (NINE, EVENING, "qr", "phone")
    assert (kept.code_at, kept.phone_at, kept.recorded_at) == (NINE, wrong_clock, EVENING)
    assert kept.fact_id == fact.id


def test_ten_digits_count_as_the_token_does_and_six_do_not(hall, phone, cast):
    done = bring(phone.scan(hall, NINE, typed=True), cast.wang, EVENING)
    assert done.at == NINE
    assert session().scalars(select(AttendanceFact.method)).one() == "code"
    six = phone.scan(hall, NINE)
    six["code"] = codes.typed_code(sessions.secret_of(hall), codes.step_of(NINE, 15))
    with pytest.raises(Invalid):
        bring(six | {"signature": phone.sign(six)}, cast.wang, EVENING)


def test_the_same_scan_fifty_times_counts_once(hall, phone, cast):
    value = phone.scan(hall, NINE)
    assert [bring(value, cast.wang, EVENING).fresh for _ in range(50)] == [True] + [False] * 49
    assert written() == [1, 1, 1, 1]


def test_another_record_with_the_same_code_adds_no_second_coming(hall, phone, cast):
    bring(phone.scan(hall, NINE), cast.wang, EVENING)
    bring(phone.scan(hall, NINE), cast.wang, EVENING)
    assert session().scalars(select(AttendanceFact.kind)).all() == ["in"]


def test_a_scan_brought_after_the_close_is_counted_by_the_rule(hall, phone, cast):
    close(hall, cast)
    assert hours_in_year(cast.wang, 2026)["professional"] == 0
    bring(phone.scan(hall, NINE), cast.wang, EVENING)
    assert hours_in_year(cast.wang, 2026)["professional"] == 80
    bring(phone.scan(hall, NINE + timedelta(hours=1), kind="out"), cast.wang, EVENING)
    assert hours_in_year(cast.wang, 2026)["professional"] == 0


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_arrival_changes_no_minutes(hall, phone, cast, order):
    """In at nine, again at ten past, gone at noon: half a day, whichever arrives first."""
    scans = [
        phone.scan(hall, NINE),
        phone.scan(hall, NINE + timedelta(minutes=10)),
        phone.scan(hall, NINE + timedelta(hours=3), kind="out"),
    ]
    for number in order:
        with contextlib.suppress(Conflict):  # gone before anything says that she came: sent again
            bring(scans[number], cast.wang, EVENING)
    for value in scans:
        bring(value, cast.wang, EVENING)
    close(hall, cast)
    assert session().scalars(select(SessionOutcome.minutes)).one() == 180


@pytest.mark.parametrize("late_first", [True, False])
def test_a_kept_coming_before_a_later_one_moves_it_forward(hall, phone, cast, late_first):
    later = NINE + timedelta(minutes=40)
    kept = phone.scan(hall, NINE)
    if late_first:
        come(hall, cast.wang, cast, later)
    bring(kept, cast.wang, later)
    assert session().scalars(select(AttendanceFact.at).order_by(AttendanceFact.at)).first() == NINE
    assert close(hall, cast).attended == (cast.wang,)


def test_another_person_s_scan_is_refused_and_waits_for_her(hall, phone, cast):
    value, before = phone.scan(hall, NINE), written()
    with pytest.raises(delivering.ForeignScan):
        bring(value, cast.zhao, EVENING)
    assert written() == before
    assert bring(value, cast.wang, EVENING).fresh


def test_somebody_else_s_key_cannot_be_named(hall, phone, cast):
    other = Phone(cast.zhao, BEFORE)
    value = other.scan(hall, NINE)
    value["key"] = phone.ref
    value["signature"] = other.sign(value)
    with pytest.raises(delivering.ForgedScan):
        bring(value, cast.wang, EVENING)


def test_a_key_made_after_the_code_was_shown_proves_nothing(hall, cast):
    """Sent a photo of the screen, she prepares her phone at home in the evening."""
    at_home = Phone(cast.wang, NINE + timedelta(hours=2))
    with pytest.raises(delivering.ForgedScan, match="之后才准备好"):
        bring(at_home.scan(hall, NINE), cast.wang, EVENING)


@pytest.mark.parametrize(
    ("shown", "now", "error"),
    [
        (NINE - timedelta(minutes=61), EVENING, NotInTime),
        (NINE + timedelta(hours=6, minutes=31), EVENING, NotInTime),
        (NINE, NINE + timedelta(hours=72, seconds=1), delivering.LateScan),
        (NINE + timedelta(hours=1), NINE + timedelta(minutes=30), delivering.ForgedScan),
    ],
    ids=["before", "after", "three days late", "a code not shown yet"],
)
def test_a_code_outside_its_time_is_refused(hall, phone, cast, shown, now, error):
    before = written()
    with pytest.raises(error):
        bring(phone.scan(hall, shown), cast.wang, now)
    assert written() == before


def test_the_last_moment_allowed_counts(hall, phone, cast):
    assert bring(phone.scan(hall, NINE), cast.wang, NINE + timedelta(hours=72)).fresh


def test_a_code_of_another_session_is_refused(hall, phone, cast):
    other = open_session(cast, venue="别处")
    value = phone.scan(other, NINE)
    value["ref"] = hall.ref
    with pytest.raises(delivering.ForgedScan):
        bring(value | {"signature": phone.sign(value)}, cast.wang, EVENING)


def test_a_cancelled_session_takes_no_scan(hall, phone, cast):
    value = phone.scan(hall, NINE)
    with unit_of_work():
        central.cancel_session(hall.id, "停电", teacher(cast), BEFORE)
    with pytest.raises(Conflict):
        bring(value, cast.wang, EVENING)


def test_a_full_hall_takes_nobody_without_a_seat(app, cast):
    row = open_session(cast, capacity=1)
    book(row, [cast.wang], cast, BEFORE)
    before = written()
    phone = Phone(cast.zhao, BEFORE)
    with pytest.raises(Conflict):
        bring(phone.scan(row, NINE), cast.zhao, EVENING)
    assert written() == [before[0], before[1], before[2] + 1, before[3]]


def test_nobody_goes_who_had_not_come(hall, phone, cast):
    with pytest.raises(Conflict):
        bring(phone.scan(hall, NINE, kind="out"), cast.wang, EVENING)


@pytest.mark.parametrize("field", ["scan", "key", "ref", "kind", "code", "at", "signature"])
def test_a_changed_field_is_never_believed(hall, phone, cast, field):
    """Each field replaced by another right-looking value after signing."""
    value = phone.scan(hall, NINE)
    other = phone.scan(hall, NINE + timedelta(hours=1), kind="out")
    other["ref"] = open_session(cast, venue="别处").ref
    other["key"] = Phone(cast.zhao, BEFORE).ref
    before = written()
    with pytest.raises((delivering.ForgedScan, delivering.ForeignScan)):
        bring(value | {field: other[field]}, cast.wang, EVENING)
    assert written() == before


TEXTS = st.one_of(
    st.none(), st.integers(), st.floats(), st.text(max_size=80),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip
RECORD = {
    "scan": "0" * 32, "key": "0" * 32, "ref": "0" * 16, "kind": "in", "code": "1-" + "0" * 16,
    "at": 1, "signature": base64url(b"\0" * 64),
}  # fmt: skip


@given(st.sampled_from(sorted(RECORD)), TEXTS)
def test_whatever_is_sent_is_read_or_refused(name, given_value):
    value = copy.deepcopy(RECORD) | {name: given_value}
    try:
        record = signed.read(value)
    except Invalid:
        return
    assert getattr(record, name) == (given_value if name != "signature" else record.signature)


@given(TEXTS)
def test_no_shape_at_all_is_refused(value):
    with pytest.raises(Invalid):
        signed.read(value)
    with pytest.raises(Invalid):
        signed.point(value)


@given(st.binary(min_size=65, max_size=65))
def test_a_key_that_is_no_point_is_refused(data):
    with pytest.raises(Invalid):
        signed.point(base64url(data))


def test_every_flipped_bit_spoils_a_signature(hall, phone, cast):
    value = phone.scan(hall, NINE)
    record = signed.read(value)
    assert signed.is_genuine(record, phone.point)
    for bit in range(512):
        spoilt = bytearray(record.signature)
        spoilt[bit // 8] ^= 1 << bit % 8
        again = signed.read(value | {"signature": base64url(bytes(spoilt))})
        assert not signed.is_genuine(again, phone.point)
