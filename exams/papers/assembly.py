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
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from exams.papers.cells import Balance, Cells, Pick, Usage
from exams.papers.exchange import Exchange
from exams.papers.feasibility import Shortage, shortfalls
from exams.papers.rules import Blueprint, Chosen, Item, split_tenths

MOST_EXCHANGES = 80


@dataclass(frozen=True, slots=True)
class Assembled:
    """A paper and the marks it is expected to bring, in tenths."""

    chosen: tuple[Chosen, ...]
    questions: frozenset[int]
    expected: int
    balanced: bool


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
        self.cells = Cells(pool, blueprint, self.balance)

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
            free = [item for item in self.cells.pool if item.question_id not in gone]
            if missing := shortfalls(free, self.blueprint):
                raise Shortage(missing)
        elif missing := shortfalls(self.cells.pool, self.blueprint):
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
        for group, wanted in self.cells.wanted.items():
            cells = self.cells.groups[group]
            for level, quotas in wanted.fixed.items():
                total += self.cells.mean(cells[level]) * sum(quota.tenths for quota in quotas)
            everything = [item for items in cells.values() for item in items]
            total += self.cells.mean(everything) * sum(quota.tenths for quota in wanted.left)
        return round(total / 1000)

    def _draw(self, rng: random.Random, gone: set[int], usage: Usage) -> list[Pick]:
        picks: list[Pick] = []
        for group, wanted in self.cells.wanted.items():
            spare: list[Item] = []
            lacking = list(wanted.left)
            for level, quotas in wanted.fixed.items():
                ranked = _ranked(self.cells.groups[group][level], gone, usage, rng)
                firm = sum(quota.difficulty is not None for quota in quotas)
                free = [n for n, item in enumerate(ranked) if n < firm or usage.may_take(item)]
                drawn = [ranked[n] for n in free[: len(quotas)]]
                picks += [
                    Pick(item, quota.tenths, quota.difficulty)
                    for item, quota in zip(drawn, quotas, strict=False)
                ]
                taken = {item.question_id for item in drawn}
                spare += [item for item in ranked if item.question_id not in taken]
                lacking += quotas[len(drawn) :]
            spare.sort(key=lambda item: (*usage.rank(item), wanted.order[item.difficulty]))
            for item, quota in zip(spare, lacking, strict=False):
                picks.append(Pick(item, quota.tenths, quota.difficulty))
        return picks

    def _level(self, picks: list[Pick], gone: set[int], usage: Usage) -> int:
        """Exchange questions until the paper is as hard as the target; its expected tenths."""
        here = sum(pick.tenths * self.cells.share(pick.item) for pick in picks)
        target = self.balance.target
        if target is None:
            return _tenths(here)
        exchange = Exchange(self.cells, picks, gone, usage)
        for across in (False, True):
            for _n in range(MOST_EXCHANGES):
                if self.balance.allows(_tenths(here)):
                    return _tenths(here)
                gain = exchange.best(here - 1000 * target, across)
                if gain is None:
                    break
                here += gain
        return _tenths(here)

    def _place(self, picks: list[Pick], rng: random.Random) -> Iterable[Chosen]:
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
