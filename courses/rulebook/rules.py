"""The rules in the rulebook, with the words an officer knows them by."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from courses.claims.wording import CATEGORY_LABELS
from courses.rulebook.shapes import Group, Leaf, Shape, Table

MOST_HOURS = 9990  # tenths of a class hour


def _hours(name: str, label: LazyString, *, least: int = 1, optional: bool = False) -> Leaf:
    """A number of class hours, in tenths."""
    return Leaf(name, label, "hours", low=least, high=MOST_HOURS, optional=optional)


def _check_central(value: dict[str, Any]) -> dict[str, str]:
    """The reminder begins before the end of the window, and somebody owes the duty."""
    faults = {}
    if value["at_risk_from"] > value["window_ends"]:
        faults["at_risk_from"] = _("提醒要在期限之前开始。")
    if value["late_joiner_after"] > value["window_ends"]:
        faults["late_joiner_after"] = _("这一天要在期限之前。")
    if not value["posts"]:
        faults["posts__caregiver"] = _("至少有一个岗位要参加。")
    return faults


CENTRAL = Shape(
    "compliance.central",
    _l("每年集中培训"),
    _l("谁每年要参加，多少学时，到哪一天；什么情况可以免修。"),
    (
        Table(
            "posts",
            "posts",
            (_hours("", _l("每年学时"), optional=True),),
        ),
        Leaf("window_ends", _l("期限（每年月日）"), "month_day"),
        Leaf("at_risk_from", _l("从哪天起提醒"), "month_day"),
        Leaf("late_joiner_after", _l("这天以后入职的当年免修"), "month_day"),
        Leaf("grace_days", _l("期限后宽限天数"), high=180),
        Leaf("count_days", _l("培训结束后等待登记的天数"), high=60),
        Table(
            "exemptions", "exemptions", (Leaf("", _l("至少占当年多少天"), high=366, optional=True),)
        ),
    ),
    _check_central,
)
ATTENDANCE = Shape(
    "compliance.attendance",
    _l("集中培训签到"),
    _l("签到怎样折算学时，缺勤多少不计，签到码多久一换。"),
    (
        Leaf("minutes_per_hour", _l("一学时多少分钟"), low=1, high=120),
        Leaf("absence_limit_percent", _l("缺勤超过百分之几不计"), high=100),
        Leaf(
            "counting", _l("学时怎样算"), "choice",
            options={"planned": _l("到场即得计划学时"), "actual": _l("按实际分钟数")},
        ),
        Leaf("opens_minutes_before", _l("开始前多少分钟可签到"), high=600),
        Leaf("closes_minutes_after", _l("结束后多少分钟仍可签退"), high=600),
        Leaf("code_seconds", _l("签到码多少秒一换"), low=5, high=120),
        Leaf("device_people_limit", _l("一台手机为多少人以上签到时提示"), low=1, high=50),
    ),
)  # fmt: skip
CHECK_IN = Shape(
    "compliance.check_in",
    _l("离线签到和签到核实"),
    _l("没有信号时记下的签到多久内送到有效，哪些签到要请人核实，提前结算怎么算。"),
    (
        Leaf("deliver_hours", _l("离线签到多少小时内送到有效"), low=1, high=720),
        Leaf("late_minutes", _l("晚于多少分钟送到时提示"), high=9999),
        Leaf("clock_minutes", _l("手机时间与签到码相差多少分钟以上时提示"), low=1, high=600),
        Leaf("travel_minutes", _l("多少分钟内在两场培训签到时提示"), low=1, high=600),
        Leaf("burst_people", _l("同时输入签到码的人数达到多少时提示"), low=2, high=500),
        Leaf("burst_seconds", _l("多少秒内算同时"), low=5, high=600),
        Leaf(
            "early_close", _l("提前结算"), "choice",
            options={"cut": _l("只算到结算的时刻"), "refuse": _l("结束之前不能结算")},
        ),
    ),
)  # fmt: skip
HOURS = Shape(
    "credits.hours",
    _l("继续教育学时"),
    _l("各岗位一个周期要多少学时，其中专业科目占多少。"),
    (
        Table(
            "posts", "posts",
            (
                _hours("tenths", _l("一个周期学时")),
                _hours("assistant_tenths", _l("助理级学时"), optional=True),
                Leaf("years", _l("周期年数"), low=1, high=5),
                Leaf("professional_percent", _l("专业科目至少百分之几"), high=100),
            ),
        ),
    ),
)  # fmt: skip
CONVERSION = Shape(
    "credits.conversion",
    _l("学时与学分"),
    _l("多少学时折合一个学分。"),
    (_hours("tenths_per_credit", _l("一学分的学时")),),
)
LEDGER = Shape(
    "credits.ledger",
    _l("外部学时、上限和结转"),
    _l("在别处学的怎样折算，各种来源最多算多少，多出的能否结转。"),
    (
        _hours("carry_over_tenths", _l("最多结转到下一周期的学时"), least=0),
        Table("caps", "origins", (Leaf("", _l("最多占要求的百分之几"), high=100, optional=True),)),
        Table(
            "conversions", "conversions",
            (
                _hours("tenths", _l("每份学时")),
                _hours("most_tenths", _l("一次最多学时")),
                Leaf("category", _l("类别"), "choice", options=CATEGORY_LABELS),
            ),
        ),
    ),
)  # fmt: skip
OBLIGATIONS = Shape(
    "courses.obligations",
    _l("岗前培训与年度复训"),
    _l("新入职多少天内完成岗前培训，年度复训到哪一天。"),
    (
        Group(
            "onboarding", _l("岗前培训"),
            (
                Leaf("days", _l("入职后多少天内完成"), low=1, high=365),
                Leaf(
                    "counts_from", _l("从何时算起"), "choice",
                    options={"present": _l("到现单位"), "first": _l("第一次从事该岗位")},
                ),
                Leaf("existing_due", _l("原有人员最迟"), "day"),
            ),
        ),
        Group(
            "refresher", _l("年度复训"),
            (
                Leaf("due", _l("每年截止"), "month_day"),
                Leaf("new_staff_days", _l("新入职至少给多少天"), high=365),
            ),
        ),
    ),
)  # fmt: skip
SHAPES = {
    s.code: s for s in (CENTRAL, HOURS, LEDGER, ATTENDANCE, CHECK_IN, OBLIGATIONS, CONVERSION)
}
