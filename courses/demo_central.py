"""The demo's central sessions as rows: who was there, what it came to, what was posted."""

import random
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from courses.classroom import rules
from courses.classroom.models import (
    AttendanceFact,
    CentralSession,
    Seat,
    SeatStep,
    SessionOutcome,
)
from courses.classroom.operations import sessions
from courses.classroom.operations.closing import CATEGORY
from courses.classroom.rules import Counting, Mark, Stretch
from courses.credits.models import CreditEntry
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.rules import rule_on

BATCH = 5000
TOPICS = (
    ("失智老人照护与沟通", "认识失智症、行为应对、家属沟通"),
    ("老年人安全与应急处置", "跌倒、噎食、火灾与走失的预防和处置"),
    ("养老机构感染防控", "手卫生、隔离、消毒与疫情处置"),
    ("职业道德与老年人权益", "法律法规、隐私保护、服务规范"),
)


def half_days(day: date) -> tuple[Stretch, ...]:
    """09:00–12:00 and 14:00–17:00 in Shanxi."""
    begin = clock.start_of(day)
    hour = timedelta(hours=1)
    return (
        Stretch(begin + 9 * hour, begin + 12 * hour),
        Stretch(begin + 14 * hour, begin + 17 * hour),
    )


@dataclass
class Ledger:
    """Rows waiting to be written in bulk."""

    rng: random.Random
    waiting: dict[Any, list[dict[str, Any]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, table: Any, **row: Any) -> None:
        """Keep a row; write when there are many."""
        rows = self.waiting.setdefault(table, [])
        rows.append(row)
        self.counts[table.__tablename__] = self.counts.get(table.__tablename__, 0) + 1
        if len(rows) >= BATCH:
            self._write(table)

    def flush(self) -> None:
        """Write what is left."""
        for table in list(self.waiting):
            self._write(table)

    def _write(self, table: Any) -> None:
        rows = self.waiting.pop(table, [])
        if rows:
            session().execute(insert(table), rows)


def plan(
    organiser_id: int, region: str, year: int, parts: tuple[Stretch, ...], capacity: int,
    number: int, venue: str, now: datetime,
) -> CentralSession:  # fmt: skip
    """A planned and opened session."""
    title, topic = TOPICS[number % len(TOPICS)]
    announced = min(parts[0].starts_at - timedelta(days=30), now)
    made = sessions.SessionPlan(
        f"{year}年集中培训：{title}", topic, region, year, venue, capacity, parts
    )
    row = sessions.plan_session(organiser_id, made, SYSTEM, announced)
    sessions.state(row, "open", SYSTEM, announced)
    return row


def seat(ledger: Ledger, row: CentralSession, person_id: int, at: datetime) -> None:
    """Book a seat."""
    ledger.add(
        Seat, session_id=row.id, person_id=person_id, status="booked", queued_at=at, booked_by=0
    )
    ledger.add(
        SeatStep, session_id=row.id, person_id=person_id, status="booked",
        recorded_at=at, recorded_by=0,
    )  # fmt: skip


def arrive(
    ledger: Ledger, row: CentralSession, person_id: int, at: datetime, device: str = ""
) -> None:
    """Check in on arrival; by a colleague's phone where ``device`` names one."""
    method = ledger.rng.choice(("qr", "qr", "qr", "code", "teacher"))
    mark(ledger, row, person_id, "in", at, "qr" if device else method, device)


def mark(
    ledger: Ledger, row: CentralSession, person_id: int, kind: str, at: datetime, method: str,
    device: str = "",
) -> None:  # fmt: skip
    """Append an attendance fact."""
    own = f"{ledger.rng.getrandbits(64):016x}"
    ledger.add(
        AttendanceFact, op=f"{row.id}:{person_id}:{kind}:d{int(at.timestamp())}",
        session_id=row.id, person_id=person_id, kind=kind, method=method, at=at,
        device="" if method == "teacher" else device or own,
        reason="", voids_id=None,
        recorded_at=at, recorded_by=0 if method == "teacher" else person_id,
    )  # fmt: skip


def hold(ledger: Ledger, row: CentralSession, people: Collection[int], early: float) -> None:
    """Seat people, let them come, close; a share ``early`` of them leaves at noon or stays away."""
    parts = sessions.stretches(row)
    closed_at = row.ends_at + timedelta(minutes=20)
    rule = rule_on(rules.RULE, clock.local_date(row.starts_at))
    counting = Counting.read(rule.stamp, rule.value)
    for person_id in people:
        seat(ledger, row, person_id, row.starts_at - timedelta(days=12))
        came = row.starts_at - timedelta(minutes=ledger.rng.randint(2, 40))
        marks = [Mark(1, "in", came)]
        arrive(ledger, row, person_id, came)
        if ledger.rng.random() < early:
            left = parts[0].ends_at - timedelta(minutes=ledger.rng.randint(5, 90))
            marks.append(Mark(2, "out", left))
            mark(ledger, row, person_id, "out", left, "code")
        _settle(ledger, row, person_id, rules.count(marks, parts, counting), rule.stamp, closed_at)
    row.closed_at = closed_at
    sessions.state(row, "closed", SYSTEM, closed_at)


def _settle(
    ledger: Ledger, row: CentralSession, person_id: int, result: rules.Result, stamp: str,
    at: datetime,
) -> None:  # fmt: skip
    ledger.add(
        SessionOutcome, session_id=row.id, person_id=person_id, round=1, year=row.year,
        held_on=clock.local_date(row.ends_at), minutes=result.minutes, tenths=result.tenths,
        attended=result.attended, rule=stamp, recorded_at=at, recorded_by=0,
    )  # fmt: skip
    if result.tenths:
        ledger.add(
            CreditEntry, person_id=person_id, category=CATEGORY, tenths=result.tenths,
            year=row.year, source_key=f"central:{row.id}:{person_id}", source=row.title,
            reverses_id=None, recorded_at=at, recorded_by=0,
        )  # fmt: skip
