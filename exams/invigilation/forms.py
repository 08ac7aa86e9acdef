"""Forms of the acts: shape only."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from lms.core.forms import Form, strip

NEEDED = InputRequired(_l("请填写这一项。"))


class PlainForm(Form):
    """Nothing but the button."""


class ReasonForm(Form):
    """An act that needs a reason."""

    reason = StringField(_l("原因"), [NEEDED, Length(2, 200)], filters=[strip])


class EvidenceForm(Form):
    """What was seen, for a decision that somebody may appeal."""

    reason = TextAreaField(_l("看到了什么、怎么处理的"), [NEEDED, Length(5, 400)], filters=[strip])


class FactForm(Form):
    """The new fact that takes a decision back."""

    reason = TextAreaField(_l("有什么新的事实"), [NEEDED, Length(5, 400)], filters=[strip])


class MinutesForm(Form):
    """More minutes for a whole room."""

    minutes = IntegerField(_l("延长几分钟"), [NEEDED, NumberRange(1, 240)], default=10)
    reason = StringField(_l("原因"), [NEEDED, Length(2, 200)], filters=[strip])
