"""Blueprints: what a paper has to hold. Pure; the choice of questions is in ``assembly``.

A blueprint says how many questions of each kind, module and (if it cares) difficulty a paper has,
and what each is worth. The weights of its modules are the rung's weight table and sum to 100.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from flask_babel import gettext as _

from exams.bank.models import Difficulty, Kind
from lms.core.errors import Invalid
from lms.core.signing import canonical

FULL_TENTHS = 1000
MOST_QUESTIONS = 300


class Item(Protocol):
    """What assembly needs to know of a question.

    ``orders`` holds, for each part (one part unless it is a case), how many things are shown in
    an order of their own; ``shares`` how a case's marks are split over its parts.
    """

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
    def orders(self) -> tuple[int, ...]: ...
    @property
    def shares(self) -> tuple[int, ...]: ...


@dataclass(frozen=True, slots=True)
class Quota:
    """So many questions of one module, kind and difficulty (None: any), ``tenths`` for each."""

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
        """How many questions a paper has; a case counts once."""
        return sum(quota.count for quota in self.quotas)

    @property
    def kinds(self) -> list[str]:
        """Its kinds of question, in their order on the paper."""
        return list(dict.fromkeys(quota.kind for quota in self.quotas))


@dataclass(frozen=True, slots=True)
class Chosen:
    """One place of an assembled paper; ``part`` is the index of a case's part."""

    position: int
    version_id: int
    tenths: int
    order: tuple[int, ...]
    part: int | None = None


def check_weights(weights: Mapping[str, int]) -> None:
    """Refuse a weight table that is no table of a hundred. Raises Invalid with the numbers."""
    if any(weight <= 0 for weight in weights.values()):
        raise Invalid(_("每个模块的权重都应大于 0。"))
    if (total := sum(weights.values())) != 100:
        parts = " + ".join(f"{module} {weight}" for module, weight in weights.items())
        raise Invalid(
            _("各模块权重之和应为 100，现在是 %(total)s（%(parts)s）。", total=total, parts=parts)
        )


def weights_of(value: Mapping[str, Any]) -> dict[str, int]:
    """The weight table in rule data. Raises Invalid for a draft, or when it does not sum to 100."""
    if value.get("draft"):
        raise Invalid(
            _(
                "这个等级的理论权重表还没有定下来：流传的表各模块合计 %(total)s，不是 100，"
                "不能采用。请评价机构补全后再发布。",
                total=value["circulated_total"],
            )
        )
    weights = {str(module): int(weight) for module, weight in value["weights"].items()}
    check_weights(weights)
    return weights


def parse(value: Mapping[str, Any]) -> Blueprint:
    """Read a blueprint from rule data.

    Raises:
        Invalid: weights do not sum to 100, or a module's questions do not add up to its weight.
    """
    weights = weights_of(value)
    quotas = tuple(quota for section in value["sections"] for quota in _quotas(section))
    if faults := quota_faults(weights, quotas):
        raise Invalid(" ".join(faults))
    return Blueprint(
        int(value["rung"]), str(value["part"]), int(value.get("minutes", 90)), weights, quotas
    )


def quota_faults(weights: Mapping[str, int], quotas: Sequence[Quota]) -> list[str]:
    """Where the questions do not add up to the weights, module by module, in words."""
    found = []
    for module, weight in weights.items():
        tenths = module_tenths(module, quotas)
        if tenths != weight * 10:
            found.append(
                _(
                    "“%(module)s”应占 %(weight)s 分，按题量算是 %(marks)s 分。",
                    module=module,
                    weight=weight,
                    marks=f"{tenths / 10:g}",
                )
            )
    if stray := sorted({q.module for q in quotas} - set(weights)):
        found.append(_("“%(module)s”没有写权重。", module=stray[0]))
    if sum(quota.count for quota in quotas) > MOST_QUESTIONS:
        found.append(_("一份试卷最多 %(n)s 道题。", n=MOST_QUESTIONS))
    return found


def module_tenths(module: str, quotas: Iterable[Quota]) -> int:
    """What a module's questions are worth together."""
    return sum(q.count * q.tenths for q in quotas if q.module == module)


def _quotas(section: Mapping[str, Any]) -> Iterable[Quota]:
    if section["kind"] not in tuple(Kind):
        raise Invalid(_("不认识的题型“%(kind)s”。", kind=section["kind"]))
    tenths = int(section["tenths"])
    if tenths < 1:
        raise Invalid(_("每道题至少 0.1 分。"))
    for module, wanted in section["quotas"].items():
        by_difficulty = wanted if isinstance(wanted, dict) else {None: wanted}
        for difficulty, count in by_difficulty.items():
            if difficulty is not None and difficulty not in tuple(Difficulty):
                raise Invalid(_("难度应为 容易、中等 或 困难。"))
            if int(count) > 0:
                yield Quota(str(section["kind"]), str(module), difficulty, int(count), tenths)


def split_tenths(tenths: int, shares: Sequence[int]) -> list[int]:
    """Split a case's marks over its parts by largest remainder; no part is worth nothing."""
    total = sum(shares)
    split = [tenths * share // total for share in shares]
    rest = sorted(range(len(shares)), key=lambda n: (-(tenths * shares[n] % total), n))
    for n in rest[: tenths - sum(split)]:
        split[n] += 1
    while min(split) < 1 < max(split):
        split[split.index(max(split))] -= 1
        split[split.index(min(split))] += 1
    return split


def digest(chosen: Sequence[Chosen]) -> str:
    """SHA-256 over a paper's questions, marks and orders, in their places."""
    slots: list[list[Any]] = []
    for c in chosen:
        slot: list[Any] = [c.position, c.version_id, c.tenths, list(c.order)]
        slots.append(slot if c.part is None else [*slot, c.part])
    return sha256(canonical({"slots": slots})).hexdigest()
