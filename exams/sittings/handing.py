"""Handing in by the express lane: read and marked beforehand, written together with others.

What a hand-in writes is worked out without holding anything. The transaction then only looks
whether the sitting still is as it was read, and writes. Whatever is not the usual case (a person
has to mark, a key was corrected, a certificate follows, something changed in between) gets None
and goes the ordinary way. The rules are the same functions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from exams.bank.queries import Asked, Key
from exams.entries.models import Release
from exams.marking import rules as marking
from exams.marking.concluding import Paper, mark_rows, marks_by_rule, policy_by
from exams.papers.queries import SlotRow
from exams.results.concluding import place_of, result_row
from exams.sittings import rules
from exams.sittings.answering import ensure_writable
from exams.sittings.closing import new_receipt
from exams.sittings.express import Post
from exams.sittings.handing_statements import RULES, Statements, statements_for
from lms.core import clock
from lms.core.errors import DomainError
from lms.core.notify import notice_row
from lms.core.quick import cursor_of
from lms.core.rules import RuleVersion
from lms.people import api as people

KeysFor = Callable[[Sequence[Asked]], dict[Asked, Key]]


@dataclass(frozen=True, slots=True)
class Ready:
    """A sitting as it was read, and all that handing it in will write."""

    post: Post
    sitting: Any
    steps: int
    answered: int
    digest: str
    receipt: str
    marks: list[dict[str, Any]]
    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Handed:
    """A sitting that was handed in, and the instant by which it was judged."""

    ready: Ready
    now: datetime


def prepare(engine: Engine, post: Post, keys_for: KeysFor) -> Ready | None:
    """Read a sitting and work out what handing it in writes; None for the ordinary way."""
    statements, now = statements_for(engine.dialect), clock.now()
    with engine.connect() as connection:
        cursor = cursor_of(connection)
        asked = {
            "session": post.session_hash, "attempt": post.attempt_id, "now": now,
            "idle_since": now - people.IDLE,
        }  # fmt: skip
        found = statements.sitting.rows(cursor, asked)
        if not found or found[0].state != "open":
            return None
        sitting = found[0]
        steps = statements.answers.rows(cursor, {"attempt": post.attempt_id})
        slots = [
            SlotRow(row.id, row.position, row.question_version_id, row.tenths, row.order, row.part)
            for row in statements.slots.rows(cursor, {"paper": sitting.paper_id})
        ]
        in_force = _in_force(statements, cursor, clock.local_date(now))
    if len(in_force) < len(RULES):
        return None
    keys = keys_for([slot.asked for slot in slots])
    paper = Paper(sitting.id, _Event(sitting.event_id, sitting.rung, sitting.part), slots, keys, {})
    return _worked_out(post, sitting, steps, paper, in_force, now)


def _in_force(statements: Statements, cursor: Any, day: date) -> Mapping[str, RuleVersion]:
    """The newest version of each rule that is needed."""
    return {row.code: RuleVersion(*row) for row in statements.rules.rows(cursor, {"day": day})}


def _worked_out(
    post: Post,
    sitting: Any,
    steps: Sequence[Any],
    paper: Paper,
    in_force: Mapping[str, RuleVersion],
    now: datetime,
) -> Ready | None:
    if any(paper.by_people(slot) for slot in paper.slots):
        return None
    answers = rules.fold(steps)
    policy = policy_by(in_force["exams.sitting"].value, sitting.multiple_rule)
    marks = marks_by_rule(paper, answers, {}, policy)
    person = sitting.person_id
    result = result_row(paper.event, paper.marked(marks), in_force["exams.parts"], person, now)
    if result["passed"] and sitting.issues_certificate and sitting.release == Release.AT_ONCE:
        return None
    answered, digest = rules.sealed(sitting.id, answers)
    return Ready(
        post,
        sitting,
        len(steps),
        answered,
        digest,
        new_receipt(),
        mark_rows(paper, marks, "auto", marking.VERSION, person, now),
        result | {"attempt_id": sitting.id, "person_id": person, "supersedes_id": None},
    )


@dataclass(frozen=True, slots=True)
class _Event:
    """What a result says of its event."""

    id: int
    rung: int
    part: str


def write(connection: Connection, items: Sequence[Ready]) -> Sequence[Handed | None]:
    """Close what is still as it was read; one outcome for each, None for the ordinary way."""
    now, cursor, statements = clock.now(), cursor_of(connection), statements_for(connection.dialect)
    states = statements.locked(cursor, list({item.sitting.id for item in items}))
    closing: dict[int, Ready] = {}
    for item in items:
        state = states.get(item.sitting.id)
        if state is not None and _is_unchanged(item, state, now):
            closing.setdefault(item.sitting.id, item)
    _write_all(statements, cursor, closing.values(), now)
    return [Handed(item, now) if closing.get(item.sitting.id) is item else None for item in items]


def _is_unchanged(item: Ready, state: Any, now: datetime) -> bool:
    try:
        ensure_writable(state, item.post.device, item.post.epoch, now)
    except DomainError:
        return False
    return state.steps == item.steps and not state.corrected


def _write_all(statements: Statements, cursor: Any, items: Any, now: datetime) -> None:
    items = list(items)
    for item in items:
        for row in (item.result, *item.marks):
            row["decided_at" if row is item.result else "marked_at"] = now
    numbers = statements.results.ids(cursor, [item.result for item in items], "attempt_id")
    statements.marks.run(cursor, [row for item in items for row in item.marks])
    statements.notes.run(cursor, [_note(item, now) for item in items])
    shown = [item for item in items if item.sitting.release == Release.AT_ONCE]
    statements.releases.run(cursor, [_release(item, numbers, now) for item in shown])
    statements.notices.run(cursor, [_notice(item, numbers, now) for item in shown])
    for item in items:
        told = {"digest": item.digest, "count": item.answered, "code": item.receipt}
        statements.close.run(cursor, told | {"attempt": item.sitting.id, "now": now})


def _note(item: Ready, now: datetime) -> dict[str, Any]:
    return {
        "attempt_id": item.sitting.id, "kind": "handed_in", "at": now,
        "by": item.sitting.person_id, "details": {"answered": item.answered}, "op": None,
    }  # fmt: skip


def _release(item: Ready, numbers: Mapping[int, int], now: datetime) -> dict[str, Any]:
    number, person = numbers[item.sitting.id], item.sitting.person_id
    return {"result_id": number, "released_by": person, "released_at": now}


def _notice(item: Ready, numbers: Mapping[int, int], now: datetime) -> dict[str, Any]:
    facts = {"title": item.sitting.title}
    key, url = place_of(numbers[item.sitting.id])
    return notice_row(item.sitting.person_id, "exams.result", key, url, facts, now)
