"""Verdicts in words that a caregiver and a county officer understand."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from courses.compliance.verdicts import Reason
from lms.core.i18n import show_date

STATE_LABELS: dict[str, LazyString] = {
    "missed": _l("未完成"),
    "at_risk": _l("尚未参加"),
    "scheduled": _l("已安排"),
    "done": _l("已完成"),
    "exempt": _l("免修"),
    "not_due": _l("暂不需要"),
}
STATE_TONES = {
    "missed": "bad",
    "at_risk": "warn",
    "scheduled": "info",
    "done": "ok",
    "exempt": "mute",
    "not_due": "mute",
}
EXEMPTION_LABELS: dict[str, LazyString] = {
    "illness": _l("长期病休"),
    "maternity": _l("产假"),
    "leave": _l("长期请假"),
    "secondment": _l("长期外派"),
    "elsewhere": _l("已在别处参加"),
}
STEP_LABELS: dict[str, LazyString] = {
    "proposed": _l("待审批"),
    "approved": _l("已同意"),
    "refused": _l("未同意"),
    "revoked": _l("已撤销"),
}
_Say = Callable[[dict[str, Any]], str]


def hours(tenths: int) -> str:
    """``8`` or ``7.5``: class hours as people write them."""
    whole, rest = divmod(abs(tenths), 10)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"


def sentence(reason: Reason | dict[str, Any]) -> str:
    """One reason or cure as a sentence in the reader's language."""
    told = reason.as_json() if isinstance(reason, Reason) else reason
    say = _SENTENCES.get(str(told["code"]))
    return say(told) if say else str(told["code"])


def _day(told: dict[str, Any], key: str) -> str:
    return show_date(date.fromisoformat(str(told[key])))


_SENTENCES: dict[str, _Say] = {
    "enough": lambda r: _(
        "已完成 %(done)s 学时，达到要求的 %(required)s 学时。",
        done=hours(r["done"]),
        required=hours(r["required"]),
    ),
    "none_yet": lambda r: _(
        "本年度集中培训尚未参加，还差 %(missing)s 学时。", missing=hours(r["missing"])
    ),
    "partial": lambda r: _(
        "已完成 %(done)s 学时，还差 %(missing)s 学时。",
        done=hours(r["done"]),
        missing=hours(r["missing"]),
    ),
    "absent": lambda r: _("%(day)s 的培训缺勤过多，没有计入。", day=_day(r, "on")),
    "waiting": lambda _r: _("已在候补名单上，有空位时自动补上。"),
    "seat": lambda r: _("已安排参加 %(day)s 的集中培训。", day=_day(r, "on")),
    "being_counted": lambda r: _("%(day)s 的培训已结束，等教师结算学时。", day=_day(r, "on")),
    "year_open": lambda r: _("今年的集中培训请在 %(day)s 前完成。", day=_day(r, "until")),
    "in_grace": lambda r: _("宽限期到 %(day)s 为止。", day=_day(r, "until")),
    "not_begun": lambda r: _("%(year)s 年度还没有开始。", year=r["year"]),
    "other_post": lambda _r: _("现在的岗位不在集中培训的范围内。"),
    "changed_post": lambda _r: _("已调到不需要集中培训的岗位。"),
    "not_employed": lambda _r: _("这一年没有在养老机构任职的记录。"),
    "left": lambda r: _("已在 %(day)s 离职，本年度不再要求。", day=_day(r, "on")),
    "late_joiner": lambda r: _(
        "%(started)s 入职，晚于 %(limit)s，本年度免修，以岗前培训代替。",
        started=_day(r, "started"),
        limit=_day(r, "limit"),
    ),
    "exempted": lambda r: _(
        "已批准免修：%(kind)s。", kind=EXEMPTION_LABELS.get(str(r["kind"]), r["kind"])
    ),
    "exemption_short": lambda r: _(
        "批准的假期只覆盖本年度 %(days)s 天，不足 %(needed)s 天，不能免修。",
        days=r["days"],
        needed=r["needed"],
    ),
    "exemption_proposed": lambda _r: _("免修申请正在等待审批。"),
    "exemption_refused": lambda _r: _("免修申请未获同意。"),
    "exemption_revoked": lambda _r: _("免修批准已撤销。"),
    "attend": lambda r: _(
        "参加一次集中培训，完成 %(missing)s 学时即可。", missing=hours(r["missing"])
    ),
    "attend_booked": lambda _r: _("按时参加并签到，教师结算后自动完成。"),
    "make_up": lambda r: _(
        "补训 %(missing)s 学时并计入该年度即可消除。", missing=hours(r["missing"])
    ),
    "ask_exemption": lambda _r: _("确有特殊情况的，由单位提交免修申请和证明。"),
    "decide_exemption": lambda _r: _("等待民政部门审批免修申请。"),
}
