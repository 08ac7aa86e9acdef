"""Exchanging questions of a paper in the making until it is as hard as it should be. Pure."""

from bisect import bisect_left
from collections.abc import Iterable

from exams.papers.cells import Cells, Group, Pick, Usage
from exams.papers.rules import Item

#: How many neighbours of the wanted share are looked at when questions are exchanged.
REACH = 6


class Exchange:
    """Swaps of one paper in the making: inside a cell, or (``across``) inside a kind and module
    for questions whose difficulty the blueprint leaves open."""

    def __init__(self, cells: Cells, picks: list[Pick], gone: set[int], usage: Usage) -> None:
        self.cells, self.picks, self.gone, self.usage = cells, picks, gone, usage
        self.taken = {pick.item.question_id for pick in picks}
        self._slack: dict[tuple[Group, str], int] = {}

    def best(self, excess: int, across: bool) -> int | None:
        """Make the best exchange for a paper that is ``excess`` above its target; the change in
        expected thousandths of a tenth, or None when no exchange brings it closer."""
        found: tuple[int, int, Pick, Item, int] | None = None
        for pick in self.picks:
            for other in self._offers(pick, excess, across):
                shares = self.cells
                change = pick.tenths * (shares.share(other) - shares.share(pick.item))
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

    def _offers(self, pick: Pick, excess: int, across: bool) -> Iterable[Item]:
        item = pick.item
        group = item.kind, item.module
        if self._costs(item) and self._slack_of(group, item.difficulty) < 1:
            return
        levels = [item.difficulty]
        if across and pick.level is None:
            levels = list(self.cells.groups[group])
        wanted = self.cells.share(item) - excess / pick.tenths
        for level in levels:
            yield from self._near(self.cells.ranked[group, level], wanted, len(item.shares))

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
            cells, wanted = self.cells.groups[group], self.cells.wanted[group]
            levels = list(cells) if wanted.is_open else [level]
            items = [item for one in levels for item in cells[one]]
            left = sum(min(max(cap - here[i.question_id], 0), later + 1) for i in items)
            need = sum(len(wanted.fixed[one]) for one in levels) + len(wanted.left)
            self._slack[group, level] = left - need * (later + 1)
        return self._slack[group, level]
