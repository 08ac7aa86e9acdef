"""From coming and going to minutes, hours, and attended yes or no."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.classroom.rules import Counting, Mark, Stretch, checkin_open, count, overlapping
from tests.factories.central import NINE

RULE = Counting("r@1", 45, 20, "planned")
ACTUAL = Counting("r@2", 45, 20, "actual")
MORNING = Stretch(NINE, NINE + timedelta(hours=3))
AFTERNOON = Stretch(NINE + timedelta(hours=5), NINE + timedelta(hours=8))
DAY = [MORNING, AFTERNOON]
NEXT_DAY = Stretch(NINE + timedelta(days=1), NINE + timedelta(days=1, hours=6))


def at(minutes):
    return NINE + timedelta(minutes=minutes)


def marks(*given):
    """("in", 0) → Mark; ("void", of) takes mark number ``of`` back."""
    made = []
    for number, (kind, value) in enumerate(given, start=1):
        if kind == "void":
            made.append(Mark(number, "void", at(0), value))
        else:
            made.append(Mark(number, kind, at(value)))
    return made


CASES = {
    "never came": ((), 0, False),
    "came early and stayed": ((("in", -20),), 360, True),
    "came on time and stayed": ((("in", 0),), 360, True),
    "came an hour late": ((("in", 60),), 300, True),
    "came 72 minutes late, just within the limit": ((("in", 72),), 288, True),
    "came 73 minutes late": ((("in", 73),), 287, False),
    "left at noon": ((("in", 0), ("out", 180)), 180, False),
    "went to lunch and came back": ((("in", 0), ("out", 180), ("in", 300)), 360, True),
    "left ten minutes early": ((("in", 0), ("out", 470)), 350, True),
    "scanned twice": ((("in", 0), ("in", 1)), 360, True),
    "checked out without having come": ((("out", 100),), 0, False),
    "the coming in was taken back": ((("in", 0), ("void", 1)), 0, False),
    "a wrong going out was taken back": ((("in", 0), ("out", 60), ("void", 2)), 360, True),
    "came only after the end": ((("in", 485),), 0, False),
    "facts in the wrong order": ((("out", 180), ("in", 0), ("in", 300)), 360, True),
}


@pytest.mark.parametrize(("given_marks", "minutes", "attended"), CASES.values(), ids=CASES)
def test_presence(given_marks, minutes, attended):
    found = count(marks(*given_marks), DAY, RULE)
    assert (found.minutes, found.attended) == (minutes, attended)
    assert found.tenths == (80 if attended else 0)


def test_by_the_actual_rule_only_minutes_of_presence_count():
    assert count(marks(("in", 60)), DAY, ACTUAL).tenths == 66


def test_checking_in_on_the_first_day_does_not_count_for_the_second():
    found = count(marks(("in", 0)), [*DAY, NEXT_DAY], RULE)
    assert (found.minutes, found.attended) == (360, False)


def test_a_day_of_teaching_may_run_past_midnight():
    late = Stretch(NINE + timedelta(hours=13), NINE + timedelta(hours=19))
    came = [Mark(1, "in", NINE + timedelta(hours=13))]
    assert count(came, [late], RULE).minutes == 360


def test_check_in_opens_an_hour_before():
    assert not checkin_open(DAY, at(-61), 60, 30)
    assert checkin_open(DAY, at(-60), 60, 30)
    assert not checkin_open(DAY, at(511), 60, 30)


def test_overlapping_periods_are_seen():
    assert overlapping([MORNING, Stretch(at(170), at(300))])
    assert not overlapping(DAY)


@given(st.lists(st.tuples(st.sampled_from(("in", "out")), st.integers(-60, 600)), max_size=8))
def test_nobody_is_present_longer_than_the_teaching(given_marks):
    found = count(marks(*given_marks), DAY, ACTUAL)
    assert 0 <= found.minutes <= 360
    assert found.tenths <= 80


@given(st.permutations(marks(("in", 0), ("out", 180), ("in", 300), ("in", 20), ("void", 4))))
def test_the_order_of_facts_changes_nothing(mixed):
    assert count(mixed, DAY, RULE).minutes == 360
