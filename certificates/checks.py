"""Counting checks without slowing them: a small buffer per process, written by its own thread.

A check adds one to a number in memory. A few seconds later one short unit of work adds the sums
to ``check_count``. If the database is busy the sums wait for the next turn; if the process dies
a few seconds of counts are lost, which harms nobody.
"""

import logging
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask, current_app
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from certificates.models import Certificate, CheckCount
from lms.core.db import db, session
from lms.core.uow import unit_of_work

log = logging.getLogger(__name__)
EVERY_SECONDS = 3.0
MOST_WAITING = 20_000


class CheckBuffer:
    """Counts waiting to be written; ``timed`` starts the thread that writes them."""

    def __init__(self, app: Flask, timed: bool) -> None:
        self._app = app
        self._timed = timed
        self._lock = threading.Lock()
        self._waiting: Counter[tuple[int, date]] = Counter()
        self._timer: threading.Timer | None = None

    def note(self, certificate_id: int, day: date) -> None:
        """Count one check; takes no time and never fails."""
        with self._lock:
            key = (certificate_id, day)
            if len(self._waiting) < MOST_WAITING or key in self._waiting:
                self._waiting[key] += 1
            if self._timed and self._timer is None:
                self._timer = threading.Timer(EVERY_SECONDS, self._turn)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> int:
        """Write what waits; returns how many counts were written. Never raises for a busy
        database: the counts stay for the next turn."""
        with self._lock:
            batch, self._waiting = self._waiting, Counter()
        if not batch:
            return 0
        try:
            self._write(batch)
        except SQLAlchemyError as error:
            log.warning("counts of checks wait: %s", type(error).__name__)
            with self._lock:
                self._waiting.update(batch)
            return 0
        return batch.total()

    def _write(self, batch: Counter[tuple[int, date]]) -> None:
        rows = [
            {"certificate_id": certificate_id, "day": day, "times": times}
            for (certificate_id, day), times in sorted(batch.items())
        ]
        with self._app.app_context():
            try:
                with unit_of_work():
                    _add(rows)
            finally:
                db.session.remove()

    def _turn(self) -> None:
        with self._lock:
            self._timer = None
        self.flush()


def _add(rows: list[dict[str, Any]]) -> None:
    dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(CheckCount)
    session().execute(
        statement.on_conflict_do_update(
            index_elements=["certificate_id", "day"],
            set_={"times": CheckCount.times + statement.excluded.times},
        ),
        rows,
    )


@dataclass(frozen=True, slots=True)
class Checks:
    """How often a certificate was checked, and on which day last."""

    times: int
    last_on: date | None


NEVER = Checks(0, None)


def init_checks(app: Flask) -> None:
    """Give the app its buffer."""
    app.extensions["checks"] = CheckBuffer(app, timed=not app.config["TESTING"])


def buffer() -> CheckBuffer:
    """The buffer of the present app."""
    return buffer_of(current_app)


def buffer_of(app: Flask) -> CheckBuffer:
    """The buffer of an app that has no context just now."""
    held: CheckBuffer = app.extensions["checks"]
    return held


def checks_of(certificate_ids: Iterable[int]) -> dict[int, Checks]:
    """Total and last day for each certificate that was checked at all; one statement."""
    query = (
        select(CheckCount.certificate_id, func.sum(CheckCount.times), func.max(CheckCount.day))
        .where(CheckCount.certificate_id.in_(list(certificate_ids)))
        .group_by(CheckCount.certificate_id)
    )
    return {row[0]: Checks(int(row[1]), row[2]) for row in session().execute(query)}


def checks_for_person(person_id: int) -> dict[int, Checks]:
    """The same for every certificate of a person."""
    query = (
        select(CheckCount.certificate_id, func.sum(CheckCount.times), func.max(CheckCount.day))
        .join(Certificate, Certificate.id == CheckCount.certificate_id)
        .where(Certificate.person_id == person_id)
        .group_by(CheckCount.certificate_id)
    )
    return {row[0]: Checks(int(row[1]), row[2]) for row in session().execute(query)}


def days_of(certificate_id: int, most: int = 30) -> list[tuple[date, int]]:
    """The latest days on which a certificate was checked, newest first."""
    query = (
        select(CheckCount.day, CheckCount.times)
        .where(CheckCount.certificate_id == certificate_id)
        .order_by(CheckCount.day.desc())
        .limit(most)
    )
    return [(day, times) for day, times in session().execute(query)]
