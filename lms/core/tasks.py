"""Long work with a progress bar: started by a page or command, run by the scheduler process.

A task's state lives in the database, so it survives leaving the page. A runner gets the task's
parameters and a ``report(done, total)`` callback, and returns the result shown at the end.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.access import Actor
from lms.core.db import Json, Model, session
from lms.core.errors import DomainError
from lms.core.uow import unit_of_work

log = logging.getLogger(__name__)
Report = Callable[[int, int], None]
Runner = Callable[[Json, Report], Json]
STALE = timedelta(minutes=5)


class Task(Model):
    """A piece of long work; ``state`` goes waiting → running → done or failed."""

    __tablename__ = "task"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    owner_id: Mapped[int] = mapped_column(index=True)
    params: Mapped[Json]
    state: Mapped[str] = mapped_column(String(10), default="waiting", index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    result: Mapped[Json]
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]


def start(kind: str, params: Json, actor: Actor) -> Task:
    """Queue a task in the present unit of work."""
    now = clock.now()
    task = Task(
        ref=secrets.token_hex(16),
        kind=kind,
        owner_id=actor.person_id,
        params=params,
        result={},
        created_at=now,
        touched_at=now,
    )
    session().add(task)
    session().flush()
    return task


def find(ref: str, actor: Actor) -> Task | None:
    """The actor's own task with this reference, or None."""
    query = select(Task).where(Task.ref == ref, Task.owner_id == actor.person_id)
    return session().scalar(query.execution_options(populate_existing=True))


def with_ref(ref: str) -> Task | None:
    """The task that a record of some package names; who may see that record is its caller's
    to know."""
    query = select(Task).where(Task.ref == ref)
    return session().scalar(query.execution_options(populate_existing=True))


def run_next(runners: Mapping[str, Runner]) -> bool:
    """Run the oldest waiting task, if any; True if one was run."""
    waiting = select(Task.id).where(Task.state == "waiting").order_by(Task.id).limit(1)
    task_id = session().scalar(waiting)
    if task_id is None:
        return False
    with unit_of_work():
        won = session().execute(
            update(Task)
            .where(Task.id == task_id, Task.state == "waiting")
            .values(state="running", touched_at=clock.now())
        )
    if won.rowcount == 0:  # type: ignore[attr-defined]
        return False
    task = session().get_one(Task, task_id, populate_existing=True)
    try:
        result = runners[task.kind](task.params, lambda done, total: _report(task_id, done, total))
        _finish(task_id, "done", result)
    except DomainError as refusal:
        _finish(task_id, "failed", {"error": str(refusal)})
    except Exception:
        log.exception("task %s failed", task_id)
        _finish(task_id, "failed", {"error": ""})
    return True


def fail_stale() -> None:
    """Mark tasks whose process died as failed, so that their owner can start them again."""
    with unit_of_work():
        session().execute(
            update(Task)
            .where(Task.state == "running", Task.touched_at < clock.now() - STALE)
            .values(state="failed", result={"error": "interrupted"})
        )


def _report(task_id: int, done: int, total: int) -> None:
    with unit_of_work():
        session().execute(
            update(Task)
            .where(Task.id == task_id)
            .values(done=done, total=total, touched_at=clock.now())
        )


def _finish(task_id: int, state: str, result: Json) -> None:
    session().rollback()
    with unit_of_work():
        session().execute(
            update(Task)
            .where(Task.id == task_id)
            .values(state=state, result=result, touched_at=clock.now())
        )
