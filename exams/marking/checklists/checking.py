"""Read texts become checklists, or faults with their row and column. Plain values only."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _

from exams.marking.checklists.raw import ITEM, MOST_LISTS, Cell, RawList, Read
from lms.core.errors import Invalid
from lms.core.ladder import Rung, rung_named

PARTS = {"skills": ("", "技能", "操作技能", "技能考核", "skills"), "review": ("综合评审", "review")}
WAYS = {"deduct": ("", "扣分", "deduct"), "award": ("得分", "加分", "award")}
OWN = "评价机构自编"
_MOST_ITEMS, _MOST_VETOES = 60, 20
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
#: part and rung -> the modules a score is made of
Modules = Callable[[str, int], Sequence[str]]


def checked(found: Read, modules: Modules) -> list[dict[str, Any]]:
    """The checklists of a file; whatever is wrong is added to its faults.

    Raises:
        Invalid: none in it, or too many.
    """
    if not found.lists and not found.faults:
        raise Invalid(_("文件里没有评分表。"))
    if len(found.lists) > MOST_LISTS:
        raise Invalid(_("一次最多 %(n)s 张评分表，请分成几份上传。", n=MOST_LISTS))
    entries: list[dict[str, Any]] = []
    rows: dict[str, int] = {}
    for raw in found.lists:
        entry = _Checker(found, raw).entry(modules)
        first = rows.setdefault(entry["code"], raw.row)
        if entry["code"] and first != raw.row:
            found.blame(raw.row, "code", _("与第 %(row)s 行的编号相同。", row=first))
        entries.append(entry)
    return [] if found.faults else entries


class _Checker:
    """One checklist under judgement."""

    def __init__(self, found: Read, raw: RawList) -> None:
        self.found, self.raw = found, raw

    def entry(self, modules: Modules) -> dict[str, Any]:
        """The checklist in the shape of the library."""
        code = self.cell("code")
        if not _CODE.fullmatch(code.text):
            text = _("编号用小写字母、数字和 -，2 至 40 位。")
            self.found.blame(code.row, "code", text)
        part, rung = self.word("part", PARTS), self.rung()
        entry = {
            "code": code.text,
            "title": self.text(self.cell("title"), "title", 2, 60),
            "part": part,
            "rung": rung,
            "module": self.module(modules(part, rung) if part and rung else ()),
            "tenths": self.marks(self.cell("tenths"), "tenths", 1000),
            "minutes": self.whole(self.cell("minutes"), "minutes", 240),
            "way": self.word("way", WAYS),
            "items": self.items(),
            "vetoes": [self.text(veto, "veto", 2, 200) for veto in self.raw.vetoes[:_MOST_VETOES]],
            "source": self.text(self.cell("source", OWN), "source", 2, 200),
        }
        if len(self.raw.vetoes) > _MOST_VETOES:
            self.found.blame(self.raw.row, "veto", _("最多 %(n)s 条。", n=_MOST_VETOES))
        self.sums(entry)
        return entry

    def cell(self, name: str, default: str = "") -> Cell:
        """The cell of the head, or an empty one where the checklist begins."""
        found = self.raw.cells.get(name)
        if found is None:
            return Cell(default, self.raw.row)
        return Cell(found.text or default, found.row)

    def text(self, cell: Cell, name: str, least: int, most: int) -> str:
        """A text of a sensible length on one line."""
        text = " ".join(cell.text.split())
        if not least <= len(text) <= most:
            told = _("请填写，%(least)s 至 %(most)s 个字。", least=least, most=most)
            self.found.blame(cell.row, name, told)
        return text

    def word(self, name: str, words: Mapping[str, tuple[str, ...]]) -> str:
        """One of the words that are understood."""
        cell = self.cell(name)
        found = next((key for key, known in words.items() if cell.text in known), "")
        if not found:
            known = "、".join(word for every in words.values() for word in every if word)
            self.found.blame(cell.row, name, _("应是其中之一：%(list)s。", list=known))
        return found

    def rung(self) -> int:
        """A rung reached by examination, by name, grade or rank."""
        cell = self.cell("rung")
        rung = rung_named(cell.text)
        if rung is None and re.fullmatch("[1-8]", cell.text):
            rung = Rung(int(cell.text))
        if rung is None or not rung.examined:
            self.found.blame(cell.row, "rung", _("等级应为初级工至高级技师，或五级至一级。"))
            return 0
        return int(rung)

    def module(self, known: Sequence[str]) -> str:
        """A module of the plan of that part and rung."""
        cell = self.cell("module")
        if known and cell.text not in known:
            told = _("应是其中之一：%(list)s。", list="、".join(known))
            self.found.blame(cell.row, "module", told)
        return self.text(cell, "module", 2, 40)

    def items(self) -> list[dict[str, Any]]:
        """The points, in order."""
        if not self.raw.items:
            self.found.blame(self.raw.row, "text", _("至少要有一个评分点。"))
        if len(self.raw.items) > _MOST_ITEMS:
            told = _("最多 %(n)s 个评分点。", n=_MOST_ITEMS)
            self.found.blame(self.raw.row, "text", told)
        found = []
        for item in self.raw.items[:_MOST_ITEMS]:
            row = next((item[name].row for name in ITEM if name in item), self.raw.row)
            missing = Cell("", row)
            found.append(
                {
                    "text": self.text(item.get("text", missing), "text", 2, 200),
                    "step": self.marks(item.get("step", missing), "step", 1000),
                    "most": self.whole(item.get("most", Cell("1", row)), "most", 100),
                }
            )
        return found

    def marks(self, cell: Cell, name: str, most: int) -> int:
        """Tenths of a mark, in steps of half a mark; 0 with a fault."""
        try:
            tenths = Decimal(cell.text) * self.found.unit
        except InvalidOperation:
            tenths = Decimal(0)
        if not tenths.is_finite() or not 0 < tenths <= most or tenths % 5:
            top = most // self.found.unit
            told = _("应大于 0，不超过 %(top)s，最小单位 0.5 分。", top=top)
            self.found.blame(cell.row, name, told)
            return 0
        return int(tenths)

    def whole(self, cell: Cell, name: str, most: int) -> int:
        """A whole number from 1; 0 with a fault."""
        if not re.fullmatch(r"[0-9]{1,3}", cell.text) or not 1 <= int(cell.text) <= most:
            self.found.blame(cell.row, name, _("应是 1 至 %(top)s 的整数。", top=most))
            return 0
        return int(cell.text)

    def sums(self, entry: dict[str, Any]) -> None:
        """What can be earned is the full mark; what can be lost lets somebody fail."""
        total = sum(item["step"] * item["most"] for item in entry["items"])
        if not entry["tenths"] or not total or not all(i["step"] for i in entry["items"]):
            return
        row = self.cell("tenths").row
        if entry["way"] == "award" and total != entry["tenths"]:
            marks = f"{total / 10:g}"
            self.found.blame(row, "tenths", _("评分点合计 %(n)s 分，与满分不符。", n=marks))
        if entry["way"] == "deduct" and total * 5 <= entry["tenths"] * 2:
            told = _("全部扣完也能及格，请检查分值和次数。")
            self.found.blame(row, "tenths", told)
