"""Timed work of the exam rooms."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from exams.analysis import jobs as analysis
from exams.bank import jobs as bank
from exams.marking.corrections import jobs as corrections
from exams.papers import jobs as papers
from exams.results.awarding import note_awards
from exams.results.embargo import due, publish_due
from exams.sittings.closing import overdue, time_out_if_due
from lms.core import clock
from lms.core.db import session
from lms.core.tasks import Runner
from lms.core.uow import unit_of_work

log = logging.getLogger(__name__)
ROUND, TOGETHER = 500, 5
LONGEST = timedelta(seconds=60)


def close_overdue() -> int:
    """Hand in every sitting whose deadline and grace time have passed; returns how many.

    A few at a time in one unit of work, so that answers of others get their turn between; a
    sitting that cannot be closed is logged and holds up no other. Two schedulers may run it at
    once: each sitting is locked and looked at again before it is closed.
    """
    closed, after, until = 0, None, clock.now() + LONGEST
    while due := overdue(clock.now(), after, ROUND):
        for start in range(0, len(due), TOGETHER):
            closed += _close([sitting.id for sitting in due[start : start + TOGETHER]])
        after = due[-1]
        if clock.now() > until:
            break
    if closed:
        log.info("closed %s overdue sittings", closed)
    return closed


def _close(attempt_ids: Sequence[int]) -> int:
    try:
        with unit_of_work():
            return sum(time_out_if_due(number, clock.now()) for number in attempt_ids)
    except Exception:
        if len(attempt_ids) > 1:
            return sum(_close([number]) for number in attempt_ids)
        log.exception("sitting %s cannot be closed", attempt_ids[0])
        return 0
    finally:
        session().expunge_all()  # ten thousand sittings must not pile up in memory


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


def _note_awards() -> None:
    note_awards()


JOBS: list[tuple[str, dict[str, int], Callable[[], None]]] = [
    (f"exams.overdue.{second:02}", {"second": second}, _close_overdue) for second in (5, 25, 45)
] + [("exams.publish", {"second": 0}, _publish_results)]
JOBS += [("exams.awards", {"minute": 14}, _note_awards)]
JOBS += [*analysis.JOBS, *bank.JOBS, *corrections.JOBS]
TASK_RUNNERS: dict[str, Runner] = {
    **analysis.TASK_RUNNERS,
    **bank.TASK_RUNNERS,
    **papers.TASK_RUNNERS,
    **corrections.TASK_RUNNERS,
}
