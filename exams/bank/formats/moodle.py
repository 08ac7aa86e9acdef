"""Questions as Moodle XML. No entity, no document type, no outside file is ever followed."""

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

from flask_babel import gettext as _

from exams.bank.formats import cells, cloze
from exams.bank.formats.choices import (
    SHAPES,
    TAGS,
    fill,
    judge,
    matching,
    numeric,
    open_kind,
    open_text,
    ordering,
    plain_decimal,
    with_feedback,
)
from exams.bank.formats.gathering import Gatherer, Piece
from exams.bank.formats.gift_answers import by_weights, wild
from exams.bank.formats.items import MOST_ITEMS, BadFile, Defaults, Reading, Unsupported
from exams.bank.formats.moodle_text import Texts, inner
from exams.bank.formats.moodle_writing import write
from exams.bank.formats.xmlfile import xml_root
from exams.bank.kinds import Simple, blanks_in
from exams.bank.models import Kind

__all__ = ["read", "write"]

_KINDS = {
    "description": "说明", "calculated": "计算题", "calculatedmulti": "计算题",
    "calculatedsimple": "计算题", "ddwtos": "拖放填空", "gapselect": "选词填空",
    "ddimageortext": "图上拖放", "ddmarker": "图上标记", "random": "随机题",
    "randomsamatch": "随机连线题",
}  # fmt: skip


def read(data: bytes, defaults: Defaults) -> Reading:
    """Read a file of questions.

    Raises:
        BadFile: too large, not XML, or XML that declares entities.
    """
    root = xml_root(data)
    if root.tag != "quiz":
        raise BadFile(_("这不是 Moodle 题库文件（最外层应为 quiz）。"))
    reading = Reading("moodle")
    gather = Gatherer(reading, defaults)
    category, number = "", 0
    for node in root:
        if node.get("type") == "category":
            category = inner(node.find("category")).rpartition("/")[2].strip()
            continue
        number += 1
        if number > MOST_ITEMS:
            raise BadFile(_("一次最多导入 %(n)s 道题，请分成几份。", n=MOST_ITEMS))
        _take(node, _("第 %(n)s 题", n=number), category[:30], gather)
    gather.close()
    return reading


def _take(node: Element, where: str, category: str, gather: Gatherer) -> None:
    tags = _tags(node)
    part = "part" in tags
    texts = Texts(node)
    try:
        simple, explanation = _question(node, tags, texts)
        media = texts.media()
        body = simple.body | {"media": media} if media else simple.body
        simple = Simple(simple.kind, simple.stem, body, simple.key)
        code = (node.findtext("idnumber") or "").strip()
        piece = Piece(where, code, simple, explanation, tags, category)
    except Unsupported as error:
        gather.unsupported(where, str(error), part)
    except ValueError as error:
        gather.fault(where, str(error), part=part)
    else:
        gather.reading.files |= texts.files
        take = gather.head if "case" in tags else gather.part if part else gather.add
        take(piece)


def _question(node: Element, tags: dict[str, str], texts: Texts) -> tuple[Simple, str]:
    kind = node.get("type", "")
    reader = _READERS.get(kind)
    if kind == "description" and "case" in tags:
        reader = _case
    if reader is None:
        raise Unsupported(_("暂不支持的题型“%(kind)s”。", kind=_KINDS.get(kind, kind[:20])))
    stem = texts.stem(node.find("questiontext"))
    general = texts.text(node.find("generalfeedback"))
    return reader(node, stem, general, tags, texts)


def _case(
    _node: Element, stem: str, general: str, _tags: dict[str, str], _texts: Texts
) -> tuple[Simple, str]:
    return Simple(Kind.CASE, stem, {}, {}), general


def _answers(node: Element, texts: Texts) -> tuple[list[str], list[float], list[str]]:
    """What each answer says, what it brings in per cent, what is said to it."""
    answers = node.findall("answer")
    return (
        [texts.text(answer, texts.style) for answer in answers],
        [_fraction(answer) for answer in answers],
        [texts.text(answer.find("feedback")) for answer in answers],
    )


def _multichoice(
    node: Element, stem: str, general: str, _tags: dict[str, str], texts: Texts
) -> tuple[Simple, str]:
    options, weights, said = _answers(node, texts)
    single = (node.findtext("single") or "true").strip() in ("true", "1")
    return by_weights(stem, options, weights, single), with_feedback(general, said)


