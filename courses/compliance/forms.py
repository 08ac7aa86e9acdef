"""Shapes of the exemption forms."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from lms.core.forms import Form, strip


class ExemptionForm(Form):
    """A request: why, for which days, and what proves it."""

    kind = SelectField(_l("免修原因"))
    starts_on = DateField(_l("开始日期"), [Optional()])
    ends_on = DateField(_l("结束日期"), [Optional()])
    evidence = TextAreaField(
        _l("证明材料"), [DataRequired(_l("请填写这一项。")), Length(max=600)], filters=[strip]
    )


class DecisionForm(Form):
    """A decision's reason; needed for everything but an approval."""

    reason = StringField(_l("审批意见"), [Optional(), Length(max=300)], filters=[strip])
