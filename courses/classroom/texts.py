"""Words for the states of sessions, seats and doubtful check-ins."""

from collections.abc import Mapping
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from courses.classroom.review import Doubt
from courses.classroom.signs import Sign
from lms.core.i18n import show_time
from lms.people.api import PersonCard

SESSION_LABELS: dict[str, LazyString] = {
    "planned": _l("筹备中"),
    "open": _l("开放报名"),
    "closed": _l("已结算"),
    "cancelled": _l("已取消"),
}
SESSION_TONES = {"planned": "mute", "open": "info", "closed": "ok", "cancelled": "bad"}
SEAT_LABELS: dict[str, LazyString] = {
    "booked": _l("已预订"),
    "waiting": _l("候补"),
    "invited": _l("已邀请"),
    "cancelled": _l("已退位"),
    "": _l("没有座位"),
}
METHOD_LABELS: dict[str, LazyString] = {
    "qr": _l("扫码"),
    "code": _l("签到码"),
    "teacher": _l("教师登记"),
    "sheet": _l("表格导入"),
}
KIND_LABELS: dict[str, LazyString] = {"in": _l("签到"), "out": _l("签退"), "void": _l("更正")}
DOUBT_LABELS: dict[str, LazyString] = {
    "open": _l("待核实"),
    "accepted": _l("已采用"),
    "struck": _l("核实后撤回"),
    "gone": _l("已撤回"),
}
DOUBT_TONES = {"open": "warn", "accepted": "ok", "struck": "bad", "gone": "mute"}
DECISION_LABELS: dict[str, LazyString] = {"accepted": _l("采用"), "struck": _l("撤回")}


def sign_words(sign: Sign, doubt: Doubt, people: Mapping[int, PersonCard]) -> str:
    """A sign as a sentence with its facts."""
    return _WORDS[sign.kind](sign, doubt, people)


def _device_words(sign: Sign, _doubt: Doubt, people: Mapping[int, PersonCard]) -> str:
    names = _("、").join(people[person].name for person in sign.people if person in people)
    return _("同一部手机为 %(n)s 人签到：%(names)s。", n=len(sign.people), names=names)


def _places_words(sign: Sign, _doubt: Doubt, _people: Mapping[int, PersonCard]) -> str:
    if sign.elsewhere is None:
        return ""
    return _(
        "相隔 %(n)s 分钟还在另一处签到：%(title)s，%(venue)s，%(at)s。",
        n=_minutes(sign.apart), title=sign.elsewhere.title, venue=sign.elsewhere.venue,
        at=show_time(sign.elsewhere.at),
    )  # fmt: skip


def _clock_words(sign: Sign, doubt: Doubt, _people: Mapping[int, PersonCard]) -> str:
    return _(
        "手机时间是 %(phone)s，签到码的时间是 %(code)s，相差 %(n)s 分钟。",
        phone=show_time(sign.at), code=show_time(doubt.fact.at), n=_minutes(sign.apart),
    )  # fmt: skip


def _burst_words(sign: Sign, _doubt: Doubt, _people: Mapping[int, PersonCard]) -> str:
    return _(
        "%(s)s 秒内有 %(n)s 人输入签到码。",
        s=int(sign.apart.total_seconds()), n=len(sign.people),
    )  # fmt: skip


def _late_words(sign: Sign, doubt: Doubt, _people: Mapping[int, PersonCard]) -> str:
    return _(
        "签到码的时间是 %(code)s，%(at)s 才送到，晚了 %(n)s 分钟。",
        code=show_time(doubt.fact.at), at=show_time(sign.at), n=_minutes(sign.apart),
    )  # fmt: skip


def _minutes(apart: timedelta) -> int:
    return int(apart.total_seconds() // 60)


_WORDS = {
    "device": _device_words,
    "places": _places_words,
    "clock": _clock_words,
    "burst": _burst_words,
    "late": _late_words,
}
