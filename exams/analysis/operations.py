"""Writing an analysis down for good. Callers commit."""

from datetime import datetime

from sqlalchemy import insert

from exams.analysis.figures import EventFigures
from exams.analysis.models import AnalysisRun, ItemStatistic
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session


def keep(event_id: int, found: EventFigures, actor: Actor, now: datetime) -> AnalysisRun:
    """Freeze an event's figures as of ``now``."""
    run = AnalysisRun(
        event_id=event_id,
        made_at=now,
        made_by=actor.person_id,
        mark_id=found.mark_id,
        sittings=found.n,
        figures=found.as_json(),
    )
    session().add(run)
    session().flush()
    rows = [
        {
            "run_id": run.id,
            "question_version_id": item.version_id,
            "part": item.part,
            "n": item.sums.n,
            "x": item.sums.x,
            "xx": item.sums.xx,
            "t": item.sums.t,
            "tt": item.sums.tt,
            "xt": item.sums.xt,
            "w": item.sums.w,
            "figures": item.as_json(),
        }
        for item in found.items
    ]
    if rows:
        session().execute(insert(ItemStatistic), rows)
    audit.record(actor, "exams.analysis.keep", "analysis_run", run.id)
    return run
