"""The scheduler: every tick is an application context, a lease, and one unit of work at a time.

Several schedulers may run; the lease in the database lets one act. Each job is idempotent, so
a scheduler that was frozen past its lease and wakes up does nothing twice.
"""

import logging
import os
import secrets
import socket
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

import certificates.api as certificates_api
import courses.api as courses_api
import exams.api as exams_api
from lms.app import create_app
from lms.core import clock, lease, outbox, tasks
from lms.core.config import load_settings
from lms.core.db import Json, db, session
from lms.core.logs import init_logs
from lms.core.turns import Turns
from lms.core.uow import unit_of_work
from lms.people import api as people_api
from lms.portal.saved import sending as saved_views
from lms.post import api as post_api

log = logging.getLogger("lms.jobs")
TERM = timedelta(seconds=90)
LONG_LOG = 4096  # pages of SQLite's write-ahead log, 16 MiB
Job = tuple[str, dict[str, int], Callable[[], None]]


def all_jobs() -> list[Job]:
    """Timed jobs of all packages: (name, APScheduler cron fields in Shanghai time, call)."""
    return [
        *people_api.JOBS,
        *courses_api.JOBS,
        *exams_api.JOBS,
        *certificates_api.JOBS,
        *saved_views.JOBS,
    ]


def all_runners() -> Mapping[str, tasks.Runner]:
    """Runners of long tasks by kind."""
    return {
        **people_api.TASK_RUNNERS,
        **courses_api.TASK_RUNNERS,
        **certificates_api.TASK_RUNNERS,
        **exams_api.TASK_RUNNERS,
    }


def all_handlers() -> Mapping[str, outbox.Handler]:
    """Outbox handlers by letter kind."""
    return {
        people_api.EMPLOYMENT_CHANGED: _look_at_duties,
        **courses_api.HANDLERS,
        **saved_views.HANDLERS,
    }


def _look_at_duties(payload: Json) -> None:
    """Bring this and last year's flags of some people up to date."""
    now = clock.now()
    year = clock.local_date(now).year
    courses_api.refresh_today(payload["person_ids"], (year - 1, year), now)


class Scheduler:
    """Runs jobs, long tasks and the outbox for one app."""

    def __init__(self, app: Flask, holder: str | None = None) -> None:
        self.app = app
        self.holder = holder or f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

    def holds(self, name: str) -> bool:
        """Take or renew the lease ``name``."""
        with unit_of_work():
            return lease.take(name, self.holder, TERM) is not None

    def tick(self, name: str, work: Callable[[], object]) -> None:
        """Do ``work`` if the lease is ours; a failure is logged and the next tick tries again."""
        with self.app.app_context():
            try:
                if self.holds(name):
                    work()
            except Exception:
                session().rollback()
                log.exception("job %s failed", name)
            finally:
                db.session.remove()

    def run_tasks(self) -> None:
        """Run waiting tasks until none is left."""
        tasks.fail_stale()
        while tasks.run_next(all_runners()):
            pass

    def deliver(self) -> None:
        """Deliver letters that are due."""
        outbox.deliver_due(all_handlers())

    def carry(self) -> None:
        """Carry messages outside until nothing is due; someone slow holds up one round at most."""
        for _round in range(20):
            if not post_api.carry() or not self.holds("post"):
                return

    def checkpoint(self) -> None:
        """Fold SQLite's write-ahead log into the database (the web workers leave it alone).

        Under steady load there is always something newer in the log, so that it would never
        begin again at its start and grow without end. When it is long, writers are stopped for
        the moment that it takes to fold the rest.
        """
        with db.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            _busy, pages, _folded = _checkpoint(raw, "PASSIVE")
            if pages > LONG_LOG:
                raw.execute("PRAGMA busy_timeout = 200")  # type: ignore[union-attr]
                with Turns(db.engine).mine():
                    _checkpoint(raw, "RESTART")
            connection.invalidate()

    def start(self) -> None:
        """Run for ever."""
        timer = BlockingScheduler(timezone="Asia/Shanghai")
        common = {"max_instances": 1, "coalesce": True, "misfire_grace_time": 3600}
        timer.add_job(self.tick, "interval", ("tasks", self.run_tasks), seconds=1, **common)
        timer.add_job(self.tick, "interval", ("outbox", self.deliver), seconds=3, **common)
        timer.add_job(self.tick, "interval", ("post", self.carry), seconds=3, **common)
        if self.app.extensions["settings"].is_sqlite:
            timer.add_job(self.checkpoint_tick, "interval", seconds=5, **common)
        timer.add_job(self.stop_when_orphaned, "interval", (timer, os.getppid()), seconds=2)
        for name, when, work in all_jobs():
            timer.add_job(self.tick, "cron", (name, work), **when, **common)
        timer.start()

    def checkpoint_tick(self) -> None:
        """One checkpoint; needs no lease, since it belongs to this machine's file."""
        with self.app.app_context():
            self.checkpoint()

    def stop_when_orphaned(self, timer: BlockingScheduler, parent: int) -> None:
        """Stop when the server that started us is gone."""
        if os.getppid() != parent:
            timer.shutdown(wait=False)


def _checkpoint(raw: Any, how: str) -> tuple[int, int, int]:
    """Returns whether something was in the way, pages in the log, and pages folded."""
    found: tuple[int, int, int] = raw.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
    return found


def main() -> None:
    """Run the scheduler process."""
    settings = load_settings()
    init_logs(settings.log_level)
    Scheduler(create_app(settings)).start()


if __name__ == "__main__":
    main()
