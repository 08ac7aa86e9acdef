"""The sums behind an event's analysis: a fixed number of statements, added up by the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, func, select

from exams.analysis import rules
from exams.bank.formats.items import LETTERS
from exams.bank.models import Kind, Question, QuestionKey, QuestionVersion
from exams.entries.models import Entry
from exams.marking.models import Mark
from exams.papers.models import Slot
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
    """Everything but single answers, from three statements whatever the number of sittings."""
    sittings = _sittings(event_id)
    totals = [sitting.total for sitting in sittings]
    items = _items(event_id)
    sums = [item.sums for item in items]
    common = bool(items) and all(item.n == len(totals) for item in sums)
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
    item = next(iter(_items(event_id, version_id)), None)
    if item is None:
        return None
    version = session().get_one(QuestionVersion, version_id)
    key = session().get_one(QuestionKey, version_id)
    options = [str(option) for option in version.body.get("options", [])]
    labels = ["true", "false"] if version.kind == Kind.JUDGE else list(LETTERS[: len(options)])
    answers = _answers(event_id, version_id)
    rows = rules.choices(answers, labels, _named(key.key["right"]))
    return Choices(item, version.stem, options, len(answers), rows)


def _named(right: Any) -> frozenset[str]:
    if isinstance(right, bool):
        return frozenset({str(right).lower()})
    return frozenset(LETTERS[index] for index in right)


def _scored(event_id: int) -> CTE:
    """The marks that count (the latest of each slot) in the event's concluded sittings."""
    latest = (
        select(func.max(Mark.id).label("id"))
        .join(Attempt, Attempt.id == Mark.attempt_id)
        .join(Entry, Entry.id == Attempt.entry_id)
        .where(Entry.event_id == event_id, Attempt.state == "concluded", Mark.slot_id.is_not(None))
        .group_by(Mark.attempt_id, Mark.slot_id)
        .cte("latest")
    )
    return (
        select(
            Mark.attempt_id,
            Slot.question_version_id.label("version_id"),
            Slot.position,
            Mark.tenths.label("x"),
            Slot.tenths.label("w"),
        )
        .join(latest, latest.c.id == Mark.id)
        .join(Slot, Slot.id == Mark.slot_id)
        .cte("scored")
    )


def _totals(scored: CTE) -> CTE:
    return (
        select(scored.c.attempt_id, func.sum(scored.c.x).label("t"))
        .group_by(scored.c.attempt_id)
        .cte("totals")
    )


def _sittings(event_id: int) -> list[rules.Sitting]:
    scored = _scored(event_id)
    # Whole thousandths, so that both databases add up the same.
    share = func.round(scored.c.x * 1000 / scored.c.w)
    rows = session().execute(
        select(
            func.sum(scored.c.x), func.count(), func.sum(share), func.sum(share * share)
        ).group_by(scored.c.attempt_id)
    )
    return [rules.Sitting(*(int(value) for value in row)) for row in rows]


def _items(event_id: int, version_id: int | None = None) -> list[Item]:
    scored = _scored(event_id)
    totals = _totals(scored)
    x, t = scored.c.x, totals.c.t
    query = (
        select(
            scored.c.version_id,
            func.count(),
            func.sum(x),
            func.sum(x * x),
            func.sum(t),
            func.sum(t * t),
            func.sum(x * t),
            func.sum(scored.c.w),
        )
        .join(totals, totals.c.attempt_id == scored.c.attempt_id)
        .group_by(scored.c.version_id)
    )
    if version_id is not None:
        query = query.where(scored.c.version_id == version_id)
    added = query.subquery()
    rows = session().execute(
        select(
            *added.c,
            Question.code,
            QuestionVersion.kind,
            QuestionVersion.module,
            QuestionVersion.difficulty,
        )
        .select_from(added)
        .join(QuestionVersion, QuestionVersion.id == added.c[0])
        .join(Question, Question.id == QuestionVersion.question_id)
        .order_by(QuestionVersion.module, Question.code)
    )
    return [_item(row) for row in rows]


def _item(row: Sequence[Any]) -> Item:
    sums = rules.Sums(*(int(value) for value in row[1:8]))
    code, kind, module, difficulty = row[8:12]
    return Item(
        row[0], code, kind, module, difficulty, sums,
        rules.facility(sums), rules.discrimination(sums), rules.flags(sums),
    )  # fmt: skip


def _answers(event_id: int, version_id: int) -> list[tuple[int, frozenset[str]]]:
    """(whole marks, what was picked) of everybody who got the item; unanswered is empty."""
    scored = _scored(event_id)
    totals = _totals(scored)
    met = (
        session()
        .execute(
            select(scored.c.attempt_id, totals.c.t, scored.c.position, Slot.order)
            .join(totals, totals.c.attempt_id == scored.c.attempt_id)
            .join(Attempt, Attempt.id == scored.c.attempt_id)
            .join(Slot, (Slot.paper_id == Attempt.paper_id) & (Slot.position == scored.c.position))
            .where(scored.c.version_id == version_id)
        )
        .all()
    )
    newest = (
        select(AnswerStep.attempt_id, func.max(AnswerStep.seq).label("seq"))
        .join(scored, (scored.c.attempt_id == AnswerStep.attempt_id)
              & (scored.c.position == AnswerStep.position))
        .where(scored.c.version_id == version_id)
        .group_by(AnswerStep.attempt_id)
        .subquery()
    )  # fmt: skip
    given = {
        row.attempt_id: row.answer
        for row in session().execute(
            select(AnswerStep.attempt_id, AnswerStep.answer).join(
                newest,
                (newest.c.attempt_id == AnswerStep.attempt_id) & (newest.c.seq == AnswerStep.seq),
            )
        )
    }
    return [(int(t), _picked(given.get(a), order)) for a, t, _position, order in met]


def _picked(answer: dict[str, Any] | None, order: Sequence[int]) -> frozenset[str]:
    if not answer:
        return frozenset()
    if answer.get("value") is not None:
        return frozenset({str(answer["value"]).lower()})
    places = answer.get("picked") or []
    return frozenset(LETTERS[order[place]] for place in places if place < len(order))
