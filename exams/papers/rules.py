"""Blueprints and the assembly of papers; pure and deterministic: same seed, same paper.

A blueprint says how many questions of each kind, module and (if it cares) difficulty a paper has.
Where it leaves difficulty open, each cell is split as the pool is, so that any two papers of an
event have the same number of easy, medium and hard questions.
"""

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from flask_babel import gettext as _

from exams.bank.models import Difficulty
from lms.core.errors import Invalid
from lms.core.signing import canonical

FULL_TENTHS = 1000


class Item(Protocol):
    """What assembly needs to know of a question."""

    @property
    def version_id(self) -> int: ...
    @property
    def question_id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def module(self) -> str: ...
    @property
    def difficulty(self) -> str: ...
    @property
    def options(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Quota:
    """So many questions of one module, kind and difficulty (None: any)."""

    kind: str
    module: str
    difficulty: str | None
    count: int
    tenths: int


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A paper's plan. Made by ``parse``, which refuses weights that do not sum to 100."""

    rung: int
    part: str
    minutes: int
    weights: dict[str, int]
    quotas: tuple[Quota, ...]

    @property
    def questions(self) -> int:
        """How many questions a paper has."""
        return sum(quota.count for quota in self.quotas)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """The bank cannot fill a quota."""

    kind: str
    module: str
    difficulty: str | None
    needed: int
    available: int


class Shortage(Exception):
    """The pool is too small for the blueprint; ``shortfalls`` says where."""

    def __init__(self, shortfalls: Sequence[Shortfall]) -> None:
        super().__init__(f"{len(shortfalls)} quotas cannot be filled")
        self.shortfalls = tuple(shortfalls)


@dataclass(frozen=True, slots=True)
class Chosen:
    """One question of an assembled paper, in its place."""

    position: int
    version_id: int
    tenths: int
    order: tuple[int, ...]


def parse(value: Mapping[str, Any]) -> Blueprint:
    """Read a blueprint from rule data.

    Raises:
        Invalid: weights do not sum to 100, or a module's questions do not add up to its weight.
    """
    weights = {str(module): int(weight) for module, weight in value["weights"].items()}
    if sum(weights.values()) != 100:
        text = _("各模块权重之和应为 100，现在是 %(total)s。", total=sum(weights.values()))
        raise Invalid(text)
    quotas = tuple(quota for section in value["sections"] for quota in _quotas(section))
    for module, weight in weights.items():
        tenths = sum(q.count * q.tenths for q in quotas if q.module == module)
        if tenths != weight * 10:
            raise Invalid(
                _(
                    "“%(module)s”应占 %(weight)s 分，按题量算是 %(marks)s 分。",
                    module=module,
                    weight=weight,
                    marks=f"{tenths // 10}.{tenths % 10}",
                )
            )
    if stray := sorted({q.module for q in quotas} - set(weights)):
        raise Invalid(_("“%(module)s”没有写权重。", module=stray[0]))
    return Blueprint(
        int(value["rung"]), str(value["part"]), int(value.get("minutes", 90)), weights, quotas
    )


def _quotas(section: Mapping[str, Any]) -> Iterable[Quota]:
    for module, wanted in section["quotas"].items():
        by_difficulty = wanted if isinstance(wanted, dict) else {None: wanted}
        for difficulty, count in by_difficulty.items():
            if count:
                yield Quota(section["kind"], module, difficulty, int(count), int(section["tenths"]))


def shortfalls(pool: Iterable[Item], blueprint: Blueprint, papers: int = 1) -> list[Shortfall]:
    """Where the pool cannot fill ``papers`` papers that share no question; empty when it can."""
    held: dict[tuple[str, str, str | None], int] = defaultdict(int)
    for item in pool:
        held[item.kind, item.module, item.difficulty] += 1
        held[item.kind, item.module, None] += 1
    found = []
    for quota in blueprint.quotas:
        available = held[quota.kind, quota.module, quota.difficulty]
        if available < quota.count * papers:
            found.append(
                Shortfall(
                    quota.kind, quota.module, quota.difficulty, quota.count * papers, available
                )
            )
    return found


def assemble(
    pool: Sequence[Item],
    blueprint: Blueprint,
    seed: str,
    excluded: Collection[int] = (),
    shuffle_options: bool = True,
) -> list[Chosen]:
    """Choose a paper from ``pool`` without the questions in ``excluded``.

    Raises:
        Shortage: the pool (without the excluded questions) cannot fill the blueprint.
    """
    rng = random.Random(seed)  # noqa: S311 - fairness, not secrecy; the seed itself is secret
    ordered = sorted(pool, key=lambda item: item.question_id)
    free = [item for item in ordered if item.question_id not in excluded]
    if missing := shortfalls(free, blueprint):
        raise Shortage(missing)
    taken: set[int] = set()
    chosen: list[Chosen] = []
    for kind in dict.fromkeys(quota.kind for quota in blueprint.quotas):
        section: list[tuple[Item, int]] = []
        for quota in (q for q in blueprint.quotas if q.kind == kind):
            for item in _fill(quota, ordered, free, taken, rng):
                taken.add(item.question_id)
                section.append((item, quota.tenths))
        rng.shuffle(section)
        for item, tenths in section:
            order = list(range(item.options))
            if shuffle_options:
                rng.shuffle(order)
            chosen.append(Chosen(len(chosen) + 1, item.version_id, tenths, tuple(order)))
    return chosen


def _fill(
    quota: Quota, pool: list[Item], free: list[Item], taken: set[int], rng: random.Random
) -> list[Item]:
    """Draw a quota; where difficulty is open, as many of each as the pool's shares say."""
    fits = [item for item in free if _fits(item, quota) and item.question_id not in taken]
    rng.shuffle(fits)
    if quota.difficulty is not None:
        return fits[: quota.count]
    picked: list[Item] = []
    for difficulty, count in _shares(pool, quota).items():
        picked += [item for item in fits if item.difficulty == difficulty][:count]
    spare = [item for item in fits if item not in picked]
    return picked + spare[: quota.count - len(picked)]


def _fits(item: Item, quota: Quota) -> bool:
    return (
        item.kind == quota.kind
        and item.module == quota.module
        and quota.difficulty in (None, item.difficulty)
    )


def _shares(pool: list[Item], quota: Quota) -> dict[str, int]:
    """Split a quota over the difficulties by largest remainder."""
    held = {str(d): 0 for d in Difficulty}
    for item in pool:
        if _fits(item, quota):
            held[item.difficulty] += 1
    total = sum(held.values())
    shares = {d: quota.count * n // total for d, n in held.items()}
    rest = sorted(held, key=lambda d: (-(quota.count * held[d] % total), d))
    for difficulty in rest[: quota.count - sum(shares.values())]:
        shares[difficulty] += 1
    return shares


def digest(chosen: Sequence[Chosen]) -> str:
    """SHA-256 over a paper's questions, marks and orders, in their places."""
    slots = [[c.position, c.version_id, c.tenths, list(c.order)] for c in chosen]
    return sha256(canonical({"slots": slots})).hexdigest()
