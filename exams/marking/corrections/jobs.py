"""Marking sittings again as a long task; what a killed process left is finished by the next run."""

import logging
from collections.abc import Callable

from exams.entries.models import ExamEvent
from exams.marking.corrections.models import KeyCorrection, KeyDecision
from exams.marking.corrections.operations import remark
from exams.marking.corrections.queries import progress_of, sittings_of, unfinished
from exams.marking.policy import CORRECT
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import Json, session
from lms.core.errors import Forbidden
from lms.core.tasks import Report, Runner
from lms.core.uow import unit_of_work
from lms.people.api import actor_of

log = logging.getLogger(__name__)
REKEY = "exams.rekey"


def run_rekey(params: Json, report: Report) -> Json:
    """Mark every affected sitting again, one unit of work each."""
    correction = session().get_one(KeyCorrection, params["correction_id"])
    return {"marked": finish(correction, report)}


def finish(correction: KeyCorrection, report: Report | None = None) -> int:
    """Mark again what is left of a correction; returns how many sittings that were."""
    actor, marked = _approver(correction), 0
    left = sittings_of(correction, undone=True)
    done, total = progress_of(correction)
    for attempt_id in left:
        with unit_of_work():
            marked += remark(correction, attempt_id, actor, clock.now())
        done += 1
        if report:
            report(done, total)
    return marked


def _approver(correction: KeyCorrection) -> Actor:
    decision = session().get(KeyDecision, correction.id)
    actor = actor_of(decision.decided_by, clock.now()) if decision and decision.approved else None
    if actor is None or not CORRECT.may(actor, session().get(ExamEvent, correction.event_id)):
        raise Forbidden
    return actor


def finish_left() -> None:
    """Finish every correction that a dead process left half done."""
    for correction_id in unfinished():
        try:
            finish(session().get_one(KeyCorrection, correction_id))
        except Forbidden:
            log.warning("correction %s waits: its approver has lost the role", correction_id)


JOBS: list[tuple[str, dict[str, int], Callable[[], None]]] = [
    ("exams.rekey.unfinished", {"minute": 7, "second": 40}, finish_left)
]
TASK_RUNNERS: dict[str, Runner] = {REKEY: run_rekey}
