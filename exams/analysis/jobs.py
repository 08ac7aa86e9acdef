"""Analyses as long tasks, and the nightly ones that keep the banks' figures young."""

import logging

from sqlalchemy import func, select

from exams.analysis.figures import EventFigures, figures_of
from exams.analysis.gathering import Report, gather
from exams.analysis.models import AnalysisRun
from exams.analysis.operations import keep
from exams.analysis.policy import ANALYSE
from exams.entries.models import Entry, ExamEvent
from exams.marking.models import Mark
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.access import SYSTEM, Actor
from lms.core.db import Json, db, session
from lms.core.errors import Forbidden
from lms.core.rules import rule_on
from lms.core.uow import unit_of_work
from lms.people.api import actor_of

log = logging.getLogger(__name__)
ANALYSIS = "exams.analysis"


def run_analysis(params: Json, report: Report) -> Json:
    """Analyse an event and keep the snapshot; roles are read when the task runs."""
    actor, event = (
        actor_of(params["person_id"], clock.now()),
        session().get(ExamEvent, params["event_id"]),
    )
    if actor is None or event is None or not ANALYSE.may(actor, event):
        raise Forbidden
    return {"event_id": event.id, "run_id": analyse(event.id, actor, report)}


def analyse(event_id: int, actor: Actor, report: Report | None = None) -> int:
    """Work out an event's figures on a view of the facts that stands still; returns the run."""
    now = clock.now()
    pass_tenths = int(rule_on("exams.parts", clock.local_date(now)).value["pass_tenths"])
    found = _figures(event_id, pass_tenths, report)
    with unit_of_work():
        return keep(event_id, found, actor, now).id


def _figures(event_id: int, pass_tenths: int, report: Report | None) -> EventFigures:
    engine = db.engine
    if engine.dialect.name != "sqlite":  # SQLite's readers have such a view by themselves
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        found = gather(connection, event_id, report)
    return figures_of(
        found.tally, pass_tenths, found.expelled, found.unmarked, mark_id=found.mark_id
    )


def analyse_changed() -> int:
    """Analyse every event whose marks are younger than its newest snapshot; returns how many."""
    newest = (
        select(AnalysisRun.event_id, func.max(AnalysisRun.mark_id).label("mark_id"))
        .group_by(AnalysisRun.event_id)
        .subquery()
    )
    query = (
        select(Entry.event_id)
        .join(Attempt, Attempt.entry_id == Entry.id)
        .join(Mark, Mark.attempt_id == Attempt.id)
        .join(ExamEvent, ExamEvent.id == Entry.event_id)
        .outerjoin(newest, newest.c.event_id == Entry.event_id)
        .where(
            Attempt.state == "concluded",
            ExamEvent.practice.is_(False),
            ExamEvent.part == "theory",
            Mark.slot_id.is_not(None),
            Mark.id > func.coalesce(newest.c.mark_id, 0),
        )
        .distinct()
    )
    due = sorted(session().scalars(query))
    for event_id in due:
        analyse(event_id, SYSTEM)
    if due:
        log.info("analysed %s events", len(due))
    return len(due)


def _nightly() -> None:
    analyse_changed()


TASK_RUNNERS = {ANALYSIS: run_analysis}
JOBS = [("exams.analysis.nightly", {"hour": 3, "minute": 40}, _nightly)]
