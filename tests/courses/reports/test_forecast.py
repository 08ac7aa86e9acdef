"""Who will miss the year if it goes on as it did."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.reports.forecast import Forecast, by_month, forecast

ENDS = date(2026, 12, 31)
TODAY = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("done_on", "not_done", "booked", "found"),
    [
        # 60 people in 60 days, 60 days left: 60 more
        ({date(2026, 10, 1): 60}, 100, 0, Forecast(60, 60, 60, 60, 40)),
        # what was done before the last 60 days says nothing of the pace
        ({date(2026, 8, 1): 60}, 100, 0, Forecast(0, 60, 60, 0, 100)),
        # booked seats count as coming when they are more than the pace
        ({date(2026, 8, 1): 60}, 100, 30, Forecast(0, 60, 60, 30, 70)),
        ({date(2026, 10, 1): 60}, 100, 30, Forecast(60, 60, 60, 60, 40)),
        # nobody is expected who is not there
        ({date(2026, 10, 1): 600}, 100, 0, Forecast(600, 60, 60, 100, 0)),
        ({}, 0, 0, Forecast(0, 60, 60, 0, 0)),
    ],
)
def test_case(done_on, not_done, booked, found):
    assert forecast(done_on, not_done, booked, TODAY, ENDS) == found


def test_before_there_is_a_pace_and_after_the_end_nothing_is_foretold():
    assert forecast({}, 10, 0, date(2026, 1, 30), ENDS) is None
    assert forecast({}, 10, 0, date(2027, 1, 1), ENDS) is None
    early = forecast({date(2026, 1, 20): 10}, 90, 0, date(2026, 2, 1), ENDS)
    assert early is not None
    assert early.days == 31


@given(
    st.dictionaries(st.dates(date(2026, 1, 1), ENDS), st.integers(1, 500)),
    st.integers(0, 5000), st.integers(0, 5000), st.dates(date(2026, 1, 31), ENDS),
)  # fmt: skip
def test_expected_and_missing_are_all_who_are_not_done(done_on, not_done, booked, today):
    found = forecast(done_on, not_done, booked, today, ENDS)
    assert found is not None
    assert found.expected + found.missing == not_done
    assert found.expected >= min(booked, not_done)


def test_months_hold_everybody_and_make_ups_count_for_december():
    months = by_month({date(2026, 3, 5): 2, date(2026, 3, 9): 1, date(2027, 1, 8): 4}, 2026)
    assert len(months) == 12
    assert dict(months)[3] == 3
    assert dict(months)[12] == 4
