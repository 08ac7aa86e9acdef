"""Questions as Moodle XML. No entity, no document type, no outside file is ever followed."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from flask_babel import gettext as _

from exams.bank.formats.choices import (
    TAGS,
    finished,
    judge,
    plain_text,
    tags_of,
    with_feedback,
)
from exams.bank.formats.gift_answers import Unsupported, by_weights
from exams.bank.formats.items import (
    MOST_BYTES,
    MOST_ITEMS,
    BadFile,
    Defaults,
    Fault,
    Item,
    Reading,
    Written,
)
from exams.bank.models import Kind
from exams.bank.rules import Draft, options_of

_KINDS = {
    "essay": "问答题", "shortanswer": "简答题", "numerical": "数字题", "matching": "连线题",
    "cloze": "完形填空", "description": "说明", "calculated": "计算题", "ordering": "排序题",
    "ddwtos": "拖放填空", "gapselect": "选词填空",
}  # fmt: skip


def read(data: bytes, defaults: Defaults) -> Reading:
    """Read a file of questions.

    Raises:
        BadFile: too large, not XML, or XML that declares entities.
    """
    root = _root(data)
    reading = Reading("moodle")
    category, number = "", 0
    for node in root:
        kind = node.get("type", "")
        if kind == "category":
            category = _inner(node.find("category")).rpartition("/")[2].strip()
            continue
        number += 1
        if number > MOST_ITEMS:
            raise BadFile(_("一次最多导入 %(n)s 道题，请分成几份。", n=MOST_ITEMS))
        where = _("第 %(n)s 题", n=number)
        try:
            draft = _draft(node, kind, defaults, category[:30])
            reading.items.append(Item(where, (node.findtext("idnumber") or "").strip(), draft))
        except Unsupported as error:
            reading.unsupported.append(Fault(where, str(error)))
        except ValueError as error:
            reading.faults.append(Fault(where, str(error)))
    return reading


def write(questions: Iterable[Written]) -> bytes:
    """Write questions so that ``read`` gives the same ones."""
    quiz = Element("quiz")
    for question in questions:
        _append(quiz, question)
    return bytes(tostring(quiz, encoding="utf-8", xml_declaration=True))


def _root(data: bytes) -> Element:
    if len(data) > MOST_BYTES:
        raise BadFile(_("文件太大（上限 12 MB），请分成几份。"))
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise BadFile(_("XML 文件里有不允许的声明（DOCTYPE 或实体）。")) from error
    except (ParseError, ValueError, LookupError) as error:
        raise BadFile(_("不是有效的 XML 文件。")) from error
    if root.tag != "quiz":
        raise BadFile(_("这不是 Moodle 题库文件（最外层应为 quiz）。"))
    return root


def _inner(node: Element | None) -> str:
    """The text of ``<x><text>…</text></x>``, or of ``<x>…</x>`` itself."""
    if node is None:
        return ""
    return (node.findtext("text") if node.find("text") is not None else node.text) or ""


def _text(node: Element | None, inherited: str = "html") -> str:
    """The same as plain text. Raises Unsupported when it holds pictures or the like."""
    raw = _inner(node)
    if node is None or node.get("format", inherited) in ("plain_text", "markdown"):
        return raw
    if "@@PLUGINFILE@@" in raw or node.find("file") is not None:
        raise Unsupported(_("题目带有附件或图片，暂不支持。"))
    plain, heavy = plain_text(raw)
    if heavy:
        raise Unsupported(_("题目里有图片或表格等内容（%(tag)s），暂不支持。", tag=heavy))
    return plain


def _draft(node: Element, kind: str, defaults: Defaults, category: str) -> Draft:
    stem_node = node.find("questiontext")
    style = stem_node.get("format", "html") if stem_node is not None else "html"
    if kind not in ("multichoice", "truefalse"):
        name = _KINDS.get(kind, kind[:20])
        raise Unsupported(_("暂不支持的题型“%(kind)s”。", kind=name))
    stem = _text(stem_node)
    answers = node.findall("answer")
    texts = [_text(answer, style) for answer in answers]
    weights = [_fraction(answer) for answer in answers]
    said = [_text(answer.find("feedback")) for answer in answers]
    general = _text(node.find("generalfeedback"))
    if kind == "truefalse":
        draft = _true_false(stem, texts, weights)
        explanation = "\n".join(part for part in (general, *said) if part.strip())
    else:
        single = (node.findtext("single") or "true").strip() in ("true", "1")
        draft = by_weights(stem, texts, weights, single)
        explanation = with_feedback(general, said)
    return finished(draft, explanation, _tags(node), defaults, category)


def _fraction(answer: Element) -> float:
    try:
        return float(answer.get("fraction", "0"))
    except ValueError:
        raise ValueError(_("选项的得分比例不是数字。")) from None


def _true_false(stem: str, texts: list[str], weights: list[float]) -> Draft:
    right = [
        text.strip().lower() for text, weight in zip(texts, weights, strict=True) if weight > 0
    ]
    if right not in (["true"], ["false"]):
        raise ValueError(_("判断题的答案应为 正确 或 错误。"))
    return judge(stem, right == ["true"])


def _tags(node: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in node.findall("tags/tag"):
        key, equals, value = _inner(tag).partition("=")
        if equals and key in TAGS:
            found[key] = value
    return found


def _append(quiz: Element, question: Written) -> None:
    draft = question.draft
    is_judge = draft.kind == Kind.JUDGE
    node = SubElement(quiz, "question", type="truefalse" if is_judge else "multichoice")
    _put(node, "name", question.code)
    _put(node, "questiontext", draft.stem, format="plain_text")
    _put(node, "generalfeedback", draft.explanation, format="plain_text")
    SubElement(node, "defaultgrade").text = "1"
    SubElement(node, "idnumber").text = question.code
    right = draft.key["right"]
    if is_judge:
        for word in ("true", "false"):
            share = "100" if right == (word == "true") else "0"
            _put(node, "answer", word, fraction=share, format="plain_text")
    else:
        SubElement(node, "single").text = "true" if draft.kind == Kind.SINGLE else "false"
        SubElement(node, "shuffleanswers").text = "true"
        SubElement(node, "answernumbering").text = "ABCD"
        for index, option in enumerate(options_of(draft.body)):
            share = f"{100 / len(right):.7g}" if index in right else "0"
            _put(node, "answer", option, fraction=share, format="plain_text")
    tags = SubElement(node, "tags")
    for name, value in tags_of(draft):
        _put(tags, "tag", f"{name}={value}")


def _put(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(SubElement(parent, name, attributes), "text").text = text
