"""The choice of questions; pure and deterministic: same seed, pool and blueprint, same paper.

Questions fall into cells of one kind, module and difficulty. Where a quota leaves difficulty open
it is split over the cells as the pool is; what the division leaves over goes to the cell with the
largest remainder, or to one whose questions are less used. Within a cell those least used in this
event come first, then those least used lately, then the lot decides.
Where measured facilities make a paper easier or harder than the target, questions are exchanged
within their cells until its expected marks lie within half the tolerance of the target: so any
two papers differ by no more than the tolerance, whenever each of them is made.
"""

import random
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from exams.bank.models import Difficulty
from exams.papers.rules import Blueprint, Chosen, Item, Quota, Shortage, shortfalls, split_tenths

Group = tuple[str, str]
MOST_EXCHANGES = 80
#: How many neighbours of the wanted share are looked at when questions are exchanged.
REACH = 6


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


@dataclass(frozen=True, slots=True)
class Assembled:
    """A paper and the marks it is expected to bring, in tenths."""

    chosen: tuple[Chosen, ...]
    questions: frozenset[int]
    expected: int
    balanced: bool


@dataclass(slots=True)
class _Pick:
    """A question on the paper in the making; ``level`` is the difficulty it has to keep."""

    item: Item
    tenths: int
    level: str | None


class Assembler:
    """Makes papers of one blueprint from one pool."""

    def __init__(
        self,
        pool: Sequence[Item],
        blueprint: Blueprint,
        balance: Balance | None = None,
        shuffle_options: bool = True,
    ) -> None:
        self.blueprint, self.shuffle_options = blueprint, shuffle_options
        self.balance = balance or Balance({})
        self.pool = sorted(pool, key=lambda item: item.question_id)
        self.groups: dict[Group, dict[str, list[Item]]] = defaultdict(
            lambda: {str(d): [] for d in Difficulty}
        )
        for item in self.pool:
            self.groups[item.kind, item.module][item.difficulty].append(item)
        self.wanted = {
            group: _split([q for q in blueprint.quotas if (q.kind, q.module) == group], cells)
            for group, cells in self._named(blueprint)
        }
        self._sorted: dict[tuple[Group, str], list[tuple[int, int, Item]]] = {}
        for group, cells in self.groups.items():
            for level, items in cells.items():
                shares = [(self._share(i), i.question_id, i) for i in items]
                self._sorted[group, level] = sorted(shares, key=lambda row: row[:2])

    def _named(self, blueprint: Blueprint) -> list[tuple[Group, dict[str, list[Item]]]]:
        """The groups that a blueprint names, in its order."""
        named = dict.fromkeys((quota.kind, quota.module) for quota in blueprint.quotas)
        return [(group, self.groups[group]) for group in named]

    def _share(self, item: Item) -> int:
        return self.balance.shares.get(item.version_id, 0)

    def paper(
        self, seed: str, excluded: Collection[int] = (), usage: Usage | None = None
    ) -> Assembled:
        """One paper without the questions in ``excluded``.

        Raises:
            Shortage: the pool (without the excluded questions) cannot fill the blueprint.
        """
        rng = random.Random(seed)  # noqa: S311 - fairness, not secrecy; the seed itself is secret
        usage, gone = usage or Usage(), set(excluded)
        if gone:
            free = [item for item in self.pool if item.question_id not in gone]
            if missing := shortfalls(free, self.blueprint):
                raise Shortage(missing)
        elif missing := shortfalls(self.pool, self.blueprint):
            raise Shortage(missing)
        picks = self._draw(rng, gone, usage)
        expected = self._level(picks, gone, usage)
        return Assembled(
            tuple(self._place(picks, rng)),
            frozenset(pick.item.question_id for pick in picks),
            expected,
            self.balance.allows(expected),
        )

    def target(self) -> int:
        """The expected tenths of the mean paper: what every paper is brought close to."""
        total = 0.0
        for group, wanted in self.wanted.items():
            cells = self.groups[group]
            for level, quotas in wanted.fixed.items():
                total += self._mean(cells[level]) * sum(quota.tenths for quota in quotas)
            everything = [item for items in cells.values() for item in items]
            total += self._mean(everything) * sum(quota.tenths for quota in wanted.left)
        return round(total / 1000)

    def _mean(self, items: Sequence[Item]) -> float:
        return sum(map(self._share, items)) / len(items) if items else 0.0

    def _draw(self, rng: random.Random, gone: set[int], usage: Usage) -> list[_Pick]:
        picks: list[_Pick] = []
        for group, wanted in self.wanted.items():
            spare: list[Item] = []
            lacking = list(wanted.left)
            for level, quotas in wanted.fixed.items():
                ranked = _ranked(self.groups[group][level], gone, usage, rng)
                firm = sum(quota.difficulty is not None for quota in quotas)
                free = [n for n, item in enumerate(ranked) if n < firm or usage.may_take(item)]
                drawn = [ranked[n] for n in free[: len(quotas)]]
                picks += [
                    _Pick(item, quota.tenths, quota.difficulty)
                    for item, quota in zip(drawn, quotas, strict=False)
                ]
                taken = {item.question_id for item in drawn}
                spare += [item for item in ranked if item.question_id not in taken]
                lacking += quotas[len(drawn) :]
            spare.sort(key=lambda item: (*usage.rank(item), wanted.order[item.difficulty]))
            for item, quota in zip(spare, lacking, strict=False):
                picks.append(_Pick(item, quota.tenths, quota.difficulty))
        return picks

    def _level(self, picks: list[_Pick], gone: set[int], usage: Usage) -> int:
        """Exchange questions until the paper is as hard as the target; its expected tenths."""
        here = sum(pick.tenths * self._share(pick.item) for pick in picks)
        target = self.balance.target
        if target is None:
            return _tenths(here)
        exchange = _Exchange(self, picks, gone, usage)
        for across in (False, True):
            for _n in range(MOST_EXCHANGES):
                if self.balance.allows(_tenths(here)):
                    return _tenths(here)
                gain = exchange.best(here - 1000 * target, across)
                if gain is None:
                    break
                here += gain
        return _tenths(here)

    def _place(self, picks: list[_Pick], rng: random.Random) -> Iterable[Chosen]:
        """Sections by kind in the blueprint's order, shuffled; the parts of a case together."""
        position = 0
        for kind in self.blueprint.kinds:
            section = [pick for pick in picks if pick.item.kind == kind]
            section.sort(key=lambda pick: pick.item.question_id)
            rng.shuffle(section)
            for pick in section:
                for chosen in places(pick.item, pick.tenths, position, rng, self.shuffle_options):
                    position = chosen.position
                    yield chosen


