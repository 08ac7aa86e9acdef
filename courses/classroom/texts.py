"""Words for the states of sessions and seats."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

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
