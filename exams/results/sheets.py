"""The result list as a table for spreadsheets."""

from collections.abc import Sequence

from flask_babel import gettext as _

from exams.entries.staff_queries import CandidateRow
from lms.core.clock import SHANGHAI


def result_table(rows: Sequence[CandidateRow]) -> tuple[list[str], list[list[object]]]:
    """Headings and rows; identity numbers stay masked."""
    headings = [
        _("准考证号"), _("姓名"), _("身份证号"), _("单位"), _("状态"), _("答题数"), _("补送题数"),
        _("交卷时间"), _("成绩"), _("合格"), _("回执编号"),
    ]  # fmt: skip
    return headings, [_cells(row) for row in rows]


def _cells(row: CandidateRow) -> list[object]:
    handed_in = row.handed_in_at.astimezone(SHANGHAI) if row.handed_in_at else None
    result = row.result
    return [
        row.ticket,
        row.name,
        row.id_masked,
        row.place,
        state_label(row.state),
        row.progress.answered if row.progress else 0,
        row.progress.late if row.progress else 0,
        f"{handed_in:%Y-%m-%d %H:%M}" if handed_in else "",
        result.tenths / 10 if result else "",
        "" if result is None else (_("合格") if result.passed else _("不合格")),
        row.receipt or "",
    ]


def state_label(state: str) -> str:
    """Where a candidate stands, in words."""
    labels = {
        "waiting": _("还没开考"),
        "unmarked": _("还没评分"),
        "absent": _("缺考"),
        "open": _("正在考试"),
        "handed_in": _("已交卷"),
        "paused": _("计时已停"),
        "expelled": _("取消资格"),
        "timed_out": _("到时收卷"),
        "concluded": _("已交卷"),
    }
    return labels.get(state, state)
