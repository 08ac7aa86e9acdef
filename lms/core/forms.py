"""The parent of every form, and small helpers for fields."""

from collections.abc import Iterable
from typing import Any

from flask import request
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType
from wtforms import Field
from wtforms.fields.choices import SelectChoice


class Form(FlaskForm):
    """A form with CSRF protection; ``sent`` is true for a post whose fields hold."""

    class Meta(FlaskForm.Meta):
        """Only what a browser's form sends fills the fields."""

        def wrap_formdata(self, form: object, formdata: object) -> object:
            """The posted fields and files. A JSON body, which may hold anything where a field
            expects text, is refused."""
            if request.is_json and request.method == "POST" and not isinstance(formdata, MultiDict):
                raise UnsupportedMediaType
            return super().wrap_formdata(form, formdata)  # type: ignore[no-untyped-call]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]

    def sent(self) -> bool:
        """True if the form was posted and every field passed its checks."""
        return bool(self.validate_on_submit())  # type: ignore[no-untyped-call]


def strip(value: Any) -> Any:
    """Drop blanks round what was typed; a filter for text fields."""
    return value.strip() if isinstance(value, str) else value


def blame(field: Field, text: LazyString | str | Exception) -> None:
    """Put an error beside a field after the domain refused its value."""
    field.errors = (*field.errors, str(text))


def choices(pairs: Iterable[tuple[object, LazyString | str]]) -> list[SelectChoice]:
    """Choices of a select or radio field from (value, label) pairs."""
    # A lazy label stays lazy: it is translated when the field is drawn.
    return [
        SelectChoice(str(value), label)  # type: ignore[arg-type]
        for value, label in pairs
    ]
