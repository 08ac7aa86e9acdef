"""From answers to marks, and from marks to a result once nobody has to mark any more.

Callers hold the attempt locked and commit. Calling again does what is left to do, and no more.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select

from exams.bank.models import Kind
from exams.bank.queries import Asked, Key, keys_of
from exams.entries.models import Entry, ExamEvent
from exams.marking import rules
from exams.marking.corrections.queries import in_force
from exams.marking.corrections.rules import Corrected, void_marks
from exams.marking.models import Mark, Script
from exams.papers.queries import SlotRow, slots_of
from exams.results.concluding import settle
from exams.results.models import Result
from exams.results.rules import Marked
from exams.sittings.models import Attempt
from exams.sittings.queries import folded
from exams.sittings.rules import is_answered
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.rules import rule_on

CLOSED = ("handed_in", "timed_out")
BY_PEOPLE = (Kind.SHORT, Kind.ESSAY)
Answers = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Paper:
    """A sitting's questions with all that marking needs."""

    attempt_id: int
    event: Any  # an ExamEvent, or what was read of one
    slots: list[SlotRow]
    keys: dict[Asked, Key]
    corrections: dict[Asked, Corrected]

    def way(self, slot: SlotRow) -> str:
        """How a slot is corrected in this event; "" when it is not."""
        found = self.corrections.get(slot.asked)
        return found.way if found else ""

    def by_people(self, slot: SlotRow) -> bool:
        """True if a person has to read the answer."""
        return self.keys[slot.asked].kind in BY_PEOPLE and self.way(slot) not in ("full", "void")

    def marked(self, given: Mapping[int, int]) -> list[Marked]:
        """Marks by slot as results add them up."""
        return [Marked(self.keys[s.asked].module, given[s.id], s.tenths) for s in self.slots]


def paper_of(attempt: Attempt) -> Paper:
    """The paper of a sitting, as marking needs it; a fixed number of statements."""
    entry = session().get_one(Entry, attempt.entry_id)
    event = session().get_one(ExamEvent, entry.event_id)
    slots = slots_of(attempt.paper_id or 0)
    keys = keys_of(slot.asked for slot in slots)
    return Paper(attempt.id, event, slots, keys, in_force(event.id))


def conclude(
    attempt: Attempt, actor: Actor, now: datetime, answers: Answers | None = None
) -> Result | None:
    """Mark what rules can mark, queue what people must read, and settle when all is marked.

    ``answers`` are given by whoever has just closed the sitting; nothing is marked yet then.
    Returns None while people still have to mark, or when there is nothing left to do.
    """
    if attempt.state not in CLOSED or attempt.paper_id is None:
        return None
    paper = paper_of(attempt)
    given: dict[int, int] = {}
    queued: set[int] = set()
    if answers is None:
        answers = folded(attempt.id)
        given = newest_marks([attempt.id]).get(attempt.id, {})
        queued = _queued(attempt.id)
    fresh = marks_by_rule(paper, answers, given, policy_of(paper.event, now))
    waiting = {
        slot.id for slot in paper.slots if paper.by_people(slot) and slot.id not in given | fresh
    }
    _queue(paper, waiting - queued, now)
    if not waiting:
        fresh |= voided(paper, given | fresh, set(given))
    _append(paper, fresh, "auto", actor, now)
    if waiting:
        return None
    return settle(attempt, paper.marked(given | fresh), actor, now)


def marks_by_rule(
    paper: Paper, answers: Answers, given: Mapping[int, int], policy: rules.Policy
) -> dict[int, int]:
    """Slot → tenths for what needs no person: a blank answer to a person is worth nothing."""
    fresh: dict[int, int] = {}
    for slot in paper.slots:
        if slot.id in given or paper.way(slot) == "void":
            continue
        answer = answers.get(slot.position)
        if not paper.by_people(slot):
            fresh[slot.id] = by_rule(paper, slot, answer, policy)
        elif answer is None or not is_answered(dict(answer)):
            fresh[slot.id] = 0
    return fresh


