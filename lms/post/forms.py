"""Shapes of the post room's forms."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, SelectField, StringField, TimeField
from wtforms.validators import DataRequired, Length, Optional

from lms.core.forms import Form, choices, strip
from lms.post.models import KINDS
from lms.post.wording import CHANNEL_LABELS

_LOCALES = (("", _l("和网站一样")), ("zh", "中文"), ("en", "English"))
_NEEDED = DataRequired(_l("请填写这一项。"))


class ChoiceForm(Form):
    """What a person wants to be sent. The site itself is no choice."""

    email = BooleanField(_l("提醒也发邮件"))
    sms = BooleanField(_l("提醒也发短信"))
    digests = BooleanField(_l("单位、地区的汇总也发邮件"))
    locale = SelectField(_l("邮件用的语言"), choices=choices(_LOCALES))
    quiet_from = TimeField(_l("晚上几点以后不打扰"), [Optional()])
    quiet_to = TimeField(_l("早上几点以前不打扰"), [Optional()])


class AddressForm(Form):
    """An e-mail address."""

    address = StringField(_l("邮箱"), [_NEEDED, Length(max=120)], filters=[strip])


class EndpointForm(Form):
    """A webhook or a chat robot."""

    kind = SelectField(_l("种类"), choices=choices((k, CHANNEL_LABELS[k]) for k in KINDS))
    place = SelectField(_l("归属"))
    label = StringField(_l("名称"), [_NEEDED, Length(max=60)], filters=[strip])
    url = StringField(_l("网址"), [_NEEDED, Length(max=500)], filters=[strip])
    secret = PasswordField(_l("加签密钥"), [Optional(), Length(max=200)], filters=[strip])
    people = BooleanField(_l("也发送每个人的提醒（含姓名）"))


class FilterForm(Form):
    """What the list of deliveries is narrowed to."""

    channel = SelectField(_l("方式"))
    state = SelectField(_l("状态"))


class NothingForm(Form):
    """A button."""
