"""Can a bank give so many papers of a blueprint, and how often would its questions come up?"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exams.papers.rules import Blueprint, Item


@dataclass(frozen=True, slots=True)
class Shortfall:
    """The bank cannot fill a quota; ``spent`` were set aside because they were asked before."""

    kind: str
    module: str
    difficulty: str | None
    needed: int
    available: int
    spent: int = 0


class Shortage(Exception):
    """The pool is too small for the blueprint; ``shortfalls`` says where."""

    def __init__(self, shortfalls: Sequence[Shortfall]) -> None:
        super().__init__(f"{len(shortfalls)} quotas cannot be filled")
        self.shortfalls = tuple(shortfalls)


Cell = tuple[str, str, str | None]


def demand(blueprint: Blueprint) -> Counter[Cell]:
    """How many questions of each (kind, module, difficulty) a paper needs. The cell without a
    difficulty holds the whole of its kind and module, when any quota leaves difficulty open."""
    needs: Counter[Cell] = Counter()
    for quota in blueprint.quotas:
        needs[quota.kind, quota.module, quota.difficulty] += quota.count
    for kind, module, difficulty in list(needs):
        if difficulty is not None and (kind, module, None) in needs:
            needs[kind, module, None] += needs[kind, module, difficulty]
    return needs


def supply(pool: Iterable[Item]) -> Counter[Cell]:
    """How many questions a pool has of each cell that ``demand`` may name."""
    held: Counter[Cell] = Counter()
    for item in pool:
        held[item.kind, item.module, item.difficulty] += 1
        held[item.kind, item.module, None] += 1
    return held


def shortfalls(
    pool: Iterable[Item],
    blueprint: Blueprint,
    papers: int = 1,
    spent: Mapping[Cell, int] | None = None,
) -> list[Shortfall]:
    """Where the pool, without ``spent`` questions of a cell, cannot fill ``papers`` papers that
    share no question; empty when it can."""
    held, spent = supply(pool), spent or {}
    found = []
    for cell, count in demand(blueprint).items():
        needed, gone = count * papers, spent.get(cell, 0)
        if held[cell] - gone < needed:
            found.append(Shortfall(*cell, needed, held[cell] - gone, gone))
    return found


@dataclass(frozen=True, slots=True)
class Overuse:
    """A cell whose questions must each be in ``least`` per cent of the papers, more than asked."""

    kind: str
    module: str
    difficulty: str | None
    per_paper: int
    available: int
    least: int


def overuse(pool: Iterable[Item], blueprint: Blueprint, papers: int, percent: int) -> list[Overuse]:
    """Where the pool does not allow the exposure limit (0: none) for so many papers."""
    if not percent:
        return []
    held, found = supply(pool), []
    for cell, count in demand(blueprint).items():
        most = -(-papers * count // held[cell]) if held[cell] else papers
        if most > exposure_cap(papers, percent):
            found.append(Overuse(*cell, count, held[cell], -(-100 * most // papers)))
    return found


def exposure_cap(papers: int, percent: int) -> int:
    """In how many of ``papers`` a question may be, at most; at least in one."""
    return max(1, papers * percent // 100)
