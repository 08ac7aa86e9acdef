"""Runs of numbers: plain values in and out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from flask_babel import gettext as _

MOST_DIGITS = 9  # of the part that counts; a longer tail belongs to the head
MOST_NUMBERS = 1_000_000  # of one import
MOST_LINES = 20_000
SHORTEST, LONGEST = 4, 40
LEVEL_AT, FULL_LENGTH = 15, 22  # a skill certificate's number names its level in place 16
_SHAPE = re.compile(r"[0-9A-Z]+")
_TAIL = re.compile(r"[0-9]+$")
_BETWEEN = re.compile(r"\s*(?:[~～,，;；\t至到]|\.\.)\s*")


@dataclass(frozen=True, slots=True)
class Run:
    """Numbers ``head`` + digits from ``first`` to ``last``, ``width`` digits each."""

    head: str
    width: int
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    def number(self, serial: int) -> str:
        """The number with this serial."""
        return f"{self.head}{serial:0{self.width}d}"

    @property
    def begins(self) -> str:
        """The first number."""
        return self.number(self.first)

    @property
    def ends(self) -> str:
        """The last number."""
        return self.number(self.last)

    def meets(self, other: "Run") -> bool:
        """True if the two share a number."""
        same = (self.head, self.width) == (other.head, other.width)
        return same and self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an import: where it stands and the two ends as typed (``end`` may be empty)."""

    row: int
    begin: str
    end: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line, in which column."""

    row: int
    column: str
    text: str
    value: str = ""


BEGIN, END = "起始编号", "截止编号"


def split(number: str) -> tuple[str, int, int]:
    """Head, width and value of the digits at the end. The same text is always cut alike, so two
    ranges share a number only if they share head and width. Raises ValueError without digits."""
    tail = _TAIL.search(number)
    if tail is None:
        raise ValueError(number)
    digits = tail[0][-MOST_DIGITS:]
    return number[: -len(digits)], len(digits), int(digits)


def lines_of(text: str) -> list[Line]:
    """The lines of a text: a number, or two with ``~`` or ``至`` between them."""
    found = []
    for row, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            begin, *rest = _BETWEEN.split(line.strip(), maxsplit=1)
            found.append(Line(row, begin, rest[0] if rest else ""))
    return found


def read_lines(
    lines: Sequence[Line], level: str | None
) -> tuple[list[tuple[int, Run]], list[Fault]]:
    """(row, run) of every line that can be used, and what is wrong with the others.

    Args:
        lines: begin and end already freed of blanks and dashes, in capitals.
        level: what place 16 of a full skill number must say; None where that is not known.
    """
    runs: list[tuple[int, Run]] = []
    faults: list[Fault] = []
    for line in lines:
        found = _run(line, level)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            runs.append((line.row, found))
    faults += _shared(runs)
    if sum(len(run) for _row, run in runs) > MOST_NUMBERS:
        faults.append(Fault(0, END, _("一次最多导入 100 万个编号，请分几次导入。")))
    return runs, sorted(faults, key=lambda fault: fault.row)


def _run(line: Line, level: str | None) -> Run | Fault:
    for column, number in ((BEGIN, line.begin), (END, line.end)):
        if column == END and not number:
            continue
        text = _unfit(number, level)
        if text:
            return Fault(line.row, column, text, number[:LONGEST])
    head, width, first = split(line.begin)
    last_head, last_width, last = split(line.end or line.begin)
    if (last_head, last_width) != (head, width):
        return Fault(line.row, END, _("起止编号只能在末尾的数字上不同，长度也要相同。"), line.end)
    if last < first:
        return Fault(line.row, END, _("截止编号小于起始编号。"), line.end)
    return Run(head, width, first, last)


def _unfit(number: str, level: str | None) -> str | None:
    if not SHORTEST <= len(number) <= LONGEST or not _SHAPE.fullmatch(number):
        return _("编号应为 4 至 40 位数字和大写字母。")
    if _TAIL.search(number) is None:
        return _("编号应以数字结尾。")
    if level is not None and len(number) == FULL_LENGTH and number[LEVEL_AT] != level:
        return _("第 16 位应为“%(level)s”，与所选等级不符。", level=level)
    return None


def _shared(runs: Sequence[tuple[int, Run]]) -> list[Fault]:
    faults = []
    ordered = sorted(runs, key=lambda found: (found[1].head, found[1].width, found[1].first))
    for (row, run), (next_row, following) in pairwise(ordered):
        if run.meets(following):
            text = _("与第 %(row)s 行的编号重复。", row=min(row, next_row))
            faults.append(Fault(max(row, next_row), BEGIN, text, following.begins))
    return faults


def runs_of(serials: Iterable[int], head: str, width: int) -> list[Run]:
    """Neighbouring serials gathered into runs, in order."""
    runs: list[Run] = []
    for serial in sorted(serials):
        if runs and runs[-1].last + 1 == serial:
            runs[-1] = Run(head, width, runs[-1].first, serial)
        else:
            runs.append(Run(head, width, serial, serial))
    return runs
