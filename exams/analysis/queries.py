"""Reads of analyses: the newest snapshot of an event, or its figures worked out at once."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from exams.analysis import rules
from exams.analysis.figures import EventFigures, ItemFigures, event_from_json, figures_of
from exams.analysis.figures import item_from_json as read_item
from exams.analysis.gathering import gather
from exams.analysis.models import AnalysisRun, ItemStatistic
from exams.bank.models import Question, QuestionVersion
from exams.entries.models import Entry
from exams.marking.models import Mark
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.db import session
from lms.core.rules import rule_on

#: Up to so many concluded sittings an analysis is worked out while the page is made.
AT_ONCE = 150


@dataclass(frozen=True, slots=True)
class Item:
    """A question as the event's candidates met it, with its name in the bank."""

    code: str
    kind: str
    module: str
    difficulty: str
    figures: ItemFigures
    facility: rules.Interval | None
    discrimination: rules.Interval | None
    flags: list[rules.Flag]

    @property
    def version_id(self) -> int:
        """The question version."""
        return self.figures.version_id

    @property
    def part(self) -> int:
        """0, or which part of a case, from 1."""
        return self.figures.part

    @property
    def sums(self) -> rules.Sums:
        """The exact sums."""
        return self.figures.sums


@dataclass(frozen=True, slots=True)
class Analysis:
    """An event's figures with its items named; ``run_id`` None when just worked out."""

    figures: EventFigures
    items: list[Item]
    made_at: datetime
    run_id: int | None
    newer_marks: int


def sittings_of(event_id: int) -> int:
    """How many concluded sittings an event has. One statement."""
    query = select(func.count(Attempt.id)).join(Entry, Entry.id == Attempt.entry_id)
    return session().scalar(query.where(Entry.event_id == event_id, _CONCLUDED)) or 0


_CONCLUDED = Attempt.state == "concluded"


def worked_out(event_id: int, on: date) -> EventFigures:
    """The figures as the facts are now; a fixed number of statements."""
    found = gather(session().connection(), event_id)
    pass_tenths = int(rule_on("exams.parts", on).value["pass_tenths"])
    return figures_of(
        found.tally, pass_tenths, found.expelled, found.unmarked, mark_id=found.mark_id
    )


def analysis_of(event_id: int, now: datetime | None = None) -> Analysis:
    """The figures worked out at once, with names."""
    now = now or clock.now()
    found = worked_out(event_id, clock.local_date(now))
    return Analysis(found, named(found), now, None, 0)


def newest_run(event_id: int) -> AnalysisRun | None:
    """The snapshot that counts."""
    query = select(AnalysisRun).where(AnalysisRun.event_id == event_id)
    return session().scalar(query.order_by(AnalysisRun.id.desc()).limit(1))


def snapshot_of(event_id: int) -> Analysis | None:
    """The newest snapshot with names, and how many marks came later; None if there is none."""
    run = newest_run(event_id)
    if run is None:
        return None
    rows = session().scalars(select(ItemStatistic).where(ItemStatistic.run_id == run.id))
    items = [_item_of(row) for row in rows]
    items.sort(key=lambda item: (item.version_id, item.part))
    found = event_from_json(run.figures, items)
    return Analysis(found, named(found), run.made_at, run.id, _newer(event_id, run.mark_id))


def _item_of(row: ItemStatistic) -> ItemFigures:
    sums = rules.Sums(row.n, row.x, row.xx, row.t, row.tt, row.xt, row.w)
    return read_item(row.question_version_id, row.part, sums, row.figures)


def _newer(event_id: int, mark_id: int) -> int:
    """Sittings of the event with marks younger than a snapshot."""
    query = (
        select(func.count(Mark.attempt_id.distinct()))
        .join(Attempt, Attempt.id == Mark.attempt_id)
        .join(Entry, Entry.id == Attempt.entry_id)
        .where(Mark.id > mark_id, Entry.event_id == event_id, Mark.slot_id.is_not(None), _CONCLUDED)
    )
    return session().scalar(query) or 0


def named(found: EventFigures) -> list[Item]:
    """The items with their names, by module and code; one statement."""
    names: dict[int, Any] = {
        row.id: row
        for row in session().execute(
            select(
                QuestionVersion.id,
                Question.code,
                QuestionVersion.kind,
                QuestionVersion.module,
                QuestionVersion.difficulty,
            )
            .join(Question, Question.id == QuestionVersion.question_id)
            .where(QuestionVersion.id.in_({item.version_id for item in found.items}))
        )
    }
    items = [_named(item, names[item.version_id], found.usual) for item in found.items]
    return sorted(items, key=lambda item: (item.module, item.code, item.part))


def _named(item: ItemFigures, name: Any, usual: int) -> Item:
    seconds = item.seconds.median if item.seconds else None
    flags = rules.flags(item.sums, item.blank, seconds, usual)
    return Item(
        name.code, name.kind, name.module, name.difficulty, item, item.facility,
        item.discrimination, flags,
    )  # fmt: skip
