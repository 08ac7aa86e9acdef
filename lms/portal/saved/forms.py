"""The form that saves a view."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from lms.core.forms import Form, strip


class ViewForm(Form):
    """A name, and whether colleagues may open it."""

    of = HiddenField(validators=[Length(max=12)])
    query = HiddenField(validators=[Length(max=1000)])
    name = StringField(
        _l("名字"),
        filters=[strip],
        validators=[InputRequired(_l("请给视图起个名字。")), Length(max=60)],
    )
    shared = BooleanField(_l("单位的同事也能打开"))