class _Exchange:
    """Swaps of one paper in the making: inside a cell, or (``across``) inside a kind and module
    for questions whose difficulty the blueprint leaves open."""

    def __init__(
        self, assembler: Assembler, picks: list[_Pick], gone: set[int], usage: Usage
    ) -> None:
        self.assembler, self.picks, self.gone, self.usage = assembler, picks, gone, usage
        self.taken = {pick.item.question_id for pick in picks}
        self._slack: dict[tuple[Group, str], int] = {}

    def best(self, excess: int, across: bool) -> int | None:
        """Make the best exchange for a paper that is ``excess`` above its target; the change in
        expected thousandths of a tenth, or None when no exchange brings it closer."""
        found: tuple[int, int, _Pick, Item, int] | None = None
        for pick in self.picks:
            for other in self._offers(pick, excess, across):
                shares = self.assembler
                change = pick.tenths * (shares._share(other) - shares._share(pick.item))
                left = abs(excess + change)
                if left >= abs(excess) or (found and left > found[0]):
                    continue
                used = self.usage.here[other.question_id]
                if found is None or (left, used) < found[:2]:
                    found = (left, used, pick, other, change)
        if found is None:
            return None
        _left, _used, pick, other, change = found
        self.taken.remove(pick.item.question_id)
        self.taken.add(other.question_id)
        if self._costs(pick.item):
            cell = (pick.item.kind, pick.item.module), pick.item.difficulty
            self._slack[cell] = self._slack_of(*cell) - 1
        pick.item = other
        return change

    def _offers(self, pick: _Pick, excess: int, across: bool) -> Iterable[Item]:
        item = pick.item
        group = item.kind, item.module
        if self._costs(item) and self._slack_of(group, item.difficulty) < 1:
            return
        levels = [item.difficulty]
        if across and pick.level is None:
            levels = list(self.assembler.groups[group])
        wanted = self.assembler._share(item) - excess / pick.tenths
        for level in levels:
            yield from self._near(self.assembler._sorted[group, level], wanted, len(item.shares))

    def _near(
        self, ranked: list[tuple[int, int, Item]], wanted: float, parts: int
    ) -> Iterable[Item]:
        middle = bisect_left(ranked, wanted, key=lambda row: row[0])
        for step in (range(middle, len(ranked)), range(middle - 1, -1, -1)):
            found = 0
            for n in step:
                item = ranked[n][2]
                if self._is_free(item) and bool(item.shares) == bool(parts):
                    yield item
                    found += 1
                if found == REACH:
                    break

    def _is_free(self, item: Item) -> bool:
        question = item.question_id
        if question in self.taken or question in self.gone:
            return False
        return self.usage.may_take(item)

    def _costs(self, item: Item) -> bool:
        """True if leaving a question out now means that it cannot be used up to the cap later."""
        cap = self.usage.cap
        return cap is not None and cap - self.usage.here[item.question_id] > self.usage.to_come

    def _slack_of(self, group: Group, level: str) -> int:
        """By how many uses the papers to come could do with less of a cell, or of a whole kind
        and module whose difficulty is open, than they are left."""
        if (group, level) not in self._slack:
            here, later, cap = self.usage.here, self.usage.to_come, self.usage.cap or 0
            cells, wanted = self.assembler.groups[group], self.assembler.wanted[group]
            levels = list(cells) if wanted.is_open else [level]
            items = [item for one in levels for item in cells[one]]
            left = sum(min(max(cap - here[i.question_id], 0), later + 1) for i in items)
            need = sum(len(wanted.fixed[one]) for one in levels) + len(wanted.left)
            self._slack[group, level] = left - need * (later + 1)
        return self._slack[group, level]


