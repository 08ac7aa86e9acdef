"""The sums behind an event's analysis: a fixed number of statements, and marks that flow past
sitting by sitting, so that memory does not grow with the exam."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import func, select

from exams.analysis import rules
from exams.bank.formats.items import LETTERS
from exams.bank.kinds import CHOICES
from exams.bank.models import Kind, Question, QuestionKey, QuestionVersion
from exams.entries.models import Entry
from exams.marking.models import Mark
from exams.papers.models import Paper, Slot
from exams.sittings.models import AnswerStep, Attempt
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class Item:
    """A question version as this event's candidates met it."""

    version_id: int
    code: str
    kind: str
    module: str
    difficulty: str
    sums: rules.Sums
    facility: rules.Interval | None
    discrimination: rules.Interval | None
    flags: list[rules.Flag]


@dataclass(frozen=True, slots=True)
class Analysis:
    """An event in numbers; marks in tenths."""

    n: int
    mean: float
    deviation: float
    bands: list[int]
    reliability: float | None
    common_paper: bool
    error: float | None
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Choices:
    """How the answers to one item fell."""

    item: Item
    stem: str
    options: list[str]
    n: int
    rows: list[rules.Choice]


def analysis_of(event_id: int) -> Analysis:
    """Everything but single answers, from two statements whatever the number of sittings."""
    tally = _tally(event_id)
    sittings = tally.sittings
    totals = [sitting.total for sitting in sittings]
    items = _items(tally)
    common = bool(items) and all(item.sums.n == len(totals) for item in items)
    sums = [item.sums for item in items]
    reliability = rules.alpha(sums, totals) if common else rules.nested_reliability(sittings)
    return Analysis(
        n=len(totals),
        mean=sum(totals) / len(totals) if totals else 0.0,
        deviation=rules.variance(totals) ** 0.5 if len(totals) > 1 else 0.0,
        bands=rules.distribution(totals),
        reliability=reliability,
        common_paper=common,
        error=rules.error_of_measurement(totals, reliability) if len(totals) > 1 else None,
        items=items,
    )


def choices_of(event_id: int, version_id: int) -> Choices | None:
    """The distractor table of one item; reads its key, so only for who opened it."""
    tally = _tally(event_id, version_id)
    item = next(iter(_items(tally, version_id)), None)
    if item is None:
        return None
    version = session().get_one(QuestionVersion, version_id)
    key = session().get_one(QuestionKey, version_id)
    options = [str(option) for option in version.body.get("options", [])]
    answers = _answers(tally, version_id)
    if version.kind not in (*CHOICES, Kind.JUDGE):  # nothing to choose from, no table of choices
        return Choices(item, version.stem, [], len(answers), [])
    labels = ["true", "false"] if version.kind == Kind.JUDGE else list(LETTERS[: len(options)])
    rows = rules.choices(answers, labels, _named(key.key["right"]))
    return Choices(item, version.stem, options, len(answers), rows)


def _named(right: Any) -> frozenset[str]:
    if isinstance(right, bool):
        return frozenset({str(right).lower()})
    return frozenset(LETTERS[index] for index in right)


def _tally(event_id: int, version_id: int | None = None) -> rules.Tally:
    """Read the marks of the event's concluded sittings once, sitting by sitting, and add them up;
    with ``version_id`` only the sittings whose paper asks it."""
    query = (
        select(
            Mark.attempt_id,
            Mark.slot_id,
            Slot.question_version_id,
            Mark.tenths,
            Slot.tenths,
        )
        .join(Attempt, Attempt.id == Mark.attempt_id)
        .join(Entry, Entry.id == Attempt.entry_id)
        .join(Slot, Slot.id == Mark.slot_id)
        .where(Entry.event_id == event_id, Attempt.state == "concluded")
        .order_by(Mark.attempt_id, Mark.id)
    )
    if version_id is not None:
        asking = select(Slot.paper_id).where(Slot.question_version_id == version_id)
        query = query.where(Attempt.paper_id.in_(asking))
    with closing(session().execute(query.execution_options(yield_per=10_000))) as rows:
        tally = rules.Tally(event_id)
        for attempt_id, marks in groupby(rows, key=itemgetter(0)):
            # In order of their ids: of several marks for a slot the latest counts.
            latest = {slot_id: (v, x, w) for _attempt, slot_id, v, x, w in marks}
            tally.add(attempt_id, list(latest.values()))
    return tally


def _items(tally: rules.Tally, version_id: int | None = None) -> list[Item]:
    sums = tally.items
    asked = select(Slot.question_version_id).join(Paper, Paper.id == Slot.paper_id)
    rows = session().execute(
        select(
            QuestionVersion.id,
            Question.code,
            QuestionVersion.kind,
            QuestionVersion.module,
            QuestionVersion.difficulty,
        )
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(QuestionVersion.id.in_(asked.where(Paper.event_id == tally.event_id)))
        .order_by(QuestionVersion.module, Question.code)
    )
    return [
        _item(row, sums[row.id]) for row in rows if row.id in sums and version_id in (None, row.id)
    ]


def _item(row: Any, sums: rules.Sums) -> Item:
    return Item(
        row.id, row.code, row.kind, row.module, row.difficulty, sums,
        rules.facility(sums), rules.discrimination(sums), rules.flags(sums),
    )  # fmt: skip


def _answers(tally: rules.Tally, version_id: int) -> list[tuple[int, frozenset[str]]]:
    """(whole marks, what was picked) of everybody who got the item; unanswered is empty."""
    place = (Slot.paper_id == Attempt.paper_id) & (Slot.question_version_id == version_id)
    met = session().execute(
        select(Attempt.id, Slot.order)
        .join(Entry, Entry.id == Attempt.entry_id)
        .join(Slot, place)
        .where(Entry.event_id == tally.event_id, Attempt.state == "concluded")
    )
    orders = {row.id: row.order for row in met}
    newest = (
        select(AnswerStep.attempt_id, func.max(AnswerStep.seq).label("seq"))
        .join(Attempt, Attempt.id == AnswerStep.attempt_id)
        .join(Entry, Entry.id == Attempt.entry_id)
        .join(Slot, place & (Slot.position == AnswerStep.position))
        .where(Entry.event_id == tally.event_id, Attempt.state == "concluded")
        .group_by(AnswerStep.attempt_id)
        .subquery()
    )
    steps = session().execute(
        select(AnswerStep.attempt_id, AnswerStep.answer).join(
            newest,
            (newest.c.attempt_id == AnswerStep.attempt_id) & (newest.c.seq == AnswerStep.seq),
        )
    )
    given = {row.attempt_id: row.answer for row in steps}
    return [
        (tally.totals[attempt_id], _picked(given.get(attempt_id), order))
        for attempt_id, order in orders.items()
        if attempt_id in tally.totals
    ]


def _picked(answer: dict[str, Any] | None, order: Sequence[int]) -> frozenset[str]:
    if not answer:
        return frozenset()
    if answer.get("value") is not None:
        return frozenset({str(answer["value"]).lower()})
    places = answer.get("picked") or []
    return frozenset(LETTERS[order[place]] for place in places if place < len(order))
