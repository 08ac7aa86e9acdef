"""Who will miss the year, if it goes on as it did; plain values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WINDOW = 60  # days whose pace is taken


@dataclass(frozen=True, slots=True)
class Forecast:
    """What was counted and what follows from it. ``pace`` is people in ``days`` days."""

    pace: int
    days: int
    left: int
    expected: int
    missing: int


def forecast(
    done_on: Mapping[date, int], not_done: int, booked: int, today: date, ends: date
) -> Forecast | None:
    """How many of ``not_done`` will not have done it at the end of the window.

    The people done in the last 60 days (fewer early in the year) give the pace; who has a booked
    seat counts as coming. None when the window is over, or in its first month, when a pace says
    nothing yet.
    """
    begins = date(ends.year, 1, 1)
    if today > ends or (today - begins).days < 30:
        return None
    since = max(today - timedelta(days=WINDOW), begins)
    days = (today - since).days
    pace = sum(count for day, count in done_on.items() if since < day <= today)
    left = (ends - today).days
    expected = min(max(pace * left // days, booked), not_done)
    return Forecast(pace, days, left, expected, not_done - expected)


def by_month(done_on: Mapping[date, int], year: int) -> list[tuple[int, int]]:
    """(month, people done in it) of a year; make-ups after the year count for December."""
    months = dict.fromkeys(range(1, 13), 0)
    for day, count in done_on.items():
        months[day.month if day.year == year else 12] += count
    return list(months.items())
