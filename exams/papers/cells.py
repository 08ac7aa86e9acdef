"""Questions in cells of one kind, module and difficulty, and what a blueprint wants of each; how
often a question is used, and how hard a paper may be. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from exams.bank.models import Difficulty
from exams.papers.rules import Blueprint, Item, Quota

Group = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Balance:
    """The expected share of each version in thousandths, and what a paper should come to.

    ``target`` is in tenths of a mark; None when only measuring.
    """

    shares: Mapping[int, int]
    target: int | None = None
    tolerance: int = 0

    def allows(self, expected: int) -> bool:
        """True if a paper of these expected tenths is within half the tolerance of the target."""
        return self.target is None or 2 * abs(expected - self.target) <= self.tolerance


@dataclass(slots=True)
class Usage:
    """By question: in how many papers of this event and of how many recent events it is.

    ``cap`` is the most papers of the event it may be in; ``to_come`` how many papers will follow.
    """

    here: Counter[int] = field(default_factory=Counter)
    recent: Mapping[int, int] = field(default_factory=dict)
    cap: int | None = None
    to_come: int = 0

    def rank(self, item: Item) -> tuple[int, int]:
        """Least used in this event first, then least used lately."""
        return self.here[item.question_id], self.recent.get(item.question_id, 0)

    def may_take(self, item: Item) -> bool:
        """True if the question may be in one more paper."""
        return self.cap is None or self.here[item.question_id] < self.cap


@dataclass(slots=True)
class Pick:
    """A question on the paper in the making; ``level`` is the difficulty it has to keep."""

    item: Item
    tenths: int
    level: str | None


class Cells:
    """A pool in cells, with what a blueprint wants of each and how hard each question is."""

    def __init__(self, pool: Sequence[Item], blueprint: Blueprint, balance: Balance) -> None:
        self.balance = balance
        self.pool = sorted(pool, key=lambda item: item.question_id)
        self.groups: dict[Group, dict[str, list[Item]]] = defaultdict(
            lambda: {str(d): [] for d in Difficulty}
        )
        for item in self.pool:
            self.groups[item.kind, item.module][item.difficulty].append(item)
        self.wanted = {
            group: split(
                [q for q in blueprint.quotas if (q.kind, q.module) == group], self.groups[group]
            )
            for group in dict.fromkeys((quota.kind, quota.module) for quota in blueprint.quotas)
        }
        self.ranked: dict[tuple[Group, str], list[tuple[int, int, Item]]] = {}
        for group, cells in self.groups.items():
            for level, items in cells.items():
                shares = [(self.share(i), i.question_id, i) for i in items]
                self.ranked[group, level] = sorted(shares, key=lambda row: row[:2])

    def share(self, item: Item) -> int:
        """The expected share of a question's marks, in thousandths."""
        return self.balance.shares.get(item.version_id, 0)

    def mean(self, items: Sequence[Item]) -> float:
        """The mean share of some questions."""
        return sum(map(self.share, items)) / len(items) if items else 0.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a kind and module needs: ``fixed`` by cell, one quota a question; ``left``, what the
    division of open quotas leaves over, to be taken from the cells in ``order``."""

    fixed: dict[str, list[Quota]]
    left: list[Quota]
    order: dict[str, int]

    @property
    def is_open(self) -> bool:
        """True if any quota leaves difficulty open."""
        return bool(self.left) or any(
            quota.difficulty is None for quotas in self.fixed.values() for quota in quotas
        )


def split(quotas: Sequence[Quota], cells: Mapping[str, Sequence[Item]]) -> Wanted:
    """Split the quotas of a kind and module over its cells: what has a difficulty to its cell,
    what leaves it open as the rest of the pool is, rounded down."""
    fixed: dict[str, list[Quota]] = {level: [] for level in cells}
    for quota in quotas:
        if quota.difficulty is not None:
            fixed[quota.difficulty] += [quota] * quota.count
    anyhow = [quota for quota in quotas if quota.difficulty is None for _n in range(quota.count)]
    held = {level: max(0, len(items) - len(fixed[level])) for level, items in cells.items()}
    total, count, given = max(1, sum(held.values())), len(anyhow), 0
    for level, number in held.items():
        share = count * number // total
        fixed[level] += anyhow[given : given + share]
        given += share
    ranked = sorted(held, key=lambda level: (-(count * held[level] % total), level))
    return Wanted(fixed, anyhow[given:], {level: n for n, level in enumerate(ranked)})
