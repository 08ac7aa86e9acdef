"""The words of in-app notices: each kind's sentence, filled with the notice's facts."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

TEXTS = {
    "central.booked": _l("已为您安排集中培训：%(title)s（%(on)s）。"),
    "central.waiting": _l("集中培训“%(title)s”名额已满，您在候补名单上。"),
    "central.cancelled": _l("您在集中培训“%(title)s”的安排已取消。"),
    "central.invited": _l("邀请您参加集中培训：%(title)s（%(on)s）。请回复是否参加。"),
    "central.struck": _l("您在“%(title)s”的一条签到没有采用：%(reason)s。有异议可以申诉。"),
    "central.promoted": _l("候补成功：%(title)s（%(on)s）。"),
    "credit.claim.approved": _l("外部学时已通过：%(title)s。"),
    "credit.claim.refused": _l("外部学时未通过，请看原因：%(title)s。"),
    "credit.claim.taken_back": _l("外部学时已撤销，请看原因：%(title)s。"),
    "duty.remind": _l("%(year)s 年的集中培训您还没有参加，点开看怎么安排。"),
    "duty.late": _l("%(year)s 年的集中培训已过期限，点开看怎样补训。"),
    "duty.digest": _l("%(year)s 年集中培训：还有 %(people)s 人没有完成，点开看名单。"),
    "duty.appeal.accepted": _l("您对 %(year)s 年集中培训的申诉成立，请看答复。"),
    "duty.appeal.rejected": _l("您对 %(year)s 年集中培训的申诉不成立，请看答复。"),
    "exams.entered": _l("已为您报名考试：%(title)s。"),
    "exams.expelled": _l("考试资格已取消：%(title)s。请看原因和申诉办法。"),
    "exams.result": _l("成绩已出：%(title)s。"),
    "exams.result.corrected": _l("成绩已更正：%(title)s。"),
    "exams.review.unchanged": _l("成绩复核完毕，成绩不变：%(title)s。"),
    "certificate.issued": _l("您获得一张新证书：%(title)s。"),
    "certificate.revoked": _l("您的证书“%(title)s”已被吊销，请查看原因。"),
    "certificate.suspended": _l("您的证书“%(title)s”已暂停使用，请查看原因。"),
    "certificate.reinstated": _l("您的证书“%(title)s”已恢复有效。"),
    "certificate.corrected": _l("您的证书“%(title)s”已更正，请查看新证书。"),
    "certificate.public": _l("“%(title)s”正在公示，到 %(until)s 为止；期满无异议后发证。"),
    "certificate.barred": _l("“%(title)s”的公示异议成立，不予发证。请看原因或联系发证机构。"),
    "certificate.objection": _l("公示收到异议：%(title)s。请尽快核查。"),
    "certificate.pool.low": _l("号段“%(title)s”只剩 %(left)s 个编号，请及时补充。"),
    "certificate.pool.empty": _l("号段“%(title)s”的编号已用完，补充后才能继续发证。"),
    "certificate.ground.lost": _l(
        "证书 %(number)s（%(title)s）依据的成绩已不算数，已自动暂停，请决定是否吊销。"
    ),
    "certificate.ground.regained": _l("证书 %(number)s（%(title)s）依据的成绩重新算数。"),
    "certificate.expiring": _l("您的证书“%(title)s”%(on)s 到期，请及时续证。"),
    "view.ready": _l("您订的“%(name)s”到了，点开看现在的情况。"),
    "post.verify": _l("请打开下面的链接，确认这是您的邮箱。不是您本人操作的话，不用理会。"),
    "post.test": _l("这是一条测试消息，收到就说明这条路是通的。"),
    "people.moved_away": _l("%(organisation)s 有 %(number)s 人转到了别的单位。"),
}


def notice_text(kind: str, facts: Mapping[str, Any]) -> str:
    """The sentence of a notice; a plain one for kinds without words of their own."""
    text = TEXTS.get(kind)
    if text is None:
        return _("您有一条新消息。")
    try:
        return str(text) % facts
    except KeyError:
        return _("您有一条新消息。")
