"""Forms of exam events: shape only; what an event may be is decided by the operations."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from exams.entries.models import Admission, ExamEvent, Feedback, Part, Release, SwitchMode
from exams.entries.operations import EventPlan
from exams.entries.places import RoomPlan
from exams.marking.rules import MultipleRule
from exams.papers.models import MOST_FORMS, PaperMode
from lms.core.clock import SHANGHAI
from lms.core.forms import Form, strip
from lms.core.ladder import Rung

NEEDED = InputRequired(_l("请填写这一项。"))


def aware(value: datetime | None) -> datetime:
    """What was typed, as Shanghai time."""
    if value is None:
        raise ValueError("a required time is missing")
    return value.replace(tzinfo=SHANGHAI)


def _number(value: Any) -> int | None:
    return int(value) if value not in (None, "", "None") else None


class EventForm(Form):
    """Everything an examiner decides about an event."""

    title = StringField(_l("考试名称"), [NEEDED, Length(2, 120)], filters=[strip])
    rung = SelectField(_l("等级"), coerce=int)
    part = SelectField(_l("考试内容"))
    organisation_id = SelectField(_l("组织单位"), coerce=int)
    bank_id = SelectField(_l("题库"), [Optional()], coerce=_number)
    opens_at = DateTimeLocalField(_l("最早可以开考"), [NEEDED], format=["%Y-%m-%dT%H:%M"])
    closes_at = DateTimeLocalField(_l("最晚结束"), [NEEDED], format=["%Y-%m-%dT%H:%M"])
    minutes = IntegerField(_l("时长（分钟）"), [NEEDED, NumberRange(1, 600)], default=90)
    attempts = IntegerField(_l("每人可考次数"), [NEEDED, NumberRange(1, 5)], default=1)
    make_up_of = SelectField(_l("是哪场考试的补考"), [Optional()], coerce=_number)
    practice = BooleanField(_l("这是练习：不限次数，交卷就看解析，不计成绩、不发证书"))
    admission = SelectField(_l("怎么进考场"), default=Admission.OPEN)
    switch_mode = SelectField(_l("离开考试页面"), default=SwitchMode.OFF)
    release = SelectField(_l("成绩公布"))
    results_at = DateTimeLocalField(_l("公布成绩的时间"), [Optional()], format=["%Y-%m-%dT%H:%M"])
    feedback = SelectField(_l("公布后考生能看到"))
    paper_mode = RadioField(_l("试卷怎么分"), default="own")
    forms = IntegerField(_l("卷数"), [Optional(), NumberRange(1, MOST_FORMS)], default=2)
    blueprint_id = SelectField(_l("组卷方案"), [Optional()], coerce=_number)
    exposure_percent = IntegerField(
        _l("每道题最多出现在百分之几的试卷里"), [Optional(), NumberRange(0, 100)], default=0
    )
    tolerance = DecimalField(
        _l("任意两份试卷的预计得分最多相差几分"), [Optional(), NumberRange(0, 100)], places=1
    )
    multiple_rule = SelectField(_l("多选题计分"), [Optional()])
    markers = SelectField(_l("简答和论述由几个人评"), coerce=int, default=1)
    spread = DecimalField(_l("两份评分最多相差几分"), [Optional(), NumberRange(0, 100)], places=1)
    shuffle_options = BooleanField(_l("打乱选项顺序"), default=True)
    issues_certificate = BooleanField(_l("各部分合格后签发证书"), default=True)

    def offer(
        self,
        organisations: list[tuple[int, str]],
        banks: list[tuple[int, str]],
        earlier: list[tuple[int, str]],
        blueprints: list[tuple[int, str]],
    ) -> None:
        """Fill in the choices this actor has."""
        self.rung.choices = [(int(r), r.label) for r in Rung if r.examined]
        self.part.choices = [
            (Part.THEORY, _l("理论知识")),
            (Part.SKILLS, _l("操作技能")),
            (Part.REVIEW, _l("综合评审")),
        ]
        self.organisation_id.choices = organisations
        self.bank_id.choices = [*banks, ("", _l("不用题库"))]
        self.make_up_of.choices = [("", _l("不是补考")), *earlier]
        self.paper_mode.choices = [
            (PaperMode.OWN, _l("每人一份不同的试卷")),
            (PaperMode.FORMS, _l("几份试卷（A、B 卷）轮流发，邻座不同卷")),
            (PaperMode.FIXED, _l("固定试卷，自己选题")),
        ]
        self.blueprint_id.choices = [("", _l("按这个等级的权重表")), *blueprints]
        self.multiple_rule.choices = [
            ("", _l("按考试规则")),
            (MultipleRule.ALL_OR_NOTHING, _l("全部选对才得分")),
            (MultipleRule.PARTIAL, _l("少选按比例得分，错选不得分")),
        ]
        self.markers.choices = [
            (1, _l("一个人评")),
            (2, _l("两个人分别评，相差太大的交第三人")),
        ]
        self.release.choices = [
            (Release.AT_ONCE, _l("交卷后马上公布")),
            (Release.AT_TIME, _l("到公布时间自动公布")),
            (Release.BY_EXAMINER, _l("由考务人员统一公布")),
        ]
        self.feedback.choices = [
            (Feedback.EXPLAINED, _l("成绩、错题和解析")),
            (Feedback.MARKS, _l("只看成绩")),
            (Feedback.NOTHING, _l("只看合格不合格")),
        ]
        self.admission.choices = [
            (Admission.OPEN, _l("到时间就能自己开始")),
            (Admission.CODE, _l("输入监考员念的 6 位验证码")),
            (Admission.INVIGILATOR, _l("监考员核对身份后放行")),
        ]
        self.switch_mode.choices = [
            (SwitchMode.OFF, _l("只记录，不提醒")),
            (SwitchMode.WARN, _l("每次都提醒")),
            (SwitchMode.HAND_IN, _l("每次都提醒，超过次数自动交卷")),
        ]

    def suggest(self, now: datetime, practice: bool, make_up: ExamEvent | None) -> None:
        """Begin a new plan so that a newcomer has little left to fill in."""
        day = now.astimezone(SHANGHAI).replace(second=0, microsecond=0, tzinfo=None)
        self.bank_id.data = next((code for code, _title in self.bank_id.choices if code), None)
        if practice:
            self.practice.data = True
            self.title.data = str(_l("理论练习"))
            self.opens_at.data, self.closes_at.data = day, day + timedelta(days=30)
        if make_up is not None:
            for name in ("rung", "part", "organisation_id", "bank_id", "minutes", "admission",
                         "switch_mode", "release", "feedback"):  # fmt: skip
                self[name].data = getattr(make_up, name)
            self.make_up_of.data = make_up.id
            self.title.data = str(_l("%(title)s（补考）", title=make_up.title))

    def fill(self, event: ExamEvent) -> None:
        """Show an event as it stands."""
        for name in EventPlan.__slots__:
            if name in self:
                self[name].data = getattr(event, name)
        self.tolerance.data = Decimal(event.tolerance_tenths) / 10
        spread = event.spread_tenths
        self.spread.data = None if spread is None else Decimal(spread) / 10
        for name in ("opens_at", "closes_at", "results_at"):
            moment = getattr(event, name)
            self[name].data = moment and moment.astimezone(SHANGHAI).replace(tzinfo=None)

    def plan(self) -> EventPlan:
        """What was filled in."""
        values = {name: self[name].data for name in EventPlan.__slots__ if name in self}
        tolerance = self.tolerance.data
        values["tolerance_tenths"] = None if tolerance is None else round(tolerance * 10)
        spread = self.spread.data
        values["spread_tenths"] = None if spread is None else round(spread * 10)
        for name, least in (("forms", 2), ("exposure_percent", 0)):
            values[name] = least if values[name] is None else values[name]
        values["opens_at"] = aware(self.opens_at.data)
        values["closes_at"] = aware(self.closes_at.data)
        values["results_at"] = aware(self.results_at.data) if self.results_at.data else None
        if values["part"] != Part.THEORY:
            values["bank_id"] = values["blueprint_id"] = None
        return EventPlan(**values)


class CandidatesForm(Form):
    """People to enter: by number, or a whole home."""

    numbers = TextAreaField(_l("身份证号或手机号"), [Optional(), Length(max=20_000)])
    home = StringField(_l("用人单位代码"), [Optional(), Length(max=18)], filters=[strip])
    waiver = StringField(_l("不符合条件也要报名的理由"), [Optional(), Length(max=200)])


class ExtendForm(Form):
    """More minutes for one candidate."""

    minutes = IntegerField(_l("延长几分钟"), [NEEDED, NumberRange(1, 240)], default=10)
    reason = StringField(_l("原因"), [NEEDED, Length(2, 200)], filters=[strip])


def skills_form(checklist: dict[str, int]) -> type[Form]:
    """A form with one score for each module of a checklist (module → most tenths)."""
    fields: dict[str, Any] = {
        f"module_{n}": DecimalField(
            _l("%(module)s（满分 %(cap)s 分）", module=module, cap=most // 10),
            [NEEDED, NumberRange(0, most / 10)],
            places=1,
        )
        for n, (module, most) in enumerate(checklist.items())
    }
    fields["panel"] = StringField(_l("考评员姓名"), [NEEDED, Length(max=200)], filters=[strip])
    return type("SkillsForm", (Form,), fields)


def tenths_of(form: Form, checklist: dict[str, int]) -> dict[str, int]:
    """The scores typed, in tenths; -1 (refused later) for more than one decimal."""
    found = {}
    for n, module in enumerate(checklist):
        scaled = form[f"module_{n}"].data * 10
        found[module] = int(scaled) if scaled == int(scaled) else -1
    return found


class RoomForm(Form):
    """A room: a site chosen by name or new, the room, its seats."""

    site = StringField(_l("考点"), [NEEDED, Length(2, 80)], filters=[strip])
    address = StringField(_l("考点地址"), [Optional(), Length(max=200)], filters=[strip])
    directions = StringField(_l("怎么走"), [Optional(), Length(max=400)], filters=[strip])
    name = StringField(_l("考场名称"), [NEEDED, Length(1, 60)], filters=[strip])
    seats = IntegerField(_l("座位数"), [NEEDED, NumberRange(1, 500)], default=30)

    def plan(self) -> RoomPlan:
        """What was filled in."""
        return RoomPlan(
            self.site.data or "", self.address.data or "", self.directions.data or "",
            self.name.data or "", self.seats.data or 0,
        )  # fmt: skip


class SeatForm(Form):
    """A seat for one candidate."""

    room_id = SelectField(_l("考场"), coerce=int)
    seat = IntegerField(_l("座位号"), [NEEDED, NumberRange(1, 500)])
