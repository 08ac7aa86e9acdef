"""Reading an event for its analysis: a fixed number of statements, and marks and answers that flow
past sitting by sitting, so that memory does not grow with the exam.

It reads through a connection of its own choosing: a long analysis keeps one view of the facts
while its progress is written through the session.
"""

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select, Text, cast, func, select

from exams.analysis.answers import TYPED, labels_of, seconds_by_position
from exams.analysis.tally import LONGEST, Met, Tally
from exams.bank.models import Kind, QuestionVersion
from exams.entries.models import Entry, ExamEvent
from exams.marking.corrections.models import KeyCorrection, KeyDecision
from exams.marking.models import Mark
from exams.papers.models import Paper, Slot
from exams.sittings.models import AnswerStep, Attempt

Report = Callable[[int, int], None]
STEP = 200
BLOCK = 5_000


@dataclass(slots=True)
class Gathered:
    """What was read: the sums, and how many sittings were left out and why."""

    tally: Tally
    mark_id: int
    expelled: int = 0
    unmarked: int = 0


@dataclass(frozen=True, slots=True)
class _Sat:
    paper_id: int
    started_at: datetime


@dataclass(slots=True)
class _Event:
    """What is known before the marks flow past."""

    sat: dict[int, _Sat]
    kinds: dict[tuple[int, int], str]
    void: frozenset[tuple[int, int]] = field(default_factory=frozenset)


def gather(connection: Connection, event_id: int, report: Report | None = None) -> Gathered:
    """Add up every concluded sitting of an event that is no practice."""
    mark_id = connection.scalar(select(func.max(Mark.id))) or 0
    event, states = _event(connection, event_id)
    found = Gathered(
        Tally(), mark_id, states.get("expelled", 0),
        sum(n for state, n in states.items() if state in ("handed_in", "timed_out")),
    )  # fmt: skip
    if report:
        report(0, max(1, len(event.sat)))
    with ExitStack() as stack:
        marks = stack.enter_context(closing(_flow(connection, _marks(event_id, mark_id))))
        steps = stack.enter_context(closing(_flow(connection, _steps(event_id))))
        answers = _Answers(steps)
        for done, (attempt_id, rows) in enumerate(groupby(marks, key=itemgetter(0)), start=1):
            _add(found.tally, event, attempt_id, rows, answers.of(attempt_id))
            if report and done % STEP == 0:
                report(done, len(event.sat))
    return found


def _flow(connection: Connection, query: Select[Any]) -> Generator[Any, None, None]:
    with closing(connection.execute(query.execution_options(yield_per=BLOCK))) as rows:
        for block in rows.partitions():
            yield from block


def _event(connection: Connection, event_id: int) -> tuple[_Event, dict[str, int]]:
    sat: dict[int, _Sat] = {}
    states: dict[str, int] = {}
    rows = connection.execute(
        select(Attempt.id, Attempt.state, Attempt.paper_id, Attempt.started_at)
        .join(Entry, Entry.id == Attempt.entry_id)
        .join(ExamEvent, ExamEvent.id == Entry.event_id)
        .where(Entry.event_id == event_id, ExamEvent.practice.is_(False))
    )
    for attempt_id, state, paper_id, started_at in rows:
        states[state] = states.get(state, 0) + 1
        if state == "concluded" and paper_id is not None:
            sat[attempt_id] = _Sat(paper_id, started_at)
    return _Event(sat, _kinds(connection, event_id), _void(connection, event_id)), states


def _void(connection: Connection, event_id: int) -> frozenset[tuple[int, int]]:
    """Questions that were struck out, or brought everybody full marks: they tell nothing."""
    ways: dict[tuple[int, int], str] = {}
    for version_id, part, way in connection.execute(
        select(KeyCorrection.question_version_id, KeyCorrection.part, KeyCorrection.way)
        .join(KeyDecision, KeyDecision.correction_id == KeyCorrection.id)
        .where(KeyCorrection.event_id == event_id, KeyDecision.approved)
        .order_by(KeyDecision.decided_at, KeyCorrection.id)
    ):
        ways[version_id, part + 1] = way
    return frozenset(item for item, way in ways.items() if way in ("full", "void"))


