"""An event in numbers, from what was added up; and how a snapshot keeps them."""

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from exams.analysis import curves, rules
from exams.analysis.curves import Answer, Group, Seconds
from exams.analysis.reliability import (
    Reliability,
    error_of_measurement,
    of_forms,
    of_own_papers,
    variance,
)
from exams.analysis.tally import ItemKey, ItemTally, Tally


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """How one question, or one part of a case (from 1), did."""

    version_id: int
    part: int
    sums: rules.Sums
    most: int
    groups: list[Group]
    answers: list[Answer]
    got: list[tuple[int, int]]
    seconds: Seconds | None

    @property
    def facility(self) -> rules.Interval | None:
        """The share of its marks that it brought."""
        return rules.facility(self.sums)

    @property
    def discrimination(self) -> rules.Interval | None:
        """The correlation with the rest of the paper."""
        return rules.discrimination(self.sums)

    @property
    def blank(self) -> int:
        """How many left it empty."""
        return sum(answer.count for answer in self.answers if not answer.label)

    def as_json(self) -> dict[str, Any]:
        """What a snapshot keeps beside the sums."""
        return {
            "most": self.most,
            "groups": [asdict(group) for group in self.groups],
            "answers": [[a.label, a.count, list(a.by_group)] for a in self.answers],
            "got": self.got,
            "seconds": asdict(self.seconds) if self.seconds else None,
        }


def item_from_json(
    version_id: int, part: int, sums: rules.Sums, kept: dict[str, Any]
) -> ItemFigures:
    """The figures of an item as a snapshot kept them."""
    groups = [Group(**{**g, "share": rules.Interval(**g["share"])}) for g in kept["groups"]]
    answers = [Answer(label, count, tuple(by)) for label, count, by in kept["answers"]]
    seconds = Seconds(**kept["seconds"]) if kept["seconds"] else None
    got = [(x, n) for x, n in kept["got"]]
    return ItemFigures(version_id, part, sums, kept["most"], groups, answers, got, seconds)


@dataclass(frozen=True, slots=True)
class EventFigures:
    """An event in numbers; marks in tenths. ``bands`` counts candidates by ten marks; ``fine`` by
    two; ``usual`` is the median time of its questions in seconds, 0 when unknown."""

    n: int
    mean: float
    deviation: float
    median: float
    passed: int
    pass_tenths: int
    bands: list[int]
    fine: list[int]
    reliability: Reliability | None
    error: float | None
    papers: int
    usual: int
    expelled: int
    unmarked: int
    mark_id: int
    items: list[ItemFigures] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """What a snapshot keeps of the whole event."""
        kept = asdict(self)
        del kept["items"]
        return kept


def event_from_json(kept: dict[str, Any], items: list[ItemFigures]) -> EventFigures:
    """The figures of an event as a snapshot kept them."""
    told = Reliability(**kept["reliability"]) if kept["reliability"] else None
    return EventFigures(**{**kept, "reliability": told, "items": items})


def figures_of(
    tally: Tally, pass_tenths: int, expelled: int = 0, unmarked: int = 0, mark_id: int = 0
) -> EventFigures:
    """Everything there is to say about what was added up."""
    totals, forms = tally.totals, tally.forms
    told = of_own_papers(tally.sittings) if forms is None else of_forms(forms)
    many = len(totals) > 1
    items = [_item(key, tally.items[key]) for key in sorted(tally.items)]
    times = [item.seconds.median for item in items if item.seconds]
    return EventFigures(
        n=len(totals),
        mean=sum(totals) / len(totals) if totals else 0.0,
        deviation=variance(totals) ** 0.5 if many else 0.0,
        median=median(totals) if totals else 0.0,
        passed=sum(total >= pass_tenths for total in totals),
        pass_tenths=pass_tenths,
        bands=curves.distribution(totals),
        fine=curves.distribution(totals, 20),
        reliability=told,
        error=error_of_measurement(totals, told.value if told else None) if many else None,
        papers=len(forms) if forms is not None else len(totals),
        usual=round(median(times)) if times else 0,
        expelled=expelled,
        unmarked=unmarked,
        mark_id=mark_id,
        items=items,
    )


def _item(key: ItemKey, tally: ItemTally) -> ItemFigures:
    groups = curves.groups_of(tally)
    return ItemFigures(
        key[0],
        key[1],
        tally.exact,
        tally.w_max,
        groups,
        curves.answers_of(tally, groups),
        sorted(tally.got.items()),
        curves.seconds_of(tally),
    )
