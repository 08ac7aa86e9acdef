"""What the database holds of some sittings, and what must be true of it whatever happened.

The letters are the invariants that the harness stands for: **A** every acknowledged answer is
there at its highest number · **B** an operation counts once · **C** nothing crosses sittings or
questions · **E** the deadline holds both ways · **F** the database is sound and its chains close ·
**G** each sitting is closed, marked and settled once · **H** no phone was told "saved" too early.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, text

from exams.marking.models import Mark
from exams.results.models import Result
from exams.sittings.models import AnswerStep, Attempt, SittingEvent
from lms.core import audit
from lms.core.db import db, session
from tests.faults.phones import Journal

Json = dict[str, Any]


@dataclass
class Stored:
    """One step as stored."""

    attempt: int
    seq: int
    op: str
    position: int
    answer: Json
    client_at: datetime | None
    received_at: datetime
    late: bool


@dataclass
class Sat:
    """A sitting as stored."""

    state: str
    deadline: datetime
    grace: timedelta
    handed_in_at: datetime | None
    receipt: str | None
    digest: str


@dataclass
class Facts:
    """Plain values, so that a defect can be planted in them."""

    steps: list[Stored]
    sittings: dict[int, Sat]
    closings: Counter[int] = field(default_factory=Counter)
    results: Counter[int] = field(default_factory=Counter)
    marks: Counter[tuple[int, int]] = field(default_factory=Counter)
    unsound: list[str] = field(default_factory=list)


def facts_of(attempts: Iterable[int]) -> Facts:
    """Read everything anew."""
    ids, sess = list(attempts), session()
    sess.expire_all()
    columns = (
        AnswerStep.attempt_id, AnswerStep.seq, AnswerStep.op, AnswerStep.position,
        AnswerStep.answer, AnswerStep.client_at, AnswerStep.received_at, AnswerStep.late,
    )  # fmt: skip
    rows = sess.execute(select(*columns).where(AnswerStep.attempt_id.in_(ids)))
    closed = select(SittingEvent.attempt_id).where(
        SittingEvent.attempt_id.in_(ids), SittingEvent.kind.in_(("handed_in", "timed_out"))
    )
    first = select(Result.attempt_id).where(
        Result.attempt_id.in_(ids), Result.supersedes_id.is_(None)
    )
    marks = (
        select(Mark.attempt_id, Mark.slot_id, func.count())
        .where(Mark.attempt_id.in_(ids))
        .group_by(Mark.attempt_id, Mark.slot_id)
    )
    return Facts(
        [Stored(*row) for row in rows],
        {
            a.id: Sat(
                a.state, a.deadline, timedelta(seconds=a.grace_seconds), a.handed_in_at,
                a.receipt, a.answers_digest,
            )
            for a in sess.scalars(select(Attempt).where(Attempt.id.in_(ids)))
        },
        Counter(sess.scalars(closed)),
        Counter(sess.scalars(first)),
        Counter({(row[0], row[1]): row[2] for row in sess.execute(marks)}),
        unsound(),
    )  # fmt: skip


def unsound() -> list[str]:
    """What the database says of itself, and whether the audit trail's chain closes."""
    found: list[str] = []
    session().rollback()  # not what an older reading saw
    if db.engine.dialect.name == "sqlite":
        found += sqlite_faults(lambda pragma: session().execute(text(pragma)))
    else:  # every page of every table and index is read
        for name in db.metadata.tables:
            session().execute(text(f"SELECT count(*) FROM {name} AS t WHERE t::text IS NULL"))
    broken = audit.first_broken()
    return found + ([f"the audit trail breaks at {broken}"] if broken is not None else [])


def sqlite_faults(execute: Callable[[str], Iterable[Any]]) -> list[str]:
    """What SQLite finds wrong with its own file."""
    try:
        found = [row[0] for row in execute("PRAGMA integrity_check") if row[0] != "ok"]
    except sqlite3.DatabaseError as torn:
        return [str(torn)]
    return found + [str(tuple(row)) for row in execute("PRAGMA foreign_key_check")]


def faults_of(journal: Journal, facts: Facts) -> list[str]:
    """Everything that is wrong; empty when all is well."""
    found = list(journal.strange)
    for check in (_lost, _applied, _crossed, _deadline, _closed, _receipts, _said):
        found += check(journal, facts)
    return found + [f"F: {line}" for line in facts.unsound]