def _kinds(connection: Connection, event_id: int) -> dict[tuple[int, int], str]:
    """(version, part) → kind; the parts of a case are counted from 1, a question alone is 0."""
    asked = (
        select(Slot.question_version_id)
        .join(Paper, Paper.id == Slot.paper_id)
        .where(Paper.event_id == event_id)
    )
    found: dict[tuple[int, int], str] = {}
    for version_id, kind, body in connection.execute(
        select(QuestionVersion.id, QuestionVersion.kind, QuestionVersion.body).where(
            QuestionVersion.id.in_(asked)
        )
    ):
        found[version_id, 0] = kind
        if kind == Kind.CASE:
            for number, part in enumerate(body.get("parts", ()), start=1):
                found[version_id, number] = str(part["kind"])
    return found


def _attempts(event_id: int) -> Select[Any]:
    return (
        select(Attempt.id)
        .join(Entry, Entry.id == Attempt.entry_id)
        .where(Entry.event_id == event_id, Attempt.state == "concluded")
    )


def _marks(event_id: int, mark_id: int) -> Select[Any]:
    """Marks in order of sitting and age, with the place they are for."""
    return (
        select(
            Mark.attempt_id, Slot.position, Mark.tenths, Slot.tenths,
            Slot.question_version_id, Slot.part, cast(Slot.order, Text),
        )
        .join(Slot, Slot.id == Mark.slot_id)
        .where(Mark.attempt_id.in_(_attempts(event_id)), Mark.id <= mark_id)
        .order_by(Mark.attempt_id, Mark.id)
    )  # fmt: skip


def _steps(event_id: int) -> Select[Any]:
    return (
        select(
            AnswerStep.attempt_id, AnswerStep.position, AnswerStep.client_at,
            AnswerStep.received_at, cast(AnswerStep.answer, Text),
        )
        .where(AnswerStep.attempt_id.in_(_attempts(event_id)))
        .order_by(AnswerStep.attempt_id, AnswerStep.seq)
    )  # fmt: skip


class _Answers:
    """The flow of answer steps, a sitting at a time beside the flow of marks."""

    def __init__(self, steps: Iterator[Any]) -> None:
        self._sittings = groupby(steps, key=itemgetter(0))
        self._next: tuple[int, list[Any]] | None = self._pull()

    def _pull(self) -> tuple[int, list[Any]] | None:
        for attempt_id, rows in self._sittings:
            return attempt_id, list(rows)
        return None

    def of(self, attempt_id: int) -> list[Any]:
        """The steps of a sitting; ask in ascending order."""
        while self._next is not None and self._next[0] < attempt_id:
            self._next = self._pull()
        if self._next is None or self._next[0] != attempt_id:
            return []
        return self._next[1]


def _add(
    tally: Tally, event: _Event, attempt_id: int, marks: Iterable[Any], steps: list[Any]
) -> None:
    sat = event.sat.get(attempt_id)
    if sat is None:
        return
    latest = {row[1]: row for row in marks}  # in order of their ids: the latest mark counts
    given = {row[1]: row[4] for row in steps}
    spent = seconds_by_position(sat.started_at, (row[1:4] for row in steps))
    met, beside = [], 0
    for position, row in latest.items():
        _attempt, _position, x, w, version_id, part, order = row
        item = (version_id, 0 if part is None else part + 1)
        if item in event.void:
            beside += x
            continue
        met.append(_met(item, x, w, event.kinds, given.get(position), order, spent.get(position)))
    tally.add(sat.paper_id, met, beside)


def _met(
    item: tuple[int, int], x: int, w: int, kinds: Mapping[tuple[int, int], str],
    answer: str | None, order: str, seconds: float | None,
) -> Met:  # fmt: skip
    kind = kinds[item]
    taken = None if seconds is None else min(LONGEST, round(seconds))
    return Met(item, x, w, _labels(kind, answer, order), kind in TYPED, taken)


@lru_cache(maxsize=20_000)
def _labels(kind: str, answer: str | None, order: str) -> tuple[str, ...]:
    return labels_of(kind, json.loads(answer) if answer else None, json.loads(order))