def places(
    item: Item, tenths: int, after: int, rng: random.Random, shuffle_options: bool
) -> Iterable[Chosen]:
    """The places a question takes on a paper: one, or one for each part of a case."""
    worth = split_tenths(tenths, item.shares) if item.shares else [tenths]
    for part, (marks, size) in enumerate(zip(worth, item.orders, strict=True)):
        order = list(range(size))
        if shuffle_options:
            rng.shuffle(order)
        after += 1
        yield Chosen(after, item.version_id, marks, tuple(order), part if item.shares else None)


def assemble(
    pool: Sequence[Item],
    blueprint: Blueprint,
    seed: str,
    excluded: Collection[int] = (),
    shuffle_options: bool = True,
) -> list[Chosen]:
    """Choose one paper from ``pool`` without the questions in ``excluded``.

    Raises:
        Shortage: the pool (without the excluded questions) cannot fill the blueprint.
    """
    assembler = Assembler(pool, blueprint, shuffle_options=shuffle_options)
    return list(assembler.paper(seed, excluded).chosen)


def _tenths(thousandths: int) -> int:
    """Expected tenths from tenths × thousandths, rounded."""
    return (thousandths + 500) // 1000


def _ranked(
    items: Iterable[Item], gone: Collection[int], usage: Usage, rng: random.Random
) -> list[Item]:
    free = [item for item in items if item.question_id not in gone]
    rng.shuffle(free)
    free.sort(key=usage.rank)
    return free


@dataclass(frozen=True, slots=True)
class _Wanted:
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


def _split(quotas: Sequence[Quota], cells: Mapping[str, Sequence[Item]]) -> _Wanted:
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
    return _Wanted(fixed, anyhow[given:], {level: n for n, level in enumerate(ranked)})
