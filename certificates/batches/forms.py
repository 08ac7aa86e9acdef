"""Shapes of what people send about batches."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from lms.core.forms import Form, strip


class SheetForm(Form):
    """A sheet, and the issuer that answers for it."""

    issuer = SelectField(_l("发证机构"), validate_choice=False)
    file = FileField(
        _l("发证名单"), validators=[FileRequired(_l("请选择一个 .xlsx 或 .csv 文件。"))]
    )


class ClaimForm(Form):
    """What the second person checked."""

    note = StringField(
        _l("核对了什么"), [InputRequired(_l("请写明核对了什么，至少 4 个字。")), Length(4, 300)],
        filters=[strip],
    )  # fmt: skip
