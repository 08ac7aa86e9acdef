"""Timed work of the register."""

from collections.abc import Callable

from certificates.log.operations import record_missing
from lms.core import clock
from lms.core.uow import unit_of_work


def log_missing() -> int:
    """Give every event that came in bulk its place in the log; how many there were."""
    logged = 0
    while True:
        with unit_of_work():
            batch = record_missing(clock.now())
        if not batch:
            return logged
        logged += batch


def _log_missing() -> None:
    log_missing()


JOBS: list[tuple[str, dict[str, int], Callable[[], None]]] = [
    ("certificates.log", {"minute": 7}, _log_missing)
]