def _truefalse(
    node: Element, stem: str, general: str, _tags: dict[str, str], texts: Texts
) -> tuple[Simple, str]:
    answers, weights, said = _answers(node, texts)
    right = [t.strip().lower() for t, weight in zip(answers, weights, strict=True) if weight > 0]
    if right not in (["true"], ["false"]):
        raise ValueError(_("判断题的答案应为 正确 或 错误。"))
    explanation = "\n".join(part for part in (general, *said) if part.strip())
    return judge(stem, right == ["true"]), explanation


def _shortanswer(
    node: Element, stem: str, general: str, tags: dict[str, str], texts: Texts
) -> tuple[Simple, str]:
    answers, weights, said = _answers(node, texts)
    if any(0 < weight < 100 for weight in weights):
        raise Unsupported(_("几个答案得分不等，暂不支持。"))
    accepted = [wild(t) for t, weight in zip(answers, weights, strict=True) if weight >= 100]
    number = blanks_in(stem.replace("＿", "_"))
    blanks = cells.fill_of(accepted[0], number) if number > 1 and accepted else [accepted]
    exact = (node.findtext("usecase") or "").strip() == "1" or tags.get("exact") == "1"
    return fill(stem, blanks, exact), with_feedback(general, said)


def _numerical(
    node: Element, stem: str, general: str, tags: dict[str, str], texts: Texts
) -> tuple[Simple, str]:
    found = [
        (inner(answer).strip(), (answer.findtext("tolerance") or "0").strip() or "0")
        for answer in node.findall("answer")
        if _fraction(answer) > 0
    ]
    partial = any(0 < _fraction(answer) < 100 for answer in node.findall("answer"))
    if len(found) != 1 or partial or found[0][0] == "*":
        raise Unsupported(_("数值题应有一个得满分的答案，这里有 %(n)s 个。", n=len(found)))
    said = [texts.text(answer.find("feedback")) for answer in node.findall("answer")]
    units = [(unit.findtext("unit_name") or "").strip() for unit in node.findall("units/unit")]
    unit = tags.get("unit") or (units[0] if units else "")
    right, within = (plain_decimal(part) for part in found[0])
    return numeric(stem, right, within, unit), with_feedback(general, said)


def _matching(
    node: Element, stem: str, general: str, _tags: dict[str, str], texts: Texts
) -> tuple[Simple, str]:
    pairs, others = [], []
    for each in node.findall("subquestion"):
        left, right = texts.text(each, texts.style), texts.text(each.find("answer"), "plain_text")
        if left.strip():
            pairs.append((left, right))
        elif right.strip():
            others.append(right)
    return matching(stem, pairs, others), general


def _ordering(
    node: Element, stem: str, general: str, _tags: dict[str, str], texts: Texts
) -> tuple[Simple, str]:
    answers, weights, _said = _answers(node, texts)
    order = list(range(len(answers)))
    if len(set(weights)) == len(weights):
        order.sort(key=lambda place: weights[place])
    return ordering(stem, [answers[place] for place in order]), general


def _essay(
    node: Element, stem: str, general: str, tags: dict[str, str], texts: Texts
) -> tuple[Simple, str]:
    rubric = cells.rubric_of(tags.get("rubric", ""))
    reference = texts.text(node.find("graderinfo"))
    if not reference and not rubric:
        reference = general
    longest = tags.get("longest", "")
    return open_text(open_kind(tags), stem, reference, rubric, longest), general


def _cloze(
    _node: Element, stem: str, general: str, _tags: dict[str, str], _texts: Texts
) -> tuple[Simple, str]:
    return cloze.parsed(stem), general


_Reader = Callable[[Element, str, str, dict[str, str], Texts], tuple[Simple, str]]
_READERS: dict[str, _Reader] = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "shortanswer": _shortanswer,
    "numerical": _numerical,
    "matching": _matching,
    "match": _matching,
    "ordering": _ordering,
    "essay": _essay,
    "cloze": _cloze,
}


def _fraction(answer: Element) -> float:
    try:
        return float(answer.get("fraction", "0"))
    except ValueError:
        raise ValueError(_("选项的得分比例不是数字。")) from None


def _tags(node: Element) -> dict[str, str]:
    found: dict[str, Any] = {}
    for tag in node.findall("tags/tag"):
        key, equals, value = inner(tag).partition("=")
        if equals and (key in TAGS or key in SHAPES):
            found[key] = value
    return found
