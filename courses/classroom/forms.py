"""Shapes of the session forms; what they mean is decided in the operations."""

from datetime import date, datetime, time

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from courses.classroom.operations.sessions import MOST_SEATS, SessionPlan
from courses.classroom.rules import Stretch
from lms.core.clock import SHANGHAI
from lms.core.forms import Form, strip

#: Teaching periods that one form can hold: a week of mornings and afternoons.
PERIODS = 6
_NEEDED = _l("请填写这一项。")


class SessionForm(Form):
    """A session with up to six teaching periods, each a day with start and end."""

    title = StringField(_l("培训名称"), [DataRequired(_NEEDED), Length(max=120)], filters=[strip])
    topic = TextAreaField(_l("主要内容"), [Optional(), Length(max=400)], filters=[strip])
    organiser = SelectField(_l("主办基地"), coerce=int)
    region = SelectField(_l("面向地区"))
    year = IntegerField(_l("计入年度"), [InputRequired(_NEEDED), NumberRange(2020, 2100)])
    venue = StringField(_l("地点"), [DataRequired(_NEEDED), Length(max=160)], filters=[strip])
    capacity = IntegerField(_l("名额"), [InputRequired(_NEEDED), NumberRange(1, MOST_SEATS)])
    teachers = SelectMultipleField(
        _l("授课教师"), [Optional()], coerce=int, widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )  # fmt: skip
    revision = HiddenField()
    day_1 = DateField(_l("第 1 时段日期"), [InputRequired(_NEEDED)])
    start_1 = TimeField(_l("开始"), [InputRequired(_NEEDED)])
    end_1 = TimeField(_l("结束"), [InputRequired(_NEEDED)])
    day_2 = DateField(_l("第 2 时段日期"), [Optional()])
    start_2 = TimeField(_l("开始"), [Optional()])
    end_2 = TimeField(_l("结束"), [Optional()])
    day_3 = DateField(_l("第 3 时段日期"), [Optional()])
    start_3 = TimeField(_l("开始"), [Optional()])
    end_3 = TimeField(_l("结束"), [Optional()])
    day_4 = DateField(_l("第 4 时段日期"), [Optional()])
    start_4 = TimeField(_l("开始"), [Optional()])
    end_4 = TimeField(_l("结束"), [Optional()])
    day_5 = DateField(_l("第 5 时段日期"), [Optional()])
    start_5 = TimeField(_l("开始"), [Optional()])
    end_5 = TimeField(_l("结束"), [Optional()])
    day_6 = DateField(_l("第 6 时段日期"), [Optional()])
    start_6 = TimeField(_l("开始"), [Optional()])
    end_6 = TimeField(_l("结束"), [Optional()])

    def periods(self) -> list[tuple[DateField, TimeField, TimeField]]:
        """The fields of each period."""
        return [
            (self[f"day_{n}"], self[f"start_{n}"], self[f"end_{n}"]) for n in range(1, PERIODS + 1)
        ]

    def half_filled(self) -> DateField | None:
        """The day of the first period of which only a part was filled in."""
        for fields in self.periods():
            filled = [field.data is not None for field in fields]
            if any(filled) and not all(filled):
                return fields[0]
        return None

    def plan(self) -> SessionPlan:
        """The plan as typed; periods left empty are left out."""
        parts = tuple(
            Stretch(_at(day.data, start.data), _at(day.data, end.data))
            for day, start, end in self.periods()
            if day.data and start.data and end.data
        )
        return SessionPlan(
            self.title.data or "",
            self.topic.data or "",
            self.region.data,
            self.year.data or 0,
            self.venue.data or "",
            self.capacity.data or 0,
            parts,
            tuple(self.teachers.data or ()),
        )

    def show(self, parts: list[Stretch]) -> None:
        """Fill the periods with what a session has."""
        for (day, start, end), part in zip(self.periods(), parts, strict=False):
            begins, ends = part.starts_at.astimezone(SHANGHAI), part.ends_at.astimezone(SHANGHAI)
            day.data, start.data, end.data = begins.date(), begins.time(), ends.time()


class ReasonForm(Form):
    """A reason, for acts that need one."""

    reason = StringField(_l("原因"), [DataRequired(_NEEDED), Length(max=200)], filters=[strip])


class CodeForm(Form):
    """The code on the hall's screen, typed."""

    code = StringField(
        _l("大屏幕上的 6 位签到码"), [DataRequired(_NEEDED), Length(max=40)], filters=[strip]
    )


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, SHANGHAI)
