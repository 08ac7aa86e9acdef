"""The analysis as a table for spreadsheets: one row an item."""

from flask_babel import gettext as _

from exams.analysis.queries import Analysis, Item
from exams.analysis.rules import Interval
from exams.analysis.words import FLAGS
from exams.bank import forms
from exams.bank.models import Difficulty, Kind


def analysis_table(found: Analysis) -> tuple[list[str], list[list[object]]]:
    """Headings and rows; shares between 0 and 1, empty where nothing is claimed. No key."""
    headings = [
        _("题目"), _("小题"), _("模块"), _("题型"), _("难度"), _("作答人数"), _("满分"),
        _("平均得分"), _("得分率"), _("得分率下限"), _("得分率上限"),
        _("区分度"), _("区分度下限"), _("区分度上限"),
        _("没有作答"), _("用时中位数（秒）"), _("说明"), _("分析时间"),
    ]  # fmt: skip
    return headings, [_row(item, found) for item in found.items]


def _row(item: Item, found: Analysis) -> list[object]:
    figures, sums = item.figures, item.sums
    return [
        item.code,
        item.part or "",
        item.module,
        str(forms.KIND_LABELS[Kind(item.kind)]),
        str(forms.DIFFICULTY_LABELS[Difficulty(item.difficulty)]),
        sums.n,
        figures.most / 10,
        round(sums.x / sums.n / 10, 3),
        *_interval(item.facility),
        *_interval(item.discrimination),
        figures.blank,
        figures.seconds.median if figures.seconds else "",
        "；".join(str(FLAGS[flag][0]) for flag in item.flags),
        found.made_at,
    ]


def _interval(found: Interval | None) -> list[object]:
    if found is None:
        return ["", "", ""]
    return [round(found.value, 4), round(found.low, 4), round(found.high, 4)]
