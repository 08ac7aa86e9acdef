"""Scores of checklists; plain values in and out, marks in tenths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

VETO = "veto"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a checklist: each time costs (or brings) ``step``, at most ``most`` times."""

    text: str
    step: int
    most: int


@dataclass(frozen=True, slots=True)
class Checklist:
    """What an examiner holds in her hand: ``way`` is deduct or award."""

    way: str
    tenths: int
    items: tuple[Item, ...]
    vetoes: tuple[str, ...]

    @classmethod
    def of(cls, body: Mapping[str, Any], tenths: int) -> "Checklist":
        """From a template's body."""
        items = tuple(Item(i["text"], int(i["step"]), int(i["most"])) for i in body["items"])
        return cls(str(body["way"]), tenths, items, tuple(body["vetoes"]))

    def faults(self) -> list[str]:
        """What is wrong with it, in words for whoever wrote it; empty when it is sound."""
        found = []
        if self.way not in ("deduct", "award"):
            found.append("way")
        if not self.items or any(i.step <= 0 or i.step % 5 or i.most < 1 for i in self.items):
            found.append("items")
        if self.way == "award" and sum(i.step * i.most for i in self.items) != self.tenths:
            found.append("tenths")
        return found


@dataclass(frozen=True, slots=True)
class Tap:
    """From now on ``item`` (-1 and below: vetoes) stands at ``count``."""

    seq: int
    item: int
    count: int
    note: str = ""


def counts_of(taps: Sequence[Tap]) -> tuple[dict[int, int], str]:
    """Item → count, and the reason of a veto; the highest sequence of an item counts, whatever
    the order the taps arrived in."""
    newest: dict[int, Tap] = {}
    for tap in taps:
        if tap.item not in newest or tap.seq > newest[tap.item].seq:
            newest[tap.item] = tap
    veto = next((t.note or VETO for t in newest.values() if t.item < 0 and t.count), "")
    return {t.item: t.count for t in newest.values() if t.item >= 0 and t.count}, veto


def score(checklist: Checklist, counts: Mapping[int, int], veto: str) -> int:
    """Tenths of a sheet: never below 0, never above the station's; 0 with a veto."""
    if veto:
        return 0
    moved = sum(
        item.step * min(max(0, counts.get(number, 0)), item.most)
        for number, item in enumerate(checklist.items)
    )
    if checklist.way == "award":
        return min(checklist.tenths, moved)
    return max(0, checklist.tenths - moved)


def module_marks(
    weights: Mapping[str, int], stations: Sequence[tuple[str, int, int]]
) -> dict[str, int]:
    """Module → tenths out of its weight, from its stations (module, tenths, most), a half rounded
    up. A module without a station is left out."""
    found: dict[str, int] = {}
    for module, weight in weights.items():
        own = [(tenths, most) for name, tenths, most in stations if name == module]
        most = sum(most for _tenths, most in own)
        if most:
            got = sum(tenths for tenths, _most in own)
            found[module] = (2 * weight * 10 * got + most) // (2 * most)
    return found
