"""Working days: plain values in and out."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

_SATURDAY = 5


def is_working_day(day: date, calendar: Mapping[str, Any]) -> bool:
    """True on weekdays that are no holiday, and on weekends that are made up for one.

    ``calendar`` maps a year to ``{"off": [day or [first, last], …], "on": [day, …]}``; a year it
    does not know has plain weekends.
    """
    year = calendar.get(str(day.year)) or {}
    if day.isoformat() in map(str, year.get("on", ())):
        return True
    if any(_within(day, span) for span in year.get("off", ())):
        return False
    return day.weekday() < _SATURDAY


def _within(day: date, span: Any) -> bool:
    first, last = span if isinstance(span, list) else (span, span)
    return str(first) <= day.isoformat() <= str(last)


def last_day(opened_on: date, days: int, calendar: Mapping[str, Any]) -> date:
    """The last public day: the day of opening is not counted, ``days`` working days are."""
    day, left = opened_on, days
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day, calendar)
    return day
