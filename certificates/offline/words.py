"""What the page that checks without a signal says; its script only puts the pieces together."""

from typing import Any

from flask_babel import gettext as _

from certificates.offline.fact import KINDS
from certificates.words import KIND_WORDS
from lms.core.i18n import chosen_locale
from lms.core.ladder import Rung


def page_words() -> dict[str, Any]:
    """Every word of the script, in the reader's language."""
    english = chosen_locale() == "en"
    return {
        "language": "en-GB" if english else "zh-CN",
        "kinds": {number: str(KIND_WORDS[kind]) for kind, number in KINDS.items()}
        | {255: _("证书")},
        "rungs": {int(rung): rung.grade for rung in Rung if rung > Rung.APPRENTICE},
        "labels": {
            "kind": _("证书种类"),
            "holder": _("持证人"),
            "level": _("等级"),
            "number": _("证书编号"),
            "issued": _("发证日期"),
            "ends": _("有效期至"),
            "code": _("查验码"),
            "key": _("签名密钥"),
        },
        "reasons": {
            "garbled": _("二维码里的数据不完整，或被改过。"),
            "signature": _("二维码里的数据与电子印章对不上。"),
        },
        "seePaper": _("二维码里没有，以联网查验为准"),
        "noEnd": _("长期有效"),
        "upTo": _("吊销数据截至"),
        "open": " (" if english else "（",
        "shut": ")" if english else "）",
        "today": _("不到一天"),
        "days": _("{n} 天前").replace("{n}", "%n"),
        "clock": _("手机的时钟不准"),
        "noList": _("手机里没有吊销数据。"),
        "nothingKept": _("手机里还没有查验数据。请在有网时打开一次本页。"),
    }
