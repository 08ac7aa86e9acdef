"""Long work on papers, with a progress bar on the event's page: publish an event with many
candidates, and make their papers."""

from collections.abc import Mapping

from flask_babel import force_locale

from exams.entries.models import ExamEvent
from exams.entries.operations import publish_event
from exams.entries.policy import MANAGE
from exams.papers.allotting import AT_ONCE, BATCH, FILL, count_lacking, fill
from exams.papers.models import PaperMode
from exams.papers.preparing import outlook, trial
from exams.papers.press import entered, open_press
from lms.core import clock, tasks
from lms.core.access import Actor
from lms.core.db import Json, session
from lms.core.errors import Forbidden
from lms.core.i18n import chosen_locale
from lms.core.tasks import Report, Runner
from lms.core.uow import unit_of_work
from lms.people.api import actor_of

PUBLISH = "exams.publish"


def takes_long(event: ExamEvent) -> bool:
    """True if publishing is work for a task: many candidates, each with a paper of her own."""
    return event.paper_mode == PaperMode.OWN and entered(event.id) > AT_ONCE


def publish_later(event: ExamEvent, actor: Actor, reason: str = "") -> None:
    """Queue the publishing of a draft in the present unit of work."""
    params: Json = {
        "event_id": event.id,
        "person_id": actor.person_id,
        "locale": chosen_locale(),
        "reason": reason,
    }
    event.papers_task = tasks.start(PUBLISH, params, actor).ref
    session().flush()


def fill_later(event: ExamEvent, actor: Actor) -> None:
    """Queue the making of the papers that are lacking."""
    params: Json = {
        "event_id": event.id,
        "person_id": actor.person_id,
        "locale": chosen_locale(),
    }
    event.papers_task = tasks.start(FILL, params, actor).ref
    session().flush()


def run_publish(params: Json, report: Report) -> Json:
    """Try every paper without holding anybody up, then publish; the papers follow as a task."""
    with force_locale(params.get("locale") or "zh"):
        event, actor = _held(params)
        tried = trial(event, outlook(event, clock.now()), clock.now(), report)
        with unit_of_work():
            event = session().get_one(ExamEvent, event.id, populate_existing=True)
            reason = str(params.get("reason", ""))
            publish_event(event, actor, clock.now(), tried, reason)
        return {"papers": len(tried.expected)}


def run_fill(params: Json, report: Report) -> Json:
    """Make the papers that candidates still lack, some at a time, so that nobody waits for it."""
    with force_locale(params.get("locale") or "zh"):
        event, _actor = _held(params)
        total = count_lacking(event.id)
        made = failed = 0
        after: int | None = 0
        with unit_of_work():
            press = open_press(event, clock.now())
        while after is not None:
            report(made + failed, total)
            with unit_of_work():
                done = fill(event, press, clock.now(), after, BATCH)
            made, failed, after = made + done.made, failed + done.failed, done.last
        return {"papers": made, "failed": failed}


def _held(params: Json) -> tuple[ExamEvent, Actor]:
    """Roles are read when the task runs: who has lost them meanwhile publishes nothing."""
    actor = actor_of(params["person_id"], clock.now())
    event = session().get_one(ExamEvent, params["event_id"], populate_existing=True)
    if actor is None or not MANAGE.may(actor, event):
        raise Forbidden
    return event, actor


TASK_RUNNERS: Mapping[str, Runner] = {PUBLISH: run_publish, FILL: run_fill}
