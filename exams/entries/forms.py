"""Forms of exam events: shape only; what an event may be is decided by the operations."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    DecimalField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from exams.entries.models import ExamEvent, Feedback, Part, Release
from exams.entries.operations import EventPlan
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
    release = SelectField(_l("成绩公布"))
    feedback = SelectField(_l("公布后考生能看到"))
    per_candidate = BooleanField(_l("每人一份不同的试卷"), default=True)
    shuffle_options = BooleanField(_l("打乱选项顺序"), default=True)
    issues_certificate = BooleanField(_l("各部分合格后签发证书"), default=True)

    def offer(
        self,
        organisations: list[tuple[int, str]],
        banks: list[tuple[int, str]],
        earlier: list[tuple[int, str]],
    ) -> None:
        """Fill in the choices this actor has."""
        self.rung.choices = [(int(r), r.label) for r in Rung if r.examined]
        self.part.choices = [(Part.THEORY, _l("理论知识")), (Part.SKILLS, _l("操作技能"))]
        self.organisation_id.choices = organisations
        self.bank_id.choices = [*banks, ("", _l("不用题库"))]
        self.make_up_of.choices = [("", _l("不是补考")), *earlier]
        self.release.choices = [
            (Release.AT_ONCE, _l("交卷后马上公布")),
            (Release.BY_EXAMINER, _l("由考务人员统一公布")),
        ]
        self.feedback.choices = [
            (Feedback.EXPLAINED, _l("成绩、错题和解析")),
            (Feedback.MARKS, _l("只看成绩")),
        ]

    def fill(self, event: ExamEvent) -> None:
        """Show an event as it stands."""
        for name in EventPlan.__slots__:
            self[name].data = getattr(event, name)
        self.opens_at.data = event.opens_at.astimezone(SHANGHAI).replace(tzinfo=None)
        self.closes_at.data = event.closes_at.astimezone(SHANGHAI).replace(tzinfo=None)

    def plan(self) -> EventPlan:
        """What was filled in."""
        values = {name: self[name].data for name in EventPlan.__slots__}
        values["opens_at"] = aware(self.opens_at.data)
        values["closes_at"] = aware(self.closes_at.data)
        if values["part"] != Part.THEORY:
            values["bank_id"] = None
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
    fields = {
        f"module_{n}": DecimalField(
            _l("%(module)s（满分 %(cap)s 分）", module=module, cap=most // 10),
            [NEEDED, NumberRange(0, most / 10)],
            places=1,
        )
        for n, (module, most) in enumerate(checklist.items())
    }
    return type("SkillsForm", (Form,), fields)


def tenths_of(form: Form, checklist: dict[str, int]) -> dict[str, int]:
    """The scores typed, in tenths; -1 (refused later) for more than one decimal."""
    found = {}
    for n, module in enumerate(checklist):
        scaled = form[f"module_{n}"].data * 10
        found[module] = int(scaled) if scaled == int(scaled) else -1
    return found
