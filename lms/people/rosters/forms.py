"""The upload of a roster."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired

from lms.core.forms import Form


class UploadForm(Form):
    """One file."""

    file = FileField(
        _l("名单文件"), validators=[FileRequired(_l("请选择一个 .xlsx 或 .csv 文件。"))]
    )
