"""Checklists from a sheet: a line for each point, the head of a checklist on its first line."""

import re

from flask_babel import gettext as _

from exams.marking.checklists.raw import HEAD, HEADINGS, ITEM, Cell, RawList, Read
from lms.core.errors import Invalid
from lms.core.sheets import SheetRow, Table, as_text

REQUIRED = ("code", "title", "rung", "module", "tenths", "minutes", "text", "step")


def read(table: Table) -> Read:
    """Every checklist of a sheet. Raises Invalid when its headings will not do."""
    found, columns = Read(HEADINGS, 10), _columns(table)
    for row in table.rows:
        _read_row(row, columns, table, found)
    return found


def _columns(table: Table) -> dict[str, int]:
    known = {heading: name for name, heading in HEADINGS.items()}
    columns: dict[str, int] = {}
    for index, heading in enumerate(table.headings):
        name = known.get(re.sub(r"[\s*＊:：]|[(（].*?[)）]", "", heading))
        if name in columns:
            raise Invalid(_("“%(c)s”这一列出现了两次，请只保留一列。", c=HEADINGS[name]))
        if name:
            columns[name] = index
    if missing := [HEADINGS[name] for name in REQUIRED if name not in columns]:
        raise Invalid(_("缺少列：%(c)s。请用模板。", c="、".join(missing)))
    return columns


def _read_row(row: SheetRow, columns: dict[str, int], table: Table, found: Read) -> None:
    cells: dict[str, Cell] = {}
    for name, index in columns.items():
        if (row.number, index) in table.formulas:
            found.blame(row.number, name, _("请不要使用公式，改为填写结果。"))
            continue
        text = as_text(row.values[index]) if index < len(row.values) else ""
        if text:
            cells[name] = Cell(text, row.number)
    current = found.lists[-1] if found.lists else None
    code = cells.get("code")
    if code is not None and (current is None or current.cells["code"].text != code.text):
        current = RawList(row.number, {"code": code})
        found.lists.append(current)
    if current is None:
        found.blame(row.number, "code", _("请填写评分表编号。"))
        return
    _add(current, cells, found)


def _add(current: RawList, cells: dict[str, Cell], found: Read) -> None:
    """The head of a checklist stands once, or is repeated as it is."""
    for name in HEAD:
        cell = cells.get(name)
        if cell is not None and cell.text != current.cells.setdefault(name, cell).text:
            first = current.cells[name].row
            found.blame(cell.row, name, _("与第 %(row)s 行不一致。", row=first))
    item = {name: cells[name] for name in ITEM if name in cells}
    if item:
        current.items.append(item)
    if "veto" in cells:
        current.vetoes.append(cells["veto"])