def policy_of(event: ExamEvent, now: datetime) -> rules.Policy:
    """How kinds with several right things are marked in an event."""
    return policy_by(rule_on("exams.sitting", clock.local_date(now)).value, event.multiple_rule)


def policy_by(rule: Mapping[str, Any], own: str) -> rules.Policy:
    """The policy of the rule's value and of what an event says itself."""
    return rules.Policy.of(rule, multiple=own)


def by_rule(
    paper: Paper, slot: SlotRow, answer: Mapping[str, Any] | None, policy: rules.Policy
) -> int:
    """Tenths for one answer by key, corrected where it was."""
    if paper.way(slot) == "full":
        return slot.tenths
    key = paper.keys[slot.asked]
    right = paper.corrections[slot.asked].key if paper.way(slot) == "key" else key.key
    return rules.mark(rules.Markable(key.kind, right, slot.order), answer, slot.tenths, policy)


def voided(paper: Paper, given: Mapping[int, int], known: set[int]) -> dict[int, int]:
    """Marks of the slots that do not count and are not in ``known``."""
    out = {s.id: s.tenths for s in paper.slots if paper.way(s) == "void"}
    rest = {s.id: (given[s.id], s.tenths) for s in paper.slots if s.id not in out}
    return {slot: tenths for slot, tenths in void_marks(out, rest).items() if slot not in known}


def newest_marks(attempt_ids: Iterable[int]) -> dict[int, dict[int, int]]:
    """Attempt → slot → tenths that count; one statement."""
    found: dict[int, dict[int, int]] = {}
    rows = session().execute(
        select(Mark.attempt_id, Mark.slot_id, Mark.tenths)
        .where(Mark.attempt_id.in_(list(attempt_ids)), Mark.slot_id.is_not(None))
        .order_by(Mark.id)
    )
    for attempt_id, slot_id, tenths in rows:
        found.setdefault(attempt_id, {})[slot_id] = tenths
    return found


def _append(paper: Paper, marks: Mapping[int, int], how: str, actor: Actor, now: datetime) -> None:
    append_marks(paper, marks, how, rules.VERSION, actor, now)


def append_marks(
    paper: Paper, marks: Mapping[int, int], how: str, stamp: str, actor: Actor, now: datetime
) -> None:
    """Add marks by slot, in one statement."""
    rows = mark_rows(paper, marks, how, stamp, actor.person_id, now)
    if rows:
        session().execute(insert(cast(Table, Mark.__table__)), rows)


def mark_rows(
    paper: Paper, marks: Mapping[int, int], how: str, stamp: str, marked_by: int, now: datetime
) -> list[dict[str, Any]]:
    """Marks by slot as rows of their table; the key makes the same marking happen once."""
    return [
        {
            "attempt_id": paper.attempt_id,
            "slot_id": slot.id,
            "item": paper.keys[slot.asked].module,
            "tenths": marks[slot.id],
            "stamp": stamp,
            "marked_by": marked_by,
            "marked_at": now,
            "key": f"{how}:{paper.attempt_id}:{slot.position}",
        }
        for slot in paper.slots
        if slot.id in marks
    ]


def _queued(attempt_id: int) -> set[int]:
    return set(session().scalars(select(Script.slot_id).where(Script.attempt_id == attempt_id)))


def _queue(paper: Paper, slot_ids: set[int], now: datetime) -> None:
    rows = [
        {
            "ref": secrets.token_hex(16),
            "event_id": paper.event.id,
            "attempt_id": paper.attempt_id,
            "slot_id": slot.id,
            "question_version_id": slot.version_id,
            "part": -1 if slot.part is None else slot.part,
            "most": slot.tenths,
            "state": "marking",
            "queued_at": now,
        }
        for slot in paper.slots
        if slot.id in slot_ids
    ]
    if rows:
        session().execute(insert(Script), rows)
