"""Writes Moodle XML. What Moodle has no place for stands in tags, which it keeps."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring
from xml.sax.saxutils import escape, quoteattr

from exams.bank.formats import cells, cloze
from exams.bank.formats.choices import shape_tags, tags_of
from exams.bank.formats.gift_answers import tamed
from exams.bank.formats.items import File, Written
from exams.bank.kinds import Simple, parts_of
from exams.bank.models import Kind

_TYPES = {
    Kind.SINGLE: "multichoice", Kind.MULTIPLE: "multichoice", Kind.JUDGE: "truefalse",
    Kind.NUMERIC: "numerical", Kind.FILL: "shortanswer", Kind.MATCHING: "matching",
    Kind.ORDERING: "ordering", Kind.SHORT: "essay", Kind.ESSAY: "essay", Kind.CASE: "description",
}  # fmt: skip
_NATIVE = frozenset({"exact", "reference"})


def write(questions: Iterable[Written], files: Mapping[str, File] | None = None) -> bytes:
    """Write questions so that ``read`` gives the same ones; ``files`` by digest."""
    quiz = Element("quiz")
    for question in questions:
        _append(quiz, question, files or {})
    return bytes(tostring(quiz, encoding="utf-8", xml_declaration=True))


def _append(quiz: Element, question: Written, files: Mapping[str, File]) -> None:
    draft, code = question.draft, question.code
    tags = tags_of(draft)
    simple = Simple(draft.kind, draft.stem, draft.body, draft.key)
    if draft.kind != Kind.CASE:
        _question(quiz, code, simple, draft.explanation, tags, files)
        return
    parts = parts_of(draft.kind, draft.stem, draft.body, draft.key)
    tags = [*tags, ("case", str(len(parts)))]
    _question(quiz, code, simple, draft.explanation, tags, files)
    for number, part in enumerate(parts, start=1):
        share = str(draft.body["parts"][number - 1]["share"])
        tags = [("part", str(number)), ("share", share)]
        _question(quiz, f"{code}.{number}", part, "", tags, files)


def _question(
    quiz: Element, code: str, simple: Simple, explanation: str,
    tags: list[tuple[str, str]], files: Mapping[str, File],
) -> None:  # fmt: skip
    kind = _type(simple)
    node = SubElement(quiz, "question", type=kind)
    put(node, "name", code)
    stem = simple.stem
    if kind == "cloze":
        stem = cloze.written(stem, simple.key["blanks"], simple.key["exact"])
    _stem(node, stem, simple.body.get("media", []), files)
    put(node, "generalfeedback", explanation, format="plain_text")
    SubElement(node, "defaultgrade").text = "1" if simple.kind != Kind.CASE else "0"
    SubElement(node, "idnumber").text = code
    _answers(node, kind, simple)
    listed = SubElement(node, "tags")
    shapes = shape_tags(simple, _NATIVE) if simple.kind != Kind.CASE else []
    for name, value in [*tags, *shapes]:
        put(listed, "tag", f"{name}={value}")


def _type(simple: Simple) -> str:
    several = simple.kind == Kind.FILL and len(simple.key["blanks"]) > 1
    if several and not cloze.OPENING.search(simple.stem):
        return "cloze"
    return _TYPES[Kind(simple.kind)]


def _stem(node: Element, stem: str, media: list[dict[str, str]], files: Mapping[str, File]) -> None:
    if not media:
        put(node, "questiontext", stem, format="plain_text")
        return
    shown = [f"<pre>{escape(stem)}</pre>"]
    holder = SubElement(node, "questiontext", format="html")
    text = SubElement(holder, "text")
    for item in media:
        file = files[item["digest"]]
        source, alt = quoteattr(f"@@PLUGINFILE@@/{file.name}"), quoteattr(item["alt"])
        if item["kind"] == "picture":
            shown.append(f"<p><img src={source} alt={alt}/></p>")
        else:
            shown.append(f"<p><audio controls src={source} title={alt}></audio></p>")
        attributes = {"name": file.name, "path": "/", "encoding": "base64"}
        SubElement(holder, "file", attributes).text = b64encode(file.content).decode()
    text.text = "".join(shown)


def _answers(node: Element, kind: str, simple: Simple) -> None:
    body: dict[str, Any] = simple.body
    key: dict[str, Any] = simple.key
    match kind:
        case "multichoice":
            _options(node, simple.kind, body["options"], key["right"])
        case "truefalse":
            for word in ("true", "false"):
                share = "100" if key["right"] == (word == "true") else "0"
                put(node, "answer", word, fraction=share, format="plain_text")
        case "numerical":
            put(node, "answer", key["right"], fraction="100", format="plain_text")
            SubElement(node[-1], "tolerance").text = key["within"]
        case "shortanswer":
            _accepted(node, key)
        case "matching":
            _pairs(node, body, key)
        case "ordering":
            _steps(node, body, key)
        case "essay":
            SubElement(node, "responseformat").text = "plain"
            SubElement(node, "responserequired").text = "1"
            put(node, "graderinfo", key["reference"], format="plain_text")


def _accepted(node: Element, key: dict[str, Any]) -> None:
    SubElement(node, "usecase").text = "1" if key["exact"] else "0"
    several = len(key["blanks"]) > 1
    for text in [cells.fill_text(key["blanks"])] if several else key["blanks"][0]:
        put(node, "answer", tamed(text), fraction="100", format="plain_text")


def _pairs(node: Element, body: dict[str, Any], key: dict[str, Any]) -> None:
    SubElement(node, "shuffleanswers").text = "true"
    sides = zip(body["left"], key["pairs"], strict=True)
    rows = [(left, body["right"][right]) for left, right in sides]
    for left, right in [*rows, *(("", other) for other in cells.others_of(body, key))]:
        put(node, "subquestion", left, format="plain_text")
        put(node[-1], "answer", right)


def _steps(node: Element, body: dict[str, Any], key: dict[str, Any]) -> None:
    settings = {
        "layouttype": "VERTICAL", "selecttype": "ALL", "selectcount": str(len(body["items"])),
        "gradingtype": "ABSOLUTE_POSITION", "showgrading": "SHOW",
    }  # fmt: skip
    for tag, text in settings.items():
        SubElement(node, tag).text = text
    for place, index in enumerate(key["sequence"], start=1):
        put(node, "answer", body["items"][index], fraction=f"{place}", format="plain_text")


def _options(node: Element, kind: str, options: list[str], right: list[int]) -> None:
    SubElement(node, "single").text = "true" if kind == Kind.SINGLE else "false"
    SubElement(node, "shuffleanswers").text = "true"
    SubElement(node, "answernumbering").text = "ABCD"
    for index, option in enumerate(options):
        share = f"{100 / len(right):.7g}" if index in right else "0"
        put(node, "answer", option, fraction=share, format="plain_text")


def put(parent: Element, name: str, text: str, **attributes: str) -> None:
    """Append ``<name><text>…</text></name>``."""
    SubElement(SubElement(parent, name, attributes), "text").text = text
