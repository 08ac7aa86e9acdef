"""Shapes of what is typed about staff."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from lms.core.forms import Form, strip

_NEEDED = _l("这一格不能空着。")
_DAY = _l("请填写日期，例如 2026-11-23。")


class StaffFilterForm(Form):
    """Filters of the staff list; they stand in the address, so no token."""

    class Meta:
        """A search changes nothing."""

        csrf = False

    name = StringField(_l("姓名"), filters=[strip])
    home = SelectField(_l("用人单位"), validate_choice=False)
    region = SelectField(_l("地区"), validate_choice=False)
    post = SelectField(_l("岗位"), validate_choice=False)
    level = SelectField(_l("技能等级"), validate_choice=False)
    status = SelectField(_l("状态"), validate_choice=False)


class PlaceFilterForm(Form):
    """Filters of the organisations list."""

    class Meta:
        """A search changes nothing."""

        csrf = False

    name = StringField(_l("名称"), filters=[strip])
    kind = SelectField(_l("类别"), validate_choice=False)
    region = SelectField(_l("地区"), validate_choice=False)


class FindForm(Form):
    """An exact number; posted, so that it never stands in an address."""

    number = StringField(
        _l("证件号码或手机号"), filters=[strip], validators=[DataRequired(_NEEDED), Length(max=30)]
    )


class RevealForm(Form):
    """Why somebody wants to see a number."""

    field = HiddenField()
    reason = StringField(
        _l("查看原因"), filters=[strip],
        validators=[DataRequired(_l("请写明查看的原因。")), Length(min=4, max=200)],
    )  # fmt: skip


class LeavingForm(Form):
    """The last day of a stay."""

    ended_on = DateField(_l("离职日期"), validators=[InputRequired(_DAY)])


class SpellForm(Form):
    """A stay as it really was."""

    post = SelectField(_l("岗位"))
    started_on = DateField(_l("入职日期"), validators=[InputRequired(_DAY)])
    ended_on = DateField(_l("离职日期"), validators=[Optional()])


class PersonForm(Form):
    """A corrected name, a new phone."""

    name = StringField(
        _l("姓名"), filters=[strip], validators=[DataRequired(_NEEDED), Length(max=60)]
    )
    phone = StringField(_l("新手机号"), filters=[strip], validators=[Optional(), Length(max=20)])


class PhotoForm(Form):
    """A portrait."""

    photo = FileField(_l("照片"), validators=[FileRequired(_l("请选择一张照片。"))])
    crop_left = HiddenField()
    crop_top = HiddenField()
    crop_width = HiddenField()
    anyway = BooleanField(_l("我看过了，仍然用这张照片"))

    def part(self) -> tuple[float, float, float] | None:
        """What was chosen of the picture: left, top, width as shares of it."""
        try:
            left, top, width = (
                float(field.data) for field in (self.crop_left, self.crop_top, self.crop_width)
            )
        except (TypeError, ValueError):
            return None
        sound = 0 <= left <= 1 and 0 <= top <= 1 and 0 < width <= 1
        return (left, top, width) if sound else None


class PlaceForm(Form):
    """What a home reports of itself."""

    beds = IntegerField(_l("床位数"), validators=[InputRequired(_NEEDED), NumberRange(0, 20_000)])
    residents = IntegerField(
        _l("在住老人数"), validators=[InputRequired(_NEEDED), NumberRange(0, 20_000)]
    )
    address = TextAreaField(_l("地址"), filters=[strip], validators=[Optional(), Length(max=200)])