def _lost(journal: Journal, facts: Facts) -> list[str]:
    """A: what was acknowledged is there, and no older answer of its question stands above it."""
    stored = {step.op for step in facts.steps}
    found = [f"A: {op} was acknowledged and lost" for op in journal.acked if op not in stored]
    newest: dict[tuple[int, int], int] = {}
    for op in journal.acked:
        typed = journal.typed[op]
        place = typed.attempt, typed.position
        newest[place] = max(newest.get(place, 0), typed.order)
    for step in _standing(facts).values():
        typed_now = journal.typed.get(step.op)
        if typed_now and typed_now.order < newest.get((step.attempt, step.position), 0):
            found.append(f"A: {step.op} stands above a newer answer")
    return found


def _standing(facts: Facts) -> dict[tuple[int, int], Stored]:
    """The answer of each question: the step with the highest number."""
    standing: dict[tuple[int, int], Stored] = {}
    for step in facts.steps:
        place = step.attempt, step.position
        if place not in standing or step.seq > standing[place].seq:
            standing[place] = step
    return standing


def _applied(_journal: Journal, facts: Facts) -> list[str]:
    ops = Counter((step.attempt, step.op) for step in facts.steps)
    numbers = Counter((step.attempt, step.seq) for step in facts.steps)
    return [f"B: {key} applied {n} times" for key, n in (ops + numbers).items() if n > 1]


def _crossed(journal: Journal, facts: Facts) -> list[str]:
    found = []
    for step in facts.steps:
        typed = journal.typed.get(step.op)
        if typed is None:
            found.append(f"C: {step.op} was never typed")
        elif (typed.attempt, typed.position, typed.answer) != (
            step.attempt, step.position, step.answer,
        ):  # fmt: skip
            found.append(f"C: {step.op} is not what was typed, or where")
    return found


def _deadline(journal: Journal, facts: Facts) -> list[str]:
    """E: nothing is taken too late, late answers are marked, nothing in time is refused."""
    found = []
    for step in facts.steps:
        sat = facts.sittings[step.attempt]
        if step.received_at > sat.deadline + sat.grace:
            found.append(f"E: {step.op} was taken after the grace time")
        if step.late != (step.received_at > sat.deadline):
            found.append(f"E: {step.op} is marked late or not, wrongly")
        if step.late and (step.client_at is None or step.client_at > sat.deadline):
            found.append(f"E: {step.op} was typed after the deadline")
    for op in journal.refused:
        typed = journal.typed[op]
        at = datetime.fromtimestamp(typed.at / 1000, UTC)
        if at <= facts.sittings[typed.attempt].deadline:
            found.append(f"E: {op} was typed in time and refused")
    return found


def _closed(_journal: Journal, facts: Facts) -> list[str]:
    """G: a closed sitting was closed once and has one result and one mark a question."""
    found = [f"G: slot {slot} of sitting {n} marked twice"
             for (n, slot), many in facts.marks.items() if many > 1]  # fmt: skip
    for number, sat in facts.sittings.items():
        once = 0 if sat.state == "open" else 1
        if facts.closings[number] != once:
            found.append(f"G: {sat.state} sitting {number} closed {facts.closings[number]} times")
        if facts.results[number] != once:
            found.append(f"G: {sat.state} sitting {number} has {facts.results[number]} results")
    return found


def _receipts(journal: Journal, facts: Facts) -> list[str]:
    """G: a receipt given is the one kept, over the answers kept."""
    found = []
    for number, told in journal.receipts.items():
        sat = facts.sittings[number]
        if (told["receipt"], told["digest"]) != (sat.receipt, sat.digest):
            found.append(f"G: sitting {number} has another receipt than was given")
        answers = {
            str(step.position): step.answer
            for (n, _place), step in _standing(facts).items()
            if n == number and step.answer["picked"]
        }
        text = json.dumps(
            {"answers": answers, "attempt": number}, sort_keys=True, separators=(",", ":")
        )
        if sha256(text.encode()).hexdigest() != told["digest"]:
            found.append(f"G: the receipt of sitting {number} is over other answers")
    return found


def _said(journal: Journal, _facts: Facts) -> list[str]:
    """H: at the moment a phone said "saved", all that was typed on it had been settled."""
    found = []
    waiting: dict[int, list[tuple[int, float, str]]] = {}
    for op, typed in journal.typed.items():
        if op not in journal.refused:
            settled = journal.acked.get(op, math.inf)
            waiting.setdefault(typed.attempt, []).append((typed.order, settled, op))
    for moment, attempt in journal.said:
        for order, settled, op in waiting.get(attempt, ()):
            if order < moment <= settled:
                found.append(f"H: sitting {attempt} said saved before {op} was")
    return found
