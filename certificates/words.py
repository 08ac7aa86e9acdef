"""Statuses, kinds and steps in plain words, with the sign that goes with each."""

from flask_babel import lazy_gettext as _l

from certificates.rules import LOST_GROUND, REGAINED_GROUND, Fault, Status

#: status -> (one large word, pill kind of the interface, icon)
STATUS_WORDS = {
    Status.VALID: (_l("有效"), "ok"),
    Status.SUSPENDED: (_l("已暂停"), "warn"),
    Status.REVOKED: (_l("已吊销"), "bad"),
    Status.CORRECTED: (_l("已更正"), "info"),
    Status.EXPIRED: (_l("已过期"), "mute"),
    Status.DOUBTFUL: (_l("存疑"), "warn"),
    Status.DAMAGED: (_l("数据异常，请勿采信"), "bad"),
    Status.ABSENT: (_l("查无此证"), "bad"),
}
STATUS_HELP = {
    Status.VALID: _l("这本证书今天有效。请把下面的内容与纸面逐项对照。"),
    Status.SUSPENDED: _l("发证机构已暂停这本证书，暂停期间不能作为持证依据。"),
    Status.REVOKED: _l("发证机构已吊销这本证书，不能作为持证依据。"),
    Status.CORRECTED: _l("这本证书的信息已更正，请以新证书为准。"),
    Status.EXPIRED: _l("这本证书已过有效期。"),
    Status.DOUBTFUL: _l(
        "签发这本证书的密钥曾经失窃，无法证明证书在失窃之前就已登记。请联系发证机构核实。"
    ),
    Status.DAMAGED: _l("系统中的证书数据与电子印章不符。请联系发证机构，不要使用这本证书。"),
    Status.ABSENT: _l(
        "没有找到这本证书。请核对编号或重新扫码；如果二维码是从纸面扫出的，这张纸不是本平台发的证书。"
    ),
}
FAULT_WORDS = {
    Fault.SEAL: _l("存着的内容与电子印章不符。"),
    Fault.REGISTER: _l("登记册里的内容与盖章的内容不一致。"),
    Fault.LOG: _l("证书经历与登记日志不一致。"),
}
KIND_WORDS = {
    "skill": _l("职业技能等级证书"),
    "course": _l("培训结业证书"),
    "central": _l("集中培训证明"),
    "ce": _l("继续教育学时证明"),
}
EVENT_WORDS = {
    "issued": _l("发证"),
    "suspended": _l("暂停"),
    "reinstated": _l("恢复"),
    "revoked": _l("吊销"),
    "corrected": _l("更正"),
    "reprinted": _l("补打"),
}
GROUND_WORDS = {
    "voided": _l("所依据的考试成绩已作废"),
    "corrected": _l("所依据的考试成绩更正后不合格"),
}
_REASON_WORDS = {
    LOST_GROUND["voided"]: _l("所依据的考试成绩已作废，证书随之暂停。"),
    LOST_GROUND["corrected"]: _l("所依据的考试成绩更正后不合格，证书随之暂停。"),
    REGAINED_GROUND: _l("所依据的考试成绩重新算数，证书随之恢复。"),
}


def reason_said(reason: str) -> str:
    """A reason as typed, or in the reader's language where the platform itself gave it."""
    return str(_REASON_WORDS.get(reason, reason))
