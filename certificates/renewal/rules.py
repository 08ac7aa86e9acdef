"""How long a certificate holds and when its end is near; plain values."""

import calendar
from collections.abc import Iterable
from datetime import date


def last_day(issued_on: date, months: int) -> date:
    """The last day of so many months that begin on ``issued_on``: issued on 20 November 2026 for
    12 months, until 19 November 2027."""
    year, month = divmod(issued_on.month - 1 + months, 12)
    year, month = issued_on.year + year, month + 1
    longest = calendar.monthrange(year, month)[1]
    if issued_on.day > longest:
        return date(year, month, longest)
    return date.fromordinal(date(year, month, issued_on.day).toordinal() - 1)


def stage(days_left: int, stages: Iterable[int]) -> int | None:
    """The narrowest of the stages (days before the end) that has begun; None before the first
    and after the end."""
    begun = [days for days in stages if 0 <= days_left <= days]
    return min(begun, default=None)
