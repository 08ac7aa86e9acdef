"""The ledger of hours: once per source, reversed once, never rewritten."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from courses.api import hours_in_year, post_hours, reverse, transcript
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.core.uow import unit_of_work
from tests.cast import THEN


def post(person_id, tenths=80, key="course:1", category="professional", year=2026, now=THEN):
    with unit_of_work():
        return post_hours(person_id, category, tenths, year, key, SYSTEM, now, source="年度复训")


def test_a_source_posts_once(app, cast):
    first = post(cast.wang)
    assert post(cast.wang).id == first.id
    assert hours_in_year(cast.wang, 2026) == {"professional": 80, "public": 0}


def test_a_source_cannot_say_something_else_later(app, cast):
    post(cast.wang)
    with pytest.raises(Conflict):
        post(cast.wang, tenths=90)


@pytest.mark.parametrize(("tenths", "category"), [(0, "public"), (-5, "public"), (5, "other")])
def test_nonsense_is_refused(app, cast, tenths, category):
    with pytest.raises(Invalid):
        post(cast.wang, tenths, category=category)


def test_hours_are_kept_by_year_and_category(app, cast):
    post(cast.wang)
    post(cast.wang, 20, "course:2", "public")
    post(cast.wang, 40, "course:3", year=2025)
    assert hours_in_year(cast.wang, 2026) == {"professional": 80, "public": 20}
    assert hours_in_year(cast.wang, 2025)["professional"] == 40


def test_an_entry_is_reversed_once_by_a_new_entry(app, cast):
    entry = post(cast.wang)
    for _ in range(2):
        with unit_of_work():
            undone = reverse(entry.id, "登记错人", SYSTEM, THEN)
    assert undone.tenths == -80
    assert hours_in_year(cast.wang, 2026)["professional"] == 0
    assert [(line.tenths, line.reversed) for line in transcript(cast.wang)] == [
        (80, True),
        (-80, False),
    ]
    with pytest.raises(Invalid), unit_of_work():
        reverse(undone.id, "再冲销", SYSTEM, THEN)


def test_a_reversal_needs_a_reason(app, cast):
    entry = post(cast.wang)
    with pytest.raises(Invalid), unit_of_work():
        reverse(entry.id, " ", SYSTEM, THEN)


def test_the_balance_can_be_asked_as_it_was_known(app, cast):
    entry = post(cast.wang)
    later = THEN + timedelta(days=30)
    with unit_of_work():
        reverse(entry.id, "登记错人", SYSTEM, later)
    assert hours_in_year(cast.wang, 2026, THEN)["professional"] == 80
    assert hours_in_year(cast.wang, 2026, later)["professional"] == 0


def test_sql_refuses_to_rewrite_an_entry(app, cast):
    post(cast.wang)
    with pytest.raises(DatabaseError), unit_of_work():
        session().execute(text("UPDATE credit_entry SET tenths = 900"))
