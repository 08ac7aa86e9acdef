"""Shapes of the account forms; what they mean is decided in the operations."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, EqualTo, Length, Optional

from lms.core.forms import Form, choices, strip

_NEEDED = _l("请填写这一项。")


def _needed() -> DataRequired:
    return DataRequired(message=_NEEDED)


class SignInForm(Form):
    """Name and password."""

    name = StringField(_l("手机号或登录名"), [_needed(), Length(max=60)], filters=[strip])
    password = PasswordField(_l("密码"), [_needed(), Length(max=200)])


class SlipForm(Form):
    """The code on the paper slip."""

    code = StringField(_l("激活码"), [_needed(), Length(max=60)], filters=[strip])


class NewPasswordForm(Form):
    """A password chosen twice."""

    password = PasswordField(_l("新密码"), [_needed(), Length(max=200)])
    again = PasswordField(
        _l("再输一次新密码"),
        [_needed(), EqualTo("password", message=_l("两次输入的密码不一样。"))],
    )


class ActivateForm(NewPasswordForm):
    """The first password, and a login name for those whose phone does not tell them apart."""

    login = StringField(_l("登录名"), [Optional(), Length(max=40)], filters=[strip])


class ChangePasswordForm(NewPasswordForm):
    """The old password and a new one."""

    current = PasswordField(_l("现在的密码"), [_needed(), Length(max=200)])


class LoginForm(Form):
    """A login name."""

    login = StringField(_l("登录名"), [_needed(), Length(max=40)], filters=[strip])


class CodeForm(Form):
    """A six-digit code, or a recovery code where one is accepted."""

    code = StringField(_l("验证码"), [_needed(), Length(max=40)], filters=[strip])


class ReasonForm(Form):
    """Why an act of power is done; kept in the audit trail."""

    reason = TextAreaField(
        _l("原因"), [_needed(), Length(min=2, max=200, message=_l("请用 2 至 200 个字说明。"))],
        filters=[strip],
    )  # fmt: skip


SCOPES = (
    ("organisation", _l("一个机构")),
    ("region", _l("一个地区")),
    ("all", _l("整个平台（只限平台管理）")),
)


class GrantForm(Form):
    """A role, where it holds and from when to when."""

    role = SelectField(_l("角色"), [_needed()])
    scope = RadioField(_l("范围"), choices=choices(SCOPES), default="organisation")
    organisation = StringField(
        _l("所属机构"), [Optional(), Length(max=120)], filters=[strip],
    )  # fmt: skip
    region = SelectField(_l("地区"), [Optional()], validate_choice=True)
    valid_from = DateField(_l("开始日期"), [_needed()])
    valid_to = DateField(_l("结束日期"), [Optional()])


class NewPersonForm(Form):
    """Somebody who is on no roster: an officer, a base's examiner."""

    name = StringField(_l("姓名"), [_needed(), Length(max=60)], filters=[strip])
    id_number = StringField(_l("身份证号"), [_needed(), Length(max=24)], filters=[strip])
    phone = StringField(_l("手机号"), [Optional(), Length(max=20)], filters=[strip])
    login = StringField(_l("登录名"), [Optional(), Length(max=40)], filters=[strip])


class FindForm(Form):
    """An exact phone or id number; posted, so that it stands in no address."""

    number = StringField(_l("手机号或身份证号"), [_needed(), Length(max=24)], filters=[strip])
