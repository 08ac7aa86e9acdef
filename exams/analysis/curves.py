"""Groups by marks, curves over them, answers and times; plain values in and out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exams.analysis.rules import LEAST, RARELY, Interval, wilson
from exams.analysis.tally import ItemTally

#: Candidates enough for five groups; below it three.
FIVE_FROM = 100
MOST_ANSWERS = 12


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates of like marks (whole marks ``low`` to ``high`` of 100) and how an item went."""

    low: int
    high: int
    n: int
    share: Interval


@dataclass(frozen=True, slots=True)
class Answer:
    """How often one answer was given, by all and by each group; "" is no answer. Typed answers
    are counted as a whole only (``by_group`` empty)."""

    label: str
    count: int
    by_group: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Seconds:
    """Time for a question: median and quartiles of those whose time is known."""

    n: int
    median: int
    low: int
    high: int


def cuts(people: Sequence[int], groups: int) -> list[tuple[int, int]]:
    """Whole marks that part the candidates into groups as equal as ties allow."""
    found: list[tuple[int, int]] = []
    n, begin, seen = sum(people), None, 0
    for mark, count in enumerate(people):
        if not count:
            continue
        begin = mark if begin is None else begin
        seen += count
        if seen * groups >= n * (len(found) + 1):
            found.append((begin, mark))
            begin = None
    return found


def groups_of(tally: ItemTally) -> list[Group]:
    """The item's characteristic curve by groups; empty below ``LEAST`` candidates."""
    if tally.n < LEAST:
        return []
    return [
        Group(low, high, n, wilson(sum(tally.shares[low : high + 1]) / (1000 * n), n))
        for low, high in cuts(tally.people, 5 if tally.n >= FIVE_FROM else 3)
        if (n := sum(tally.people[low : high + 1]))
    ]


def answers_of(tally: ItemTally, groups: Sequence[Group]) -> list[Answer]:
    """What was answered: chosen answers by label, then the most frequent typed ones."""
    chosen = [
        Answer(
            label, sum(counts), tuple(sum(counts[group.low : group.high + 1]) for group in groups)
        )
        for label, counts in sorted(tally.labels.items(), key=lambda row: (not row[0], row[0]))
    ]
    typed = sorted(tally.typed.items(), key=lambda row: (-row[1], row[0]))[:MOST_ANSWERS]
    return [Answer(label, count, ()) for label, count in typed] + chosen


def seconds_of(tally: ItemTally) -> Seconds | None:
    """Median and quartiles; None below ``LEAST`` known times."""
    counts = tally.seconds
    if counts is None or (n := sum(counts)) < LEAST:
        return None

    def at(share: float) -> int:
        wanted, seen = share * n, 0
        for second, count in enumerate(counts):
            seen += count
            if seen >= wanted:
                return second
        return len(counts) - 1

    return Seconds(n, at(0.5), at(0.25), at(0.75))


@dataclass(frozen=True, slots=True)
class Choice:
    """A row of the distractor table: shares of all, of the upper and of the lower group."""

    label: str
    count: int
    share: float
    upper: float
    lower: float
    is_right: bool


def choices(
    answers: Sequence[Answer], groups: Sequence[Group], n: int, labels: Sequence[str],
    right: frozenset[str],
) -> list[Choice]:  # fmt: skip
    """The distractor table of an item whose answers are these labels, and "" for none."""
    known: Mapping[str, Answer] = {answer.label: answer for answer in answers}

    def row(label: str) -> Choice:
        answer = known.get(label, Answer(label, 0, (0,) * len(groups)))
        by = answer.by_group
        upper = by[-1] / groups[-1].n if groups and by else 0.0
        lower = by[0] / groups[0].n if groups and by else 0.0
        return Choice(
            label, answer.count, answer.count / n if n else 0.0, upper, lower, label in right
        )

    return [row(label) for label in (*labels, "")]


def is_idle(choice: Choice, n: int) -> bool:
    """True for a wrong option that hardly anybody takes: it does not do its work."""
    return bool(choice.label) and not choice.is_right and n >= LEAST and choice.share < RARELY


def is_tempting(choice: Choice, n: int) -> bool:
    """True for a wrong option that the strong take more often than the weak: check the key."""
    wrong = bool(choice.label) and not choice.is_right
    return wrong and n >= LEAST and choice.upper > choice.lower and choice.upper >= 0.1


def distribution(totals: Sequence[int], step: int = 100, top: int = 1000) -> list[int]:
    """How many candidates lie in each band of ``step`` tenths; full marks are in the last."""
    counts = [0] * (top // step)
    for total in totals:
        counts[min(max(total, 0) // step, len(counts) - 1)] += 1
    return counts
