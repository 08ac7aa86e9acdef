"""The nightly planning of reminders, after the flags were written."""

from collections.abc import Callable

from courses.reminders.planning import plan
from lms.core import clock


def run() -> None:
    """Write the letters that are due."""
    plan(clock.now())


JOBS: list[tuple[str, dict[str, int], Callable[[], None]]] = [
    ("duty.reminders", {"hour": 3, "minute": 10}, run)
]
