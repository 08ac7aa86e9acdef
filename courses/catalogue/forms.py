"""Shapes of the authors' forms."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileAllowed, FileField, FileRequired

from lms.core.forms import Form


class UploadForm(Form):
    """A course as one ZIP file."""

    file = FileField(
        _l("课程压缩包"),
        validators=[
            FileRequired(_l("请选择一个 ZIP 文件。")),
            FileAllowed(["zip"], _l("只收 ZIP 文件。")),
        ],
    )
