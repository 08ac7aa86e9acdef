"""Imports of questions as long tasks: plan an upload, write a plan somebody has confirmed."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select

from exams.bank import uploads
from exams.bank.formats.detect import read_file
from exams.bank.formats.items import Defaults, Fault, Reading
from exams.bank.importing import Change, ImportPlan, import_questions, plan_import
from exams.bank.models import Bank
from exams.bank.policy import WRITE
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import Json, session
from lms.core.errors import Forbidden
from lms.core.tasks import Report, Runner, Task
from lms.core.uow import unit_of_work
from lms.people.api import actor_of

PLAN, APPLY = "bank.import.plan", "bank.import.apply"
#: As many rows of each table as a page shows; the counts are of all.
SHOWN, MOST_FAULTS = 300, 5000


def run_plan(params: Json, report: Report) -> Json:
    """Plan an upload; the result is what the plan page shows."""
    with _language(params):
        bank = _who(params)[1]
        return shown_plan(plan_import(bank, _read(params, report), report))


def run_apply(params: Json, report: Report) -> Json:
    """Write an upload whose plan was confirmed; refused when the plan would differ now. Half of
    the work is to compare the file with the bank again, half to write, all or nothing."""
    with _language(params):
        actor, bank = _who(params)
        reading = _read(params, lambda done, total: report(done, 2 * total))
        ready = plan_import(bank, reading, lambda done, total: report(done, 2 * total))
        with unit_of_work():
            plan = import_questions(bank, reading, actor, clock.now(), params["digest"], ready)
            uploads.drop(params["upload"])
        report(2 * len(reading.items), 2 * len(reading.items))
        return {"new": plan.new, "changed": plan.changed, "unchanged": plan.unchanged}


def shown_plan(plan: ImportPlan) -> Json:
    """A plan as the page and its table of faults show it: no keys, no more than fits."""
    return {
        "format": plan.format,
        "new": plan.new,
        "changed": plan.changed,
        "unchanged": plan.unchanged,
        "digest": "" if plan.faults else plan.digest,
        "notes": plan.notes[:SHOWN],
        "fault_count": len(plan.faults),
        "unsupported_count": len(plan.unsupported),
        "faults": [_fault(each) for each in plan.faults[:MOST_FAULTS]],
        "unsupported": [_fault(each) for each in plan.unsupported[:MOST_FAULTS]],
        "changes": [_change(each) for each in plan.changes[:SHOWN]],
    }


def _fault(fault: Fault) -> list[str]:
    return [fault.where, fault.column, fault.reason]


def _change(change: Change) -> dict[str, Any]:
    draft, near = change.pending.draft, change.near
    return {
        "where": change.where, "code": change.pending.code, "number": change.pending.number,
        "kind": str(draft.kind), "module": draft.module, "stem": draft.stem[:61],
        "near": [near.key, near.percent] if near else None,
    }  # fmt: skip


def sweep() -> None:
    """Forget what plans showed after a day, as the uploads are forgotten."""
    limit = clock.now() - timedelta(hours=24)
    with unit_of_work():
        for task in session().scalars(
            select(Task).where(Task.kind == PLAN, Task.touched_at < limit)
        ):
            if "changes" in task.result:
                gone = {"changes", "faults", "unsupported", "digest"}
                task.result = {k: v for k, v in task.result.items() if k not in gone}


def _read(params: Json, report: Report) -> Reading:
    sent = uploads.fetch(params["upload"], params["person_id"])
    defaults = Defaults(rung=sent.rung, module=sent.module)
    reading = read_file(sent.content, sent.filename, sent.wanted, defaults)
    report(0, max(len(reading.items), 1))
    return reading


def _who(params: Json) -> tuple[Actor, Bank]:
    """Roles are read when the task runs: who has lost them meanwhile gets nothing."""
    actor = actor_of(params["person_id"], clock.now())
    bank = session().get(Bank, params["bank_id"])
    if actor is None or bank is None or not WRITE.may(actor, bank):
        raise Forbidden
    return actor, bank


def _language(params: Json) -> AbstractContextManager[None]:
    locale: AbstractContextManager[None] = force_locale(params.get("locale") or "zh")
    return locale


TASK_RUNNERS: dict[str, Runner] = {PLAN: run_plan, APPLY: run_apply}
JOBS = [("bank.import.sweep", {"hour": 3, "minute": 40}, sweep)]
