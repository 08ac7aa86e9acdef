"""Shapes of what people send about publicity."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from certificates.publicity.objecting import SHORTEST
from lms.core.forms import Form, choices, strip

TOO_SHORT = _l("请写清楚事实和理由，至少 10 个字。")


class ObjectionForm(Form):
    """What somebody objects to, and how to reach her if she likes."""

    facts = TextAreaField(
        _l("事实和理由"),
        filters=[strip],
        validators=[InputRequired(TOO_SHORT), Length(SHORTEST, 1000, TOO_SHORT)],
    )
    contact = StringField(_l("联系方式"), filters=[strip], validators=[Optional(), Length(max=120)])


class FindingForm(Form):
    """What was found."""

    outcome = RadioField(
        _l("处理意见"),
        choices=choices(
            [("dismissed", _l("异议不成立，继续发证")), ("upheld", _l("异议成立，不予发证"))]
        ),
        validators=[InputRequired(_l("请选择处理意见。"))],
    )
    note = TextAreaField(
        _l("核查情况"),
        filters=[strip],
        validators=[InputRequired(TOO_SHORT), Length(SHORTEST, 400, TOO_SHORT)],
    )
