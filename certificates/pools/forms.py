"""Shapes of what people send about numbers."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from certificates.words import KIND_WORDS
from lms.core.forms import Form, choices, strip
from lms.core.ladder import Rung


class PoolForm(Form):
    """A pool: whose, for what, and its numbers as text or in a sheet."""

    issuer = SelectField(_l("发证机构"), validate_choice=False)
    kind = SelectField(_l("证书种类"), choices=choices(KIND_WORDS.items()))
    rung = SelectField(
        _l("等级"),
        validators=[Optional()],
        choices=choices([("", _l("不分等级")), *((int(r), r.label) for r in Rung if r > 1)]),
    )
    title = StringField(
        _l("号段名称"), filters=[strip], validators=[InputRequired(), Length(min=2, max=120)]
    )
    warn_at = IntegerField(
        _l("剩多少个时提醒"), default=50, validators=[InputRequired(), NumberRange(0, 1_000_000)]
    )
    numbers = TextAreaField(
        _l("编号"), filters=[strip], validators=[Optional(), Length(max=400_000)]
    )
    file = FileField(_l("或上传表格"))


class CloseForm(Form):
    """Why a pool is used no more."""

    why = StringField(
        _l("停用原因"), filters=[strip], validators=[InputRequired(), Length(min=4, max=200)]
    )


class VoidForm(Form):
    """A number that will not be used, and why."""

    number = StringField(
        _l("证书编号"), filters=[strip], validators=[InputRequired(), Length(max=60)]
    )
    reason = StringField(
        _l("原因"), filters=[strip], validators=[InputRequired(), Length(min=4, max=200)]
    )
