"""What each rule is made of, so that a page can show it, read it and compare it. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

SEPARATOR = "__"  # between the parts of a field's name in a form


class Unreadable(ValueError):
    """A value does not say what its field asks for; the text says what would."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value. ``kind`` says how it is written and kept: ``hours`` are kept in tenths of a class
    hour, ``month_day`` as ``12-31``, ``day`` as an ISO date, ``whole`` as a number. ``low`` and
    ``high`` bound a number as it is kept."""

    name: str
    label: LazyString
    kind: str = "whole"
    low: int = 0
    high: int = 999
    options: Mapping[str, LazyString] = field(default_factory=dict)
    optional: bool = False

    def show(self, value: Any) -> str:
        """The value as a person types it."""
        if value is None:
            return ""
        return f"{Decimal(value) / 10:g}" if self.kind == "hours" else str(value)

    def say(self, value: Any) -> str:
        """The value as a person reads it."""
        return str(self.options.get(str(value), self.show(value)))

    def read(self, text: str) -> Any:
        """The value that a person typed. Raises Unreadable."""
        return _READERS[self.kind](self, text.strip())


@dataclass(frozen=True, slots=True)
class Table:
    """A line for each post or kind; one leaf without a name means that the line is the value."""

    name: str
    keys: str
    leaves: tuple[Leaf, ...]

    @property
    def plain(self) -> bool:
        """True if a line is a bare value."""
        return self.leaves[0].name == ""


@dataclass(frozen=True, slots=True)
class Group:
    """A few leaves that belong together."""

    name: str
    label: LazyString
    leaves: tuple[Leaf, ...]


Part = Leaf | Table | Group


@dataclass(frozen=True, slots=True)
class Shape:
    """A rule as people know it."""

    code: str
    title: LazyString
    lead: LazyString
    parts: tuple[Part, ...]
    check: Callable[[dict[str, Any]], dict[str, str]] = lambda value: {}


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a rule: its name in the form, the line it stands on, and its leaf."""

    name: str
    line: str
    leaf: Leaf
    path: tuple[str, ...]


def cells(shape: Shape, keys: Mapping[str, Mapping[str, str]]) -> Iterator[Cell]:
    """Every field of a rule; ``keys`` gives the lines of its tables with their labels."""
    for part in shape.parts:
        if isinstance(part, Leaf):
            yield Cell(part.name, "", part, (part.name,))
        elif isinstance(part, Group):
            for leaf in part.leaves:
                yield _cell((part.name, leaf.name), str(part.label), leaf)
        else:
            for key, label in keys[part.keys].items():
                for leaf in part.leaves:
                    path = (part.name, key) if part.plain else (part.name, key, leaf.name)
                    yield _cell(path, label, leaf)


def _cell(path: tuple[str, ...], line: str, leaf: Leaf) -> Cell:
    return Cell(SEPARATOR.join(path), line, leaf, path)


def look_up(value: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """The value at a path, or None."""
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return value


def read(
    shape: Shape, keys: Mapping[str, Mapping[str, str]], typed: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The rule's value as typed, and what is wrong with it by field name.

    A line of a table whose fields are all empty is not in the rule.
    """
    value: dict[str, Any] = {}
    faults: dict[str, str] = {}
    used = {cell.path[:2] for cell in cells(shape, keys) if typed.get(cell.name, "").strip()}
    for part in shape.parts:
        if not isinstance(part, Leaf):
            value[part.name] = {}
    for cell in cells(shape, keys):
        text = typed.get(cell.name, "")
        is_line = len(cell.path) > 1 and cell.path[0] in _tables(shape)
        if is_line and cell.path[:2] not in used:
            continue
        if not text.strip() and cell.leaf.optional:
            continue
        try:
            _put(value, cell.path, cell.leaf.read(text))
        except Unreadable as fault:
            faults[cell.name] = str(fault)
    return value, faults or shape.check(value)


def changes(
    shape: Shape,
    keys: Mapping[str, Mapping[str, str]],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> list[tuple[str, str, str]]:
    """What differs: (what, before, after); an empty text where there was or is nothing."""
    found = []
    for cell in cells(shape, keys):
        before, after = look_up(old, cell.path), look_up(new, cell.path)
        if before != after:
            what = " · ".join(filter(None, (cell.line, str(cell.leaf.label))))
            found.append((what, _said(cell.leaf, before), _said(cell.leaf, after)))
    return found


def _said(leaf: Leaf, value: Any) -> str:
    return "" if value is None else leaf.say(value)


def _tables(shape: Shape) -> set[str]:
    return {part.name for part in shape.parts if isinstance(part, Table)}


def _put(value: dict[str, Any], path: tuple[str, ...], found: Any) -> None:
    for step in path[:-1]:
        value = value.setdefault(step, {})
    value[path[-1]] = found


def _whole(leaf: Leaf, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not leaf.low <= int(text) <= leaf.high:
        raise Unreadable(_("请填 %(low)s 到 %(high)s 的整数。", low=leaf.low, high=leaf.high))
    return int(text)


def _hours(leaf: Leaf, text: str) -> int:
    try:
        tenths = Decimal(text) * 10
    except ArithmeticError:  # no number, or one beyond all bounds
        tenths = Decimal("NaN")
    if tenths.is_nan() or tenths != tenths.to_integral_value():
        raise Unreadable(_("请填学时数，最多一位小数，例如 8 或 7.5。"))
    if not leaf.low <= tenths <= leaf.high:
        raise Unreadable(_("请填学时数，最多一位小数，例如 8 或 7.5。"))
    return int(tenths)


def _month_day(_leaf: Leaf, text: str) -> str:
    try:
        day = date.fromisoformat(f"2025-{text}")  # not a leap year: the rule holds every year
        if day.isoformat() != f"2025-{text}":
            raise ValueError  # a week, say, which is no month and day
    except ValueError as fault:
        raise Unreadable(_("请填月和日，例如 12-31。")) from fault
    return text


def _day(_leaf: Leaf, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as fault:
        raise Unreadable(_("请填日期，例如 2027-01-01。")) from fault


def _choice(leaf: Leaf, text: str) -> str:
    if text not in leaf.options:
        raise Unreadable(_("请选择一项。"))
    return text


_READERS: dict[str, Callable[[Leaf, str], Any]] = {
    "whole": _whole, "hours": _hours, "month_day": _month_day, "day": _day, "choice": _choice,
}  # fmt: skip
