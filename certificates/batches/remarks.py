"""What a batch says of a line: a code with its parameters is stored, and said in the language of
whoever reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from certificates.errors import GlyphMissing
from lms.core.errors import DomainError

REMARKS: dict[str, LazyString] = {
    "formula": _l("请不要使用公式，改为填写结果。"),
    "id-number": _l("号码被表格软件改成了数字，末几位已丢失，请按文本重填。"),
    "name-missing": _l("请填写姓名。"),
    "id-missing": _l("请填写证件号码。"),
    "kind": _l("种类应为职业技能等级证书、培训结业证书或集中培训证明。"),
    "level-not-skill": _l("只有职业技能等级证书填写等级。"),
    "level": _l("等级应为初级工至首席技师，或五级至一级。"),
    "subject": _l("请填写名称，2 至 60 个字。"),
    "hours": _l("学时应为数字，最多一位小数。"),
    "ends-before": _l("结束日期早于开始日期。"),
    "public-pair": _l("公示开始和结束日期要一起填写，结束不早于开始。"),
    "public-source": _l("已在别处公示的，请在“公示依据”写明公告文号或网址，4 至 80 个字。"),
    "public-days": _l("公示应满 %(n)s 个工作日并已结束；不填则由系统公示。"),
    "date": _l("日期应写成 2026-11-23。"),
    "source": _l("业务编号只能用字母、数字和 - _ . /，最多 60 位。"),
    "repeated": _l("与第 %(row)s 行是同一项，只发一次。"),
    "unknown-person": _l("系统里没有这个证件号码的人，请先登记。"),
    "other-name": _l("姓名与登记的不一致。"),
    "oneself": _l("不能给自己发证，请由另一位同事办理。"),
    "public": _l("正在公示，或公示后没有发证。"),
    "source-taken": _l("这个业务编号已经给别人发过证书。"),
    "issued-before": _l("已发：%(number)s"),
    "held": _l("已持有同级或更高等级的证书。"),
    "over": _l("有效期在今天以前。"),
    "ground-gone": _l("依据已有变化，不再符合发证条件。"),
    "claim-waits": _l("写明已在别处公示，要由另一位同事在本页核准后才能发。"),
    "claim-refused": _l("别处的公示没有通过核准。"),
    "public-until": _l("公示到 %(day)s"),
    "glyph": _l("字库中没有“%(c)s”，不能打印。请联系平台管理员更换字库。"),
}
_REFUSED = "refused:"
_TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Remark:
    """A code of ``REMARKS``, of a refusal, or ``typed`` with the text it was given in."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


def remark(code: str, **params: Any) -> Remark:
    """A remark of the list. Raises KeyError for a code that is not in it."""
    REMARKS[code]
    return Remark(code, params)


def typed(text: str) -> Remark:
    """A text that is the same in every language, a number say."""
    return Remark(_TYPED, {"text": text})


def remark_of(refusal: DomainError) -> Remark:
    """What a refusal says, by its code if its text is the usual one or names its parameters."""
    kind = type(refusal)
    if refusal.message is kind.text and _refusals().get(kind.code) is kind.text:
        return Remark(f"{_REFUSED}{kind.code}")
    if isinstance(refusal, GlyphMissing):
        return remark("glyph", c=refusal.said)
    return typed(str(refusal)[:200])


def said(code: str, params: dict[str, Any], text: str = "") -> str:
    """The words of a remark; ``text`` is what older lines kept instead of a code."""
    if not code:
        return text
    if code == _TYPED:
        return str(params["text"])
    template = REMARKS.get(code) or _refusals().get(code.removeprefix(_REFUSED))
    return str(template) % params if template is not None else code


def _refusals() -> dict[str, LazyString | str]:
    return {kind.code: kind.text for kind in _kinds(DomainError)}


def _kinds(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for below in kind.__subclasses__():
        yield below
        yield from _kinds(below)
