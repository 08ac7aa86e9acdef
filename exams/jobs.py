"""Timed work of the exam rooms."""

import logging
from collections.abc import Callable

from exams.analysis import jobs as analysis
from exams.bank import jobs as bank
from exams.papers import jobs as papers
from exams.results.embargo import due, publish_due
from exams.sittings.closing import overdue, time_out_if_due
from lms.core import clock
from lms.core.tasks import Runner
from lms.core.uow import unit_of_work

log = logging.getLogger(__name__)


def close_overdue() -> int:
    """Hand in every sitting whose deadline and grace time have passed, one unit of work each."""
    closed = 0
    for attempt_id in overdue(clock.now()):
        with unit_of_work():
            closed += time_out_if_due(attempt_id, clock.now())
    if closed:
        log.info("closed %s overdue sittings", closed)
    return closed


def _close_overdue() -> None:
    close_overdue()


def publish_results() -> int:
    """Publish the results of events whose announced time has come, one unit of work each."""
    shown = 0
    for event_id in due(clock.now()):
        with unit_of_work():
            shown += publish_due(event_id, clock.now())
    if shown:
        log.info("published %s results at their time", shown)
    return shown


def _publish_results() -> None:
    publish_results()


JOBS: list[tuple[str, dict[str, int], Callable[[], None]]] = [
    (f"exams.overdue.{second:02}", {"second": second}, _close_overdue) for second in (5, 25, 45)
] + [("exams.publish", {"second": 0}, _publish_results)]
JOBS += [*analysis.JOBS, *bank.JOBS]
TASK_RUNNERS: dict[str, Runner] = {
    **analysis.TASK_RUNNERS,
    **bank.TASK_RUNNERS,
    **papers.TASK_RUNNERS,
}
