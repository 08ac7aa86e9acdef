"""Shapes of the claim forms."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, DecimalField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from lms.core.forms import Form, strip

_NEEDED = DataRequired(_l("请填写这一项。"))


class ClaimForm(Form):
    """What was done elsewhere, and what proves it."""

    kind = SelectField(_l("种类"))
    title = StringField(_l("内容"), [_NEEDED, Length(max=120)], filters=[strip])
    organiser = StringField(_l("举办单位"), [_NEEDED, Length(max=120)], filters=[strip])
    held_on = DateField(_l("日期"), [_NEEDED])
    units = IntegerField(_l("数量"), [InputRequired(_l("请填写这一项。"))])
    evidence = TextAreaField(_l("证明材料"), [Optional(), Length(max=300)], filters=[strip])
    picture = FileField(_l("证明照片"), [Optional()])


class DecisionForm(Form):
    """A decision's reason."""

    reason = StringField(_l("审核意见"), [Optional(), Length(max=300)], filters=[strip])


class LeaveForm(Form):
    """Study leave given to somebody."""

    year = IntegerField(_l("年度"), [NumberRange(2020, 2100)])
    hours = DecimalField(_l("学习假（学时）"), [_NEEDED, NumberRange(-0, 2000)], places=1)
    note = StringField(_l("说明"), [Optional(), Length(max=200)], filters=[strip])
