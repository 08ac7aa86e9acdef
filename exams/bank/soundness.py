"""What is wrong with a question's body and key, by kind, in words; plain values only."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _

from exams.bank import kinds
from exams.bank.kinds import is_index, same_texts
from exams.bank.models import Kind

Body = dict[str, Any]
#: What a body may hold, by kind; ``media`` always may. Anything else could carry the key.
FIELDS: dict[str, frozenset[str]] = {
    Kind.SINGLE: frozenset({"options"}),
    Kind.MULTIPLE: frozenset({"options"}),
    Kind.JUDGE: frozenset(),
    Kind.NUMERIC: frozenset({"unit"}),
    Kind.FILL: frozenset({"blanks"}),
    Kind.MATCHING: frozenset({"left", "right"}),
    Kind.ORDERING: frozenset({"items"}),
    Kind.CASE: frozenset({"parts"}),
    Kind.SHORT: frozenset({"longest"}),
    Kind.ESSAY: frozenset({"longest"}),
}


def shape_faults(kind: str, stem: str, body: Body, key: Body) -> list[str]:
    """Faults of a tidied question of a known kind; empty when it can be asked and marked."""
    if set(body) - FIELDS[kind] - {"media"}:
        return [_("题目内容里有这种题型不该有的部分。")]
    return _CHECKS[Kind(kind)](stem, body, key) + _media_faults(body)


def _media_faults(body: Body) -> list[str]:
    media = body.get("media", [])
    if not isinstance(media, list) or len(media) > kinds.MOST_MEDIA:
        return [_("图片和录音最多 %(n)s 个。", n=kinds.MOST_MEDIA)]
    for item in media:
        known = isinstance(item, dict) and set(item) == {"digest", "kind", "alt"}
        if not known or item["kind"] not in ("picture", "audio"):
            return [_("图片或录音的写法不对。")]
        if not kinds.DIGEST.fullmatch(str(item["digest"])):
            return [_("图片或录音的写法不对。")]
        if item["kind"] == "picture" and not item["alt"]:
            return [_("请给图片写一句说明，看不见图的人靠它答题。")]
        if len(item["alt"]) > kinds.LONGEST_ALT:
            return [_("图片说明太长，请控制在 %(n)s 字以内。", n=kinds.LONGEST_ALT)]
    return []


def _listed(values: Any, least: int, most: int, what: str) -> list[str]:
    """Faults of a list of texts that must differ from one another."""
    if not isinstance(values, list) or not least <= len(values) <= most:
        return [_("%(what)s应有 %(least)s 到 %(n)s 个。", what=what, least=least, n=most)]
    found = []
    if any(not str(value).strip() for value in values):
        found.append(_("%(what)s不能为空。", what=what))
    if same_texts(map(str, values)):
        found.append(_("有两个%(what)s的文字相同。", what=what))
    if any(len(str(value)) > kinds.LONGEST_OPTION for value in values):
        found.append(_("%(what)s太长，请控制在 %(n)s 字以内。", what=what, n=kinds.LONGEST_OPTION))
    return found


def _single(_stem: str, body: Body, key: Body) -> list[str]:
    found = _multiple(_stem, body, key)
    if not found and len(key["right"]) != 1:
        found.append(_("单选题只能有一个答案。"))
    return found


def _multiple(_stem: str, body: Body, key: Body) -> list[str]:
    options, right = body.get("options"), key.get("right")
    found = _listed(options, 2, kinds.MOST_OPTIONS, _("选项"))
    if not isinstance(options, list):
        return found
    if not isinstance(right, list) or not all(is_index(n, 1000) for n in right):
        return [*found, _("请给出答案。")]
    if not right or sorted(set(right)) != right:
        return [*found, _("请给出答案。")]
    if any(index >= len(options) for index in right):
        found.append(_("答案指向了不存在的选项。"))
    return found


def _judge(_stem: str, _body: Body, key: Body) -> list[str]:
    if isinstance(key.get("right"), bool):
        return []
    return [_("判断题的答案应为 正确 或 错误。")]


def _numeric(_stem: str, body: Body, key: Body) -> list[str]:
    right, within = kinds.number_of(str(key.get("right"))), kinds.number_of(str(key.get("within")))
    found = []
    if right is None:
        found.append(_("数值题的答案应是一个数，如 37.5。"))
    if within is None or within < 0:
        found.append(_("允许误差应是不小于 0 的数。"))
    if len(str(body.get("unit", ""))) > kinds.LONGEST_UNIT:
        found.append(_("单位太长，请控制在 %(n)s 字以内。", n=kinds.LONGEST_UNIT))
    return found


def _fill(stem: str, body: Body, key: Body) -> list[str]:
    number, accepted = kinds.blanks_in(stem), key.get("blanks")
    if not 1 <= number <= kinds.MOST_BLANKS:
        text = _("请在题干里用三个以上的下划线（___）标出空，1 到 %(n)s 处。", n=kinds.MOST_BLANKS)
        return [text]
    if not isinstance(accepted, list) or len(accepted) != number or body.get("blanks") != number:
        return [_("题干里有 %(n)s 个空，请给每个空写答案。", n=number)]
    if any(not isinstance(blank, list) or not blank for blank in accepted):
        return [_("每个空至少要有一个答案。")]
    if any(len(blank) > kinds.MOST_ACCEPTED for blank in accepted):
        return [_("每个空最多 %(n)s 种答案。", n=kinds.MOST_ACCEPTED)]
    if any(len(str(text)) > kinds.LONGEST_ACCEPTED for blank in accepted for text in blank):
        return [_("填空答案太长，请控制在 %(n)s 字以内。", n=kinds.LONGEST_ACCEPTED)]
    return []


def _matching(_stem: str, body: Body, key: Body) -> list[str]:
    left, right, pairs = body.get("left"), body.get("right"), key.get("pairs")
    found = _listed(left, 2, kinds.MOST_PAIRS, _("左边的项目"))
    found += _listed(right, 2, kinds.MOST_RIGHT, _("右边的项目"))
    if not isinstance(left, list) or not isinstance(right, list):
        return found
    if not isinstance(pairs, list) or len(pairs) != len(left):
        return [*found, _("请给左边每一项指定右边的一项。")]
    if any(not is_index(place, len(right)) for place in pairs):
        return [*found, _("请给左边每一项指定右边的一项。")]
    return found or _neutrality(right)


def _ordering(_stem: str, body: Body, key: Body) -> list[str]:
    items, sequence = body.get("items"), key.get("sequence")
    found = _listed(items, 2, kinds.MOST_ITEMS, _("步骤"))
    if not isinstance(items, list):
        return found
    if not isinstance(sequence, list) or not all(is_index(n, len(items)) for n in sequence):
        return [*found, _("请给出全部步骤的正确顺序。")]
    if sorted(sequence) != list(range(len(items))):
        return [*found, _("请给出全部步骤的正确顺序。")]
    return found or _neutrality(items)


def _neutrality(texts: list[str]) -> list[str]:
    """Only a program can get this wrong: ``tidied`` puts everything in its neutral order."""
    if kinds.neutral(texts) == list(range(len(texts))):
        return []
    return [_("项目的存放顺序会透露答案。")]


def _open(_stem: str, body: Body, key: Body) -> list[str]:
    found, rubric = [], key.get("rubric")
    if not is_index(body.get("longest"), kinds.LONGEST_TEXT + 1) or not body["longest"]:
        found.append(_("字数上限应为 1 到 %(n)s。", n=kinds.LONGEST_TEXT))
    if len(str(key.get("reference", ""))) > kinds.LONGEST_TEXT:
        found.append(_("参考答案太长，请控制在 %(n)s 字以内。", n=kinds.LONGEST_TEXT))
    if not isinstance(rubric, list) or len(rubric) > kinds.MOST_CRITERIA:
        return [*found, _("评分要点最多 %(n)s 条。", n=kinds.MOST_CRITERIA)]
    if not all(_is_criterion(row) for row in rubric):
        found.append(_("每条评分要点都要写清内容和分值（1 到 %(n)s）。", n=kinds.MOST_SHARE))
    if not rubric and not key.get("reference"):
        found.append(_("请写参考答案或评分要点，评卷的人要用。"))
    return found


def _is_criterion(row: Any) -> bool:
    if not isinstance(row, dict) or set(row) != {"text", "share"}:
        return False
    said = 0 < len(str(row["text"])) <= kinds.LONGEST_OPTION
    return said and is_index(row["share"], kinds.MOST_SHARE + 1) and row["share"] >= 1


def _case(_stem: str, body: Body, key: Body) -> list[str]:
    parts, keys = body.get("parts"), key.get("parts")
    if not isinstance(parts, list) or not 1 <= len(parts) <= kinds.MOST_PARTS:
        return [_("案例题应有 1 到 %(n)s 道小题。", n=kinds.MOST_PARTS)]
    if not isinstance(keys, list) or len(keys) != len(parts):
        return [_("请给每道小题写答案。")]
    found = []
    for number, (part, each) in enumerate(zip(parts, keys, strict=True), start=1):
        found += [
            _("第 %(n)s 小题：%(fault)s", n=number, fault=fault)
            for fault in _part_faults(part, each)
        ]
    return found


def _part_faults(part: Any, key: Any) -> list[str]:
    if not isinstance(part, dict) or set(part) != {"kind", "stem", "body", "share"}:
        return [_("小题的写法不对。")]
    if part["kind"] not in kinds.SIMPLE or not isinstance(key, dict):
        return [_("不认识的题型“%(kind)s”。", kind=str(part["kind"])[:20])]
    found = []
    if not str(part["stem"]).strip():
        found.append(_("题干不能为空。"))
    if len(str(part["stem"])) > kinds.LONGEST_STEM:
        found.append(_("题干太长，请控制在 %(n)s 字以内。", n=kinds.LONGEST_STEM))
    if not is_index(part["share"], kinds.MOST_SHARE + 1) or part["share"] < 1:
        found.append(_("小题的分值份数应为 1 到 %(n)s。", n=kinds.MOST_SHARE))
    return found + shape_faults(part["kind"], str(part["stem"]), part["body"], key)


_CHECKS: dict[Kind, Callable[[str, Body, Body], list[str]]] = {
    Kind.SINGLE: _single,
    Kind.MULTIPLE: _multiple,
    Kind.JUDGE: _judge,
    Kind.NUMERIC: _numeric,
    Kind.FILL: _fill,
    Kind.MATCHING: _matching,
    Kind.ORDERING: _ordering,
    Kind.CASE: _case,
    Kind.SHORT: _open,
    Kind.ESSAY: _open,
}
