"""From QTI interactions to the kinds of question this site has."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from exams.bank.formats.choices import (
    GAP,
    choice,
    fill,
    judge,
    matching,
    numeric,
    open_text,
    ordering,
    plain_decimal,
    with_feedback,
)
from exams.bank.formats.items import Unsupported
from exams.bank.formats.qti_body import MARK, text_of
from exams.bank.formats.qti_tree import Declared, attribute, children, plain_name, within
from exams.bank.formats.words import verdict_of
from exams.bank.kinds import Simple
from exams.bank.models import Kind

#: Interactions nobody here can answer, by the name people know.
NAMES = {
    "associateInteraction": _l("配对（associate）"),
    "gapMatchInteraction": _l("拖放填空（gap match）"),
    "graphicAssociateInteraction": _l("图上配对"), "graphicGapMatchInteraction": _l("图上拖放"),
    "graphicOrderInteraction": _l("图上排序"), "hotspotInteraction": _l("图上点选（hotspot）"),
    "hottextInteraction": _l("文中点选（hottext）"), "selectPointInteraction": _l("图上选点"),
    "positionObjectInteraction": _l("图上放置"), "sliderInteraction": _l("滑块（slider）"),
    "drawingInteraction": _l("画图"), "uploadInteraction": _l("上传文件（upload）"),
    "mediaInteraction": _l("播放媒体（media）"), "endAttemptInteraction": _l("endAttempt"),
    "customInteraction": _l("自定义（custom）"), "portableCustomInteraction": _l("自定义（PCI）"),
}  # fmt: skip
KNOWN = frozenset({
    "choiceInteraction", "textEntryInteraction", "inlineChoiceInteraction",
    "extendedTextInteraction", "matchInteraction", "orderInteraction",
})  # fmt: skip
_NUMBERS = frozenset({"float", "integer"})
_BLANK_BEFORE = re.compile("(_{3,})\x01\\d+\x01")


@dataclass(frozen=True, slots=True)
class Meta:
    """What our own packages say about a question beyond QTI; empty in those of others."""

    kind: str = ""
    unit: str = ""
    longest: str = ""
    reference: str = ""
    rubric: tuple[tuple[str, str], ...] = ()


def check(interactions: Sequence[Element]) -> None:
    """Raises Unsupported when an item has none, or one of another kind."""
    if not interactions:
        raise Unsupported(_("没有作答部分。"))
    for each in interactions:
        name = plain_name(each.tag)
        if name not in KNOWN:
            raise Unsupported(_("暂不支持的题型“%(kind)s”。", kind=str(NAMES.get(name, name))[:60]))


class Reader:
    """Reads the interactions of one item."""

    def __init__(self, item: Element, declarations: Mapping[str, Declared]) -> None:
        self._item, self._declared = item, declarations

    def declared(self, interaction: Element) -> Declared:
        """What is right. Raises ValueError when nothing is declared."""
        name = attribute(interaction, "responseIdentifier")
        if name not in self._declared:
            raise ValueError(_("没有写正确答案。"))
        return self._declared[name]

    def blanks(self, text: str, found: Sequence[Element], meta: Meta) -> Simple:
        """Text entries: one number, or blanks in the text."""
        types = {self.declared(each).base_type for each in found}
        if len(found) == 1 and (meta.kind == Kind.NUMERIC or types <= _NUMBERS):
            return self._number(text, found[0], meta)
        stem = MARK.sub(GAP, _BLANK_BEFORE.sub(r"\1", text))
        accepted, exact = [], False
        for each in found:
            declared = self.declared(each)
            if declared.is_partial():
                raise Unsupported(_("几个答案得分不等，暂不支持。"))
            accepted.append(declared.right())
            exact = exact or any(case == "true" for _key, _value, case in declared.mapped)
        return fill(stem, accepted, exact)

    def _number(self, text: str, interaction: Element, meta: Meta) -> Simple:
        own = meta.kind == Kind.NUMERIC
        right = self.declared(interaction).right()
        if len(right) != 1:
            raise Unsupported(_("数值题应有一个得满分的答案，这里有 %(n)s 个。", n=len(right)))
        spread = self._tolerance(attribute(interaction, "responseIdentifier"))
        stem = MARK.sub("" if own else GAP, text).strip()
        return numeric(stem, right[0] if own else plain_decimal(right[0]), spread, meta.unit)

    def _tolerance(self, name: str) -> str:
        """The tolerance with which a response is compared; 0 where none is said."""
        for equal in within(self._item, "equal"):
            if name not in {attribute(v, "identifier") for v in within(equal, "variable")}:
                continue
            mode, values = attribute(equal, "toleranceMode"), attribute(equal, "tolerance").split()
            if mode == "absolute" and values and len(set(values)) == 1:
                return values[0]
            if mode not in ("", "exact"):
                raise Unsupported(_("相对误差或上下不等的误差，暂不支持。"))
        return "0"

    def one(self, stem: str, interaction: Element, meta: Meta) -> tuple[Simple, str]:
        """A question from a block interaction, and the feedback inside it."""
        match plain_name(interaction.tag):
            case "choiceInteraction":
                return self._choice(stem, interaction, meta)
            case "inlineChoiceInteraction":
                return self._choice(stem, interaction, meta, "inlineChoice")
            case "matchInteraction":
                return self._match(stem, interaction), ""
            case "orderInteraction":
                return self._order(stem, interaction)
            case "extendedTextInteraction":
                return self._open(stem, interaction, meta), ""
        return self.blanks(f"{stem}\x010\x01", [interaction], meta), ""

    def _choice(
        self, stem: str, interaction: Element, meta: Meta, name: str = "simpleChoice"
    ) -> tuple[Simple, str]:
        declared = self.declared(interaction)
        listed = children(interaction, name)
        ids = [attribute(each, "identifier") for each in listed]
        read = [text_of(each) for each in listed]
        options = [text for text, _said in read]
        if not declared.correct and declared.is_partial():
            raise Unsupported(_("几个答案得分不等，暂不支持。"))
        right = [ids.index(key) for key in _correct(declared) if key in ids]
        if not right:
            raise ValueError(_("没有写正确答案。"))
        explanation = with_feedback("", [said for _text, said in read])
        kind = meta.kind or (Kind.SINGLE if declared.cardinality == "single" else Kind.MULTIPLE)
        verdicts = [verdict_of(option) for option in options]
        looks = not meta.kind and sorted(map(str, verdicts)) == ["False", "True"]
        if kind == Kind.JUDGE or (looks and kind == Kind.SINGLE):
            verdict = verdicts[right[0]]
            if verdict is None:
                raise ValueError(_("判断题的答案应为 正确 或 错误。"))
            return judge(stem, verdict), explanation
        return choice(stem, options, right, Kind(kind)), explanation

    def _match(self, stem: str, interaction: Element) -> Simple:
        sets = children(interaction, "simpleMatchSet")
        if len(sets) != 2:
            raise ValueError(_("连线题应有左右两组。"))
        left, right = (
            {attribute(e, "identifier"): text_of(e)[0] for e in
             children(side, "simpleAssociableChoice")} for side in sets
        )  # fmt: skip
        pairs: list[tuple[str, str]] = []
        for pair in _correct(self.declared(interaction)):
            one, _space, other = pair.partition(" ")
            one, other = (other, one) if one not in left else (one, other)
            pairs.append((one, other.strip()))
        named = dict(pairs)
        known = all(one in left and other in right for one, other in pairs)
        if len(named) != len(pairs) or set(named) != set(left) or not known:
            raise Unsupported(_("左边有的项没有对应或对应多项，暂不支持。"))
        used = set(named.values())
        others = [text for key, text in right.items() if key not in used]
        return matching(stem, [(left[key], right[named[key]]) for key in left], others)

    def _order(self, stem: str, interaction: Element) -> tuple[Simple, str]:
        listed = {
            attribute(each, "identifier"): text_of(each)
            for each in children(interaction, "simpleChoice")
        }
        sequence = self.declared(interaction).correct
        if not sequence:
            raise ValueError(_("没有写正确答案。"))
        if sorted(sequence) != sorted(listed):
            raise Unsupported(_("只排其中几项的排序题，暂不支持。"))
        said = with_feedback("", [said for _text, said in listed.values()])
        return ordering(stem, [listed[key][0] for key in sequence]), said

    def _open(self, stem: str, interaction: Element, meta: Meta) -> Simple:
        name = attribute(interaction, "responseIdentifier")
        declared = self._declared.get(name)
        reference = meta.reference or "\n".join(declared.correct if declared else ())
        longest = meta.longest or attribute(interaction, "expectedLength")
        if not meta.kind and not 0 < int(longest if longest.isdecimal() else 0) <= 5000:
            longest = ""
        kind = Kind.SHORT if meta.kind == Kind.SHORT else Kind.ESSAY
        rubric: list[dict[str, object]] = [
            {"text": text, "share": int(share) if share.isdecimal() else 0}
            for share, text in meta.rubric
        ]
        return open_text(kind, stem, reference, rubric, longest)


def _correct(declared: Declared) -> list[str]:
    return list(declared.correct) or declared.right()
