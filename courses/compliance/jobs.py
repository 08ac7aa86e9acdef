"""The nightly run."""

from collections.abc import Callable

from courses.compliance.flags import materialise
from lms.core import clock

Job = tuple[str, dict[str, int], Callable[[], None]]


def run() -> None:
    """Write the flags of this year, and of last year while corrections still come in."""
    now = clock.now()
    today = clock.local_date(now)
    for year in (today.year - 1, today.year):
        materialise(year, today, now)


JOBS: list[Job] = [("compliance.materialise", {"hour": 2, "minute": 15}, run)]
