"""What codes kept in the database are called on the page."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lms.people.accounts.rules import PasswordFault

STATUS_LABELS = {
    "waiting": _l("待开通"),
    "active": _l("正常"),
    "disabled": _l("已停用"),
}
_DEVICES = {
    "harmony": _l("鸿蒙设备"),
    "android": _l("安卓手机"),
    "iphone": _l("苹果手机或平板"),
    "windows": _l("Windows 电脑"),
    "mac": _l("苹果电脑"),
    "linux": _l("Linux 电脑"),
    "wechat": _l("微信"),
    "dingtalk": _l("钉钉"),
    "alipay": _l("支付宝"),
    "edge": "Edge",
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
}
ACT_LABELS = {
    "person.register": _l("登记了档案"),
    "person.change": _l("更正了档案"),
    "account.slip": _l("打印了激活码"),
    "account.activate": _l("开通了账户"),
    "account.password": _l("修改了密码"),
    "account.login": _l("设置了登录名"),
    "account.disable": _l("停用了账户"),
    "account.enable": _l("恢复了账户"),
    "account.end_sessions": _l("让所有设备退出登录"),
    "second_factor.begin": _l("开始设置两步验证"),
    "second_factor.confirm": _l("开通了两步验证"),
    "second_factor.recovery_codes": _l("换了备用码"),
    "second_factor.remove": _l("解除了两步验证"),
    "role.grant": _l("授予了角色"),
    "role.revoke": _l("收回了角色"),
}
FIELD_LABELS = {
    "id": _l("证件号码"),
    "id_number": _l("证件号码"),
    "phone": _l("手机号"),
    "photo": _l("照片"),
}


def fault_text(fault: PasswordFault, least: int) -> str:
    """Why a password is refused and what to do instead."""
    return {
        PasswordFault.SHORT: _("密码至少要 %(n)s 位。可以用一句好记的话。", n=least),
        PasswordFault.LONG: _("密码太长，请不要超过 128 位。"),
        PasswordFault.PERSONAL: _("密码不能就是姓名、手机号、登录名或生日，请换一个。"),
        PasswordFault.COMMON: _("这个密码太常见，别人一猜就中，请换一个。"),
    }[fault]


def device_label(code: str) -> str:
    """``安卓手机 · 微信``."""
    words = [str(_DEVICES[part]) for part in code.split("/") if part in _DEVICES]
    return " · ".join(words) or _("其他设备")
