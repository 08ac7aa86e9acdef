"""Nightly work about people."""

from lms.core import clock
from lms.core.uow import unit_of_work
from lms.people.accounts.throttle import forget_old
from lms.people.rosters.jobs import sweep


def forget_old_failures() -> None:
    """Drop counts of failed sign-ins that no longer mean anything."""
    with unit_of_work():
        forget_old(clock.now())


JOBS = [
    ("people.forget_old_failures", {"hour": 3, "minute": 40}, forget_old_failures),
    ("roster.sweep", {"minute": 17}, sweep),
]
