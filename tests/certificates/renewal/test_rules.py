"""Last days and stages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.renewal.rules import last_day, stage


@pytest.mark.parametrize(
    ("issued", "months", "last"),
    [
        (date(2026, 11, 20), 12, date(2027, 11, 19)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 14)),
    ],
)
def test_the_last_day(issued, months, last):
    assert last_day(issued, months) == last


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 120))
def test_a_renewal_on_the_next_day_leaves_no_gap_longer_than_a_month_end(issued, months):
    after = last_day(issued, months) + timedelta(days=1)
    passed = (after.year - issued.year) * 12 + after.month - issued.month
    assert passed in (months, months + 1)


@pytest.mark.parametrize(
    ("left", "reached"),
    [(91, None), (90, 90), (31, 90), (30, 30), (8, 30), (7, 7), (0, 7), (-1, None)],
)
def test_the_stage(left, reached):
    assert stage(left, (90, 30, 7)) == reached
