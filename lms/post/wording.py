"""Words of the post room: channels, states, and why something did not arrive."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from lms.post.models import PostDelivery

CHANNEL_LABELS: Mapping[str, LazyString] = {
    "site": _l("站内"),
    "email": _l("邮件"),
    "sms": _l("短信"),
    "webhook": _l("系统对接（Webhook）"),
    "wecom": _l("企业微信群机器人"),
    "dingtalk": _l("钉钉群机器人"),
    "feishu": _l("飞书群机器人"),
}
STATE_LABELS: Mapping[str, LazyString] = {
    "waiting": _l("等待发送"),
    "sent": _l("已发出"),
    "delivered": _l("已送达"),
    "failed": _l("没有送到"),
}
STATE_TONES: Mapping[str, str] = {
    "waiting": "info", "sent": "ok", "delivered": "ok", "failed": "bad",
}  # fmt: skip
ENDPOINT_LABELS: Mapping[str, LazyString] = {
    "waiting": _l("等待另一人批准"),
    "active": _l("使用中"),
    "ended": _l("已停用"),
}
ENDPOINT_TONES: Mapping[str, str] = {"waiting": "warn", "active": "ok", "ended": "mute"}
_REASONS: Mapping[str, LazyString] = {
    "no-address": _l("没有可用的邮箱或手机号"),
    "switched-off": _l("本人已关闭"),
    "ended": _l("接收方已停用"),
    "sealed": _l("地址无法解密，请联系管理员"),
    "unreachable": _l("连不上对方"),
    "slow": _l("对方太慢，没有等到回应"),
    "tls": _l("对方的安全证书有问题"),
    "login": _l("发信账号登录失败"),
    "name": _l("找不到对方的主机"),
    "private": _l("地址指向内部网络"),
    "plain": _l("地址没有加密"),
    "form": _l("地址格式不对"),
    "redirect": _l("对方把请求转到了别处"),
    "nonsense": _l("看不懂对方的回应"),
    "too-large": _l("对方的回应太大"),
    "gone": _l("对方表示不再接收"),
    "too-old": _l("对方一直没有回应，已过时"),
    "error": _l("发送时出错"),
}
_FAMILIES: Mapping[str, LazyString] = {
    "mailbox": _l("邮箱不收（%(code)s）"),
    "letter": _l("邮件被退回（%(code)s）"),
    "server": _l("邮件服务器拒绝（%(code)s）"),
    "status": _l("对方回应 %(code)s"),
    "code": _l("机器人回应 %(code)s"),
}


def why(reason: str) -> str:
    """Why it did not arrive, for people; an unknown code of a gateway is shown as it came."""
    if reason in _REASONS:
        return str(_REASONS[reason])
    family, _dash, code = reason.partition("-")
    if family in _FAMILIES:
        return str(_FAMILIES[family]) % {"code": code}
    return _("网关回应 %(code)s", code=reason) if reason else ""


def state_words(row: PostDelivery) -> str:
    """The state of a delivery with what people ask next."""
    if row.state == "waiting" and row.failures:
        return _("第 %(n)s 次没成，稍后再试", n=row.failures)
    return str(STATE_LABELS[row.state])
