"""Doubtful check-ins: shown with their facts, decided with a reason, never blocked."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from courses import central
from courses.api import duties_of, hours_in_year
from courses.classroom import review
from courses.classroom.models import AttendanceFact
from courses.classroom.scan_models import CheckInReview
from lms.core.db import session
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.uow import unit_of_work
from tests.factories.central import NINE, book, close, learner, open_session, teacher
from tests.factories.phones import Phone, bring, come_by

BEFORE = NINE - timedelta(days=3)
EVENING = NINE + timedelta(hours=10)


@pytest.fixture
def hall(app, cast):
    row = open_session(cast, capacity=300)
    book(row, [cast.wang, cast.li], cast, BEFORE)
    return row


def decide(row, fact_id, decision, cast, reason="问过本人和邻座", actor=None, now=EVENING):
    with unit_of_work():
        central.decide_check_in(row.id, fact_id, decision, reason, actor or teacher(cast), now)


def states(row):
    return {doubt.fact.id: doubt.state for doubt in review.doubts_of(row)}


def test_one_phone_for_two_counts_until_somebody_decides(hall, cast):
    first, second = come_by(hall, cast.wang, "a"), come_by(hall, cast.li, "a")
    assert states(hall) == {first: "open", second: "open"}
    assert set(close(hall, cast).attended) == {cast.wang, cast.li}


def test_accepting_is_a_fact_with_a_reason_and_changes_nothing_else(hall, cast):
    first, second = come_by(hall, cast.wang, "a"), come_by(hall, cast.li, "a")
    decide(hall, first, "accepted", cast)
    assert states(hall) == {second: "open", first: "accepted"}
    kept = session().scalars(select(CheckInReview)).one()
    assert (kept.decision, kept.signs, kept.reason, kept.recorded_by) == (
        "accepted", "device", "问过本人和邻座", cast.chen,
    )  # fmt: skip
    assert len(session().scalars(select(AttendanceFact)).all()) == 2


def test_striking_after_the_close_takes_the_hours_and_the_flag_back(hall, cast):
    come_by(hall, cast.wang, "a")
    second = come_by(hall, cast.li, "a")
    close(hall, cast)
    assert hours_in_year(cast.li, 2026)["professional"] == 80
    decide(hall, second, "struck", cast, "本人不在场，由同事代签")
    assert hours_in_year(cast.li, 2026)["professional"] == 0
    assert states(hall)[second] == "struck"
    void = session().scalars(select(AttendanceFact).where(AttendanceFact.kind == "void")).one()
    assert (void.voids_id, void.reason) == (second, "本人不在场，由同事代签")
    with time_machine.travel(EVENING, tick=False):
        assert duties_of(cast.wang, 2026, NINE.date())[0].state == "done"


def test_what_was_accepted_may_be_struck_by_the_county_and_not_twice(hall, cast):
    first = come_by(hall, cast.wang, "a")
    come_by(hall, cast.li, "a")
    decide(hall, first, "accepted", cast)
    decide(hall, first, "struck", cast, "监控里没有本人")
    assert [r.decision for r in session().scalars(select(CheckInReview))] == ["accepted", "struck"]
    for decision in ("accepted", "struck"):
        with pytest.raises(Conflict):
            decide(hall, first, decision, cast)


def test_a_sign_that_appears_later_opens_the_question_again(hall, cast):
    first = come_by(hall, cast.wang, "a")
    phone = Phone(cast.li, BEFORE, mark="a")
    come_by(hall, cast.li, "a")
    decide(hall, first, "accepted", cast)
    own = Phone(cast.wang, BEFORE, mark="a")
    bring(own.scan(hall, NINE + timedelta(seconds=30), phone_at=EVENING), cast.wang, EVENING)
    assert states(hall)[first] == "open"
    assert phone.ref != own.ref


def test_a_decision_needs_a_reason_a_sign_and_another_person(hall, cast):
    first = come_by(hall, cast.wang, "a")
    with pytest.raises(NotFound):
        decide(hall, first, "struck", cast)
    come_by(hall, cast.li, "a")
    with pytest.raises(Invalid):
        decide(hall, first, "struck", cast, "  ")
    with pytest.raises(NotFound):
        decide(hall, first, "praised", cast)
    with pytest.raises(Conflict):
        decide(hall, first, "accepted", cast, actor=learner(cast.wang))
    assert session().scalars(select(CheckInReview)).all() == []


def test_two_venues_at_once_are_shown_at_both(hall, cast):
    other = open_session(cast, venue="三十里外", title="另一场")
    here, there = come_by(hall, cast.wang, "a"), come_by(other, cast.wang, "a", NINE)
    assert (states(hall), states(other)) == ({here: "open"}, {there: "open"})


def test_many_typed_codes_at_once_are_pointed_out(hall, cast):
    for person in (cast.wang, cast.li, cast.zhao, cast.sun, cast.zhou, cast.county,
                   cast.other_county, cast.city, cast.province, cast.admin):  # fmt: skip
        come_by(hall, person, f"p{person}", method="code")
    assert len(states(hall)) == 10
