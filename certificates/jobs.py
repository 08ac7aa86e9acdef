"""Timed work of the register."""

from collections.abc import Callable

from certificates.batches import running as batches
from certificates.log.operations import record_missing
from certificates.publicity.ending import conclude, due
from certificates.renewal.operations import tell_some
from certificates.revoking import jobs as revoking
from lms.core import clock
from lms.core.db import session
from lms.core.tasks import Runner
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


def issue_after_publicity() -> int:
    """Issue to everybody whose publicity is over and whom nobody stopped; how many there were.
    Each is a unit of work of its own, so that one refusal holds up nobody."""
    issued, after = 0, 0
    while ids := due(clock.now(), after):
        for entry_id in ids:
            with unit_of_work():
                issued += conclude(entry_id, clock.now()) is not None
        after = ids[-1]
        session().expunge_all()
    return issued


def _issue_after_publicity() -> None:
    issue_after_publicity()


def tell_expiring() -> None:
    """Tell holders whose certificates end soon; a run that died goes on where telling stopped,
    since every notice is left once."""
    today, after = clock.today(), 0
    while True:
        with unit_of_work():
            last = tell_some(today, after)
        if last is None:
            return
        after = last


JOBS: list[tuple[str, dict[str, int], Callable[[], None]]] = [
    ("certificates.log", {"minute": 7}, _log_missing),
    ("certificates.publicity", {"minute": 12}, _issue_after_publicity),
    ("certificates.expiring", {"hour": 6, "minute": 35}, tell_expiring),
    *revoking.JOBS,
]
TASK_RUNNERS: dict[str, Runner] = {**batches.TASK_RUNNERS, **revoking.TASK_RUNNERS}
