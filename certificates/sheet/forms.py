"""The upload of a sheet to check."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, RadioField, ValidationError
from wtforms.validators import Optional

from lms.core import clock
from lms.core.forms import Form, choices


class SheetForm(Form):
    """A file, a day if one matters, and what the report should be."""

    file = FileField(
        _l("表格文件"), validators=[FileRequired(_l("请选择一个 .xlsx 或 .csv 文件。"))]
    )
    on = DateField(_l("另查某一天是否有效"), validators=[Optional()])
    form = RadioField(
        _l("报告格式"), choices=choices([("xlsx", "Excel"), ("csv", "CSV")]), default="xlsx"
    )

    def validate_on(self, field: DateField) -> None:
        """A day that has not come has no answer."""
        if field.data is not None and field.data > clock.today():
            raise ValidationError(_l("请选一个不晚于今天的日期。"))
