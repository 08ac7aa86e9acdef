"""A list signed on paper, typed into a sheet: read as a plan that gathers every fault. Pure."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from flask_babel import gettext as _

from lms.core.clock import SHANGHAI
from lms.core.sheets import BadSheet, SheetRow, Table, as_text

#: What the platform writes and reads: people are named by the number it gave them.
HEADINGS = ("编号", "姓名", "单位", "签到时间", "签退时间")
NUMBER, NAME, HOME, CAME, LEFT = HEADINGS
_MOMENT = re.compile(
    r"(?:(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[T ]+)?"
    r"(\d{1,2})[:：](\d{2})(?::\d{2}(?:\.\d+)?)?"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong where, and the cure."""

    row: int
    column: str
    value: str
    cure: str


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody came or left."""

    person_id: int
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What a sheet says; written only if nothing is wrong."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Door:
    """What a sheet is read against: names by number, the days of teaching, and which moments may
    be noted."""

    names: Mapping[int, str]
    days: Collection[date]
    may: Callable[[datetime], bool]


def plan(table: Table, door: Door) -> SheetPlan:
    """Read every row; rows without times say that nobody came.

    Raises:
        BadSheet: a heading is missing.
    """
    columns = {name: table.headings.index(name) for name in HEADINGS if name in table.headings}
    for needed in (NUMBER, CAME):
        if needed not in columns:
            raise BadSheet(_("缺少“%(name)s”一列，请用下载的表填写。", name=needed))
    found, seen = SheetPlan(), set[int]()
    for row in table.rows:
        _read(_Cells(row, columns, table), door, seen, found)
    return found


class _Cells:
    """One row by heading."""

    def __init__(self, row: SheetRow, columns: Mapping[str, int], table: Table) -> None:
        self.number = row.number
        self.texts = {
            name: as_text(row.values[at]).strip() if at < len(row.values) else ""
            for name, at in columns.items()
        }
        self.formulas = {name for name, at in columns.items() if (row.number, at) in table.formulas}

    def fault(self, column: str, cure: str) -> Fault:
        return Fault(self.number, column, self.texts.get(column, "")[:60], cure)


def _read(cells: _Cells, door: Door, seen: set[int], found: SheetPlan) -> None:
    if cells.formulas:
        column = sorted(cells.formulas)[0]
        found.faults.append(cells.fault(column, _("请填写内容，不要用公式。")))
        return
    text = cells.texts[NUMBER]
    person_id = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if person_id not in door.names:
        found.faults.append(cells.fault(NUMBER, _("名单上没有这个编号，请用下载的表填写。")))
        return
    if person_id in seen:
        found.faults.append(cells.fault(NUMBER, _("这个编号前面已经有一行。")))
        return
    seen.add(person_id)
    name = cells.texts.get(NAME, "")
    if name and name != door.names[person_id]:
        found.faults.append(cells.fault(NAME, _("姓名与编号不符，请核对。")))
        return
    _times(cells, person_id, door, found)


def _times(cells: _Cells, person_id: int, door: Door, found: SheetPlan) -> None:
    moments: dict[str, datetime] = {}
    for column in (CAME, LEFT):
        text = cells.texts.get(column, "")
        if not text:
            continue
        moment = _moment(text, door.days)
        if moment is None:
            found.faults.append(cells.fault(column, _("请写成 08:55；多天的培训还要写日期。")))
            return
        if not door.may(moment):
            found.faults.append(cells.fault(column, _("时间应在上课时段之内，且不能晚于现在。")))
            return
        moments[column] = moment
    if LEFT in moments and (CAME not in moments or moments[LEFT] <= moments[CAME]):
        found.faults.append(cells.fault(LEFT, _("签退要在签到之后。")))
        return
    kinds = {CAME: "in", LEFT: "out"}
    found.lines.extend(Line(person_id, kinds[name], at) for name, at in moments.items())


def _moment(text: str, days: Collection[date]) -> datetime | None:
    read = _MOMENT.fullmatch(text)
    if read is None or (read[1] is None and len(set(days)) != 1):
        return None
    try:
        day = date(int(read[1]), int(read[2]), int(read[3])) if read[1] else next(iter(days))
        return datetime.combine(day, time(int(read[4]), int(read[5])), SHANGHAI)
    except ValueError:
        return None
