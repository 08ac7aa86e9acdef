"""Rosters as long tasks: plan an upload, apply a plan somebody has confirmed."""

from contextlib import AbstractContextManager
from datetime import timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from lms.core import clock
from lms.core.access import Actor
from lms.core.db import Json, session
from lms.core.errors import Conflict, Forbidden
from lms.core.sheets import read_table
from lms.core.tasks import Report, Task
from lms.core.uow import unit_of_work
from lms.people.actors import actor_of
from lms.people.rosters import quarantine
from lms.people.rosters.apply import apply_roster
from lms.people.rosters.plan import RosterPlan
from lms.people.rosters.planning import plan_roster
from lms.people.rosters.policy import IMPORT_ROSTER
from lms.people.rosters.shown import shown_plan

PLAN, APPLY = "roster.plan", "roster.apply"


def run_plan(params: Json, report: Report) -> Json:
    """Plan an upload; the result is what the plan page shows."""
    with _language(params):
        actor = _actor(params)
        plan = _plan(params, actor, report)
        return shown_plan(plan, actor)


def run_apply(params: Json, report: Report) -> Json:
    """Apply an upload whose plan was confirmed; refused when the plan would differ now."""
    with _language(params):
        actor = _actor(params)
        plan = _plan(params, actor, report)
        if plan.digest != params["digest"]:
            raise Conflict(_("名单涉及的人员信息刚刚有变化，请重新上传后再导入。"))
        with unit_of_work():
            applied = apply_roster(plan, actor, clock.now())
        quarantine.drop(params["upload"])
        return {"counts": applied.counts, "registered": applied.registered}


def sweep() -> None:
    """Forget uploads and the names in shown plans after a day."""
    quarantine.drop_old()
    limit = clock.now() - timedelta(seconds=quarantine.KEPT_SECONDS)
    with unit_of_work():
        old = select(Task).where(Task.kind == PLAN, Task.touched_at < limit)
        for task in session().scalars(old):
            if "steps" in task.result:
                task.result = {k: v for k, v in task.result.items() if k not in {"steps", "faults"}}


def _plan(params: Json, actor: Actor, report: Report) -> RosterPlan:
    table = read_table(quarantine.fetch(params["upload"]), params["filename"])
    report(0, max(len(table.rows), 1))
    return plan_roster(table, actor, clock.now(), report)


def _actor(params: Json) -> Actor:
    """Roles are read when the task runs: who has lost them meanwhile gets nothing."""
    actor = actor_of(params["person_id"], clock.now())
    if actor is None or not IMPORT_ROSTER.may(actor):
        raise Forbidden
    return actor


def _language(params: Json) -> AbstractContextManager[None]:
    locale: AbstractContextManager[None] = force_locale(params.get("locale") or "zh")
    return locale


TASK_RUNNERS = {PLAN: run_plan, APPLY: run_apply}
