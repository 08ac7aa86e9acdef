"""Shapes of what people send about batches."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from lms.core.forms import Form


class SheetForm(Form):
    """A sheet, and the issuer that answers for it."""

    issuer = SelectField(_l("发证机构"), validate_choice=False)
    file = FileField(
        _l("发证名单"), validators=[FileRequired(_l("请选择一个 .xlsx 或 .csv 文件。"))]
    )
