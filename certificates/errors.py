"""Refusals of the register."""

from flask_babel import lazy_gettext as _l

from lms.core.errors import Conflict, DomainError, Invalid


class EvaluatorNotOnFile(Invalid):
    """Who evaluates is responsible: without a filing that covers the rung nothing is issued."""

    code = "evaluator-not-on-file"
    title = _l("评价机构备案不符")
    text = _l("该机构在发证日没有覆盖此等级的有效备案，不能发证。请核对备案的等级和有效期。")


class NumbersExhausted(Conflict):
    """The serials of a number series are used up; numbers are never reused."""

    code = "numbers-exhausted"
    title = _l("证书编号已用完")
    text = _l("该机构今年此等级的证书编号已用完，请联系平台管理员。")


class NoNumberRule(Invalid):
    """No rule says how certificates of this rung are numbered."""

    code = "no-number-rule"
    title = _l("缺少编号规则")
    text = _l("还没有这个等级的证书编号规则，不能发证。请联系平台管理员补充规则。")


class SourceTaken(Conflict):
    """The same source was already awarded to somebody else."""

    code = "source-taken"
    text = _l("这项成绩已经发过证书，但持证人不同。请核对后联系平台管理员。")


class NotPossibleNow(Conflict):
    """The certificate's present status does not allow the step."""

    code = "certificate-status"
    title = _l("证书当前状态不允许")
    text = _l("证书的状态已经变化，这一步现在不能做。请刷新页面查看最新状态。")


class GroundLost(Conflict):
    """What the certificate was issued from does not count; only that can bring it back."""

    code = "ground-lost"
    title = _l("证书依据的成绩已不算数")
    text = _l(
        "成绩的作废被撤销，或再次更正为合格以后，证书会自动恢复；在此以前不能恢复，只能吊销。"
    )


class ReasonNeeded(Invalid):
    """A step against a certificate must say why."""

    code = "reason-needed"
    text = _l("请写明原因，至少 4 个字。")


class TooManyShares(Conflict):
    """A certificate has as many open links as anybody can look after."""

    code = "too-many-shares"
    text = _l("这本证书有效的链接已经够多，请先停用不用的。")


class NothingChosen(Invalid):
    """What was chosen hits no certificate in the actor's scope that can be revoked."""

    code = "nothing-chosen"
    text = _l("没有符合条件、可以吊销的证书。请至少填一个条件，并核对后再试。")


class TooManyChosen(Invalid):
    """What was chosen hits more than one proposal may."""

    code = "too-many-chosen"
    text = _l("一次最多吊销 20000 本，请缩小范围，分几次提交。")


class SecondPersonNeeded(Conflict):
    """Who proposed, or holds one of the certificates, does not approve."""

    code = "second-person"
    text = _l("提出的人和涉及证书的持证人不能批准，请另一位同事审核。")


class Damaged(Conflict):
    """The stored facts do not fit their seal; nothing is printed from them."""

    code = "certificate-damaged"
    title = _l("数据异常，请勿采信")
    text = _l("证书数据与电子印章不符，不能打印或下载。请联系平台管理员。")


class NotADay(Invalid):
    """Validity is asked for a day that is none, or has not come."""

    code = "not-a-day"
    text = _l("日期要写成 2026-11-23 的样子，而且不能晚于今天。")


class GlyphMissing(DomainError):
    """The font lacks a character; a certificate is never printed with a blank."""

    code = "glyph-missing"
    status = 422
    title = _l("字库缺字")

    def __init__(self, characters: str) -> None:
        self.said = "、".join(f"{char} U+{ord(char):04X}" for char in characters)
        super().__init__(_l("字库中没有“%(c)s”，不能打印。请联系平台管理员更换字库。", c=self.said))
        self.characters = characters
