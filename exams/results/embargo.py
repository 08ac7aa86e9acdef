"""Before results are published only those who may publish them see marks; and publication at the
announced time. Callers commit."""

from datetime import datetime

from sqlalchemy import Select, select

from exams.entries.models import ExamEvent, Release
from exams.entries.policy import RELEASE
from exams.results.concluding import show
from exams.results.models import Result, ResultRelease
from exams.results.queries import standing
from exams.sittings.models import Attempt
from lms.core import audit
from lms.core.access import SYSTEM, Actor
from lms.core.db import session


def _waiting() -> Select[tuple[Result]]:
    return (
        select(Result)
        .outerjoin(ResultRelease, ResultRelease.result_id == Result.id)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(ResultRelease.result_id.is_(None), Attempt.state != "expelled", standing())
    )


def hides_marks(event: ExamEvent, actor: Actor) -> bool:
    """True while some result of the event is unpublished and this person may not publish it: she
    sees no figures made from marks."""
    if RELEASE.may(actor, event):
        return False
    waiting = _waiting().where(Result.event_id == event.id)
    return session().scalar(waiting.limit(1)) is not None


def due(now: datetime) -> list[int]:
    """Events whose time of publication has come and that have results to publish."""
    query = (
        select(ExamEvent.id)
        .join(Result, Result.event_id == ExamEvent.id)
        .outerjoin(ResultRelease, ResultRelease.result_id == Result.id)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(
            Attempt.state != "expelled",
            ExamEvent.release == Release.AT_TIME,
            ExamEvent.results_at <= now,
            ResultRelease.result_id.is_(None),
            standing(),
        )
        .distinct()
    )
    return list(session().scalars(query))


def publish_due(event_id: int, now: datetime) -> int:
    """Publish what waits in an event whose time has come; again, nothing is left to do."""
    query = select(ExamEvent).where(ExamEvent.id == event_id).with_for_update()
    event = session().scalars(query.execution_options(populate_existing=True)).one()
    if event.release != Release.AT_TIME or event.results_at is None or now < event.results_at:
        return 0
    results = list(session().scalars(_waiting().where(Result.event_id == event_id)))
    for result in results:
        show(result, event, SYSTEM, now)
    if results:
        audit.record(SYSTEM, "exams.results.publish", "exam_event", event_id, results=len(results))
    return len(results)
