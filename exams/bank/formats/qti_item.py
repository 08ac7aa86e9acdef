"""One QTI item: from its XML to a question, or to the reason why not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from flask_babel import gettext as _

from exams.bank.formats.choices import GAP, choice
from exams.bank.formats.items import Unsupported
from exams.bank.formats.qti_body import MARK, Body, Walk, text_of
from exams.bank.formats.qti_kinds import Meta, Reader, check
from exams.bank.formats.qti_tree import (
    attribute,
    children,
    declared,
    has_class,
    plain_name,
    within,
)
from exams.bank.kinds import MOST_PARTS, Simple
from exams.bank.models import Kind

Fetch = Callable[[str], bytes | None]
_INLINE = {"textEntryInteraction", "inlineChoiceInteraction"}


@dataclass(slots=True)
class Found:
    """A question, what is said about it, and the files it shows."""

    simple: Simple
    explanation: str = ""
    note: str = ""
    files: dict[str, bytes] = field(default_factory=dict)


def question_of(item: Element, fetch: Fetch) -> Found:
    """The question of an item.

    Raises:
        Unsupported: this site has no kind for it. ValueError: it is not well formed.
    """
    _check_item(item)
    bodies = children(item, "itemBody")
    if len(bodies) != 1:
        raise ValueError(_("题目没有正文。"))
    reader = Reader(item, declared(item))
    found = _own(bodies[0], reader, fetch) or _foreign(item, bodies[0], reader, fetch)
    said = [text_of(each)[0] for each in children(item, "modalFeedback")]
    parts = (found.explanation, *said)
    found.explanation = "\n".join(part for part in parts if part.strip())
    return found


def _check_item(item: Element) -> None:
    if attribute(item, "adaptive") == "true":
        raise Unsupported(_("题目里有暂不支持的内容（%(tag)s）。", tag="adaptive"))
    for name in ("templateDeclaration", "templateProcessing", "assessmentStimulusRef"):
        if children(item, name):
            raise Unsupported(_("题目里有暂不支持的内容（%(tag)s）。", tag=name))


def _own(body: Element, reader: Reader, fetch: Fetch) -> Found | None:
    """A question of our own making: its parts are marked in the body."""
    boxes = [each for each in within(body, "div") if has_class(each, "lms-question")]
    if not boxes:
        return None
    if body.find(".//*[@class='lms-case']") is None:
        return _boxed(boxes[0], reader, fetch)
    head = Walk(fetch, skip="lms-question").of(body)
    parts = [(_boxed(box, reader, fetch), box.get("data-share", "1")) for box in boxes]
    case = _case(head.text, [(p.simple, share) for p, share in parts], head.media)
    files = dict(head.files)
    for part, _share in parts:
        files |= part.files
    said = "\n".join(part.explanation for part, _share in parts if part.explanation)
    return Found(case, said, files=files)


def _boxed(box: Element, reader: Reader, fetch: Fetch) -> Found:
    found = Walk(fetch, skip="lms-unit").of(box)
    check(found.interactions)
    meta = _meta(box, found)
    first = found.interactions[0]
    if plain_name(first.tag) in _INLINE:
        simple, said = reader.blanks(found.text, found.interactions, meta), ""
    else:
        simple, said = reader.one(MARK.sub("", found.text).strip(), first, meta)
    return Found(_with(simple, found.media), said, files=found.files)


def _meta(box: Element, found: Body) -> Meta:
    reference, rubric = "", []
    for each in found.rubric:
        if has_class(each, "lms-reference"):
            reference = text_of(each)[0]
        elif has_class(each, "lms-rubric"):
            rubric += [(p.get("data-share", ""), text_of(p)[0]) for p in within(each, "p")]
    return Meta(
        box.get("data-kind", ""), box.get("data-unit", ""), box.get("data-longest", ""),
        reference, tuple(rubric),
    )  # fmt: skip


def _with(simple: Simple, media: list[dict[str, str]]) -> Simple:
    body = simple.body | {"media": media} if media else simple.body
    return Simple(simple.kind, simple.stem, body, simple.key)


def _case(stem: str, parts: list[tuple[Simple, str]], media: list[dict[str, str]]) -> Simple:
    rows: list[dict[str, Any]] = [
        {"kind": str(part.kind), "stem": part.stem, "body": part.body,
         "share": int(share) if share.isdecimal() and len(share) < 6 else 0}
        for part, share in parts
    ]  # fmt: skip
    body: dict[str, Any] = {"parts": rows}
    case = Simple(Kind.CASE, stem.strip(), body, {"parts": [part.key for part, _s in parts]})
    return _with(case, media)


def _foreign(item: Element, body: Element, reader: Reader, fetch: Fetch) -> Found:
    """A question another program made: by what it holds."""
    found = Walk(fetch).of(body)
    check(found.interactions)
    names = {plain_name(each.tag) for each in found.interactions}
    scored = [text_of(each)[0] for each in found.rubric if "scorer" in attribute(each, "view")]
    others = [text_of(each)[0] for each in found.rubric if "scorer" not in attribute(each, "view")]
    meta = Meta(reference="\n".join(text for text in scored if text))
    title = attribute(item, "title") or attribute(item, "identifier")
    said = ""
    if names == {"textEntryInteraction"}:
        simple = reader.blanks(found.text or title, found.interactions, meta)
    elif len(found.interactions) == 1:
        first = found.interactions[0]
        gap = GAP if plain_name(first.tag) in _INLINE else ""
        stem = MARK.sub(gap, found.text).strip()
        stem = "\n".join(part for part in (stem, _prompt(first)) if part) or title
        simple, said = reader.one(stem, first, meta)
    elif names == {"inlineChoiceInteraction"}:
        simple = _gaps(found, reader, meta)
    else:
        simple, said = _mixed(found, reader, meta, title)
    explanation = "\n".join(part for part in (*found.said, said) if part)
    return Found(_with(simple, found.media), explanation, "\n".join(others), found.files)


def _prompt(interaction: Element) -> str:
    return "\n".join(text_of(each)[0] for each in children(interaction, "prompt"))


def _gaps(found: Body, reader: Reader, meta: Meta) -> Simple:
    """Several inline choices: a case whose stem has numbered gaps, a single choice for each."""
    stem = MARK.sub(lambda match: f"（{int(match[1]) + 1}）{GAP}", found.text)
    parts = []
    for number, each in enumerate(found.interactions, start=1):
        simple, _said = reader.one(_("第 %(n)s 空", n=number), each, meta)
        if simple.kind == Kind.JUDGE:
            words = [text_of(option)[0] for option in children(each, "inlineChoice")]
            right = next(n for n, word in enumerate(words) if word in _words(each, reader))
            simple = choice(simple.stem, words, [right], Kind.SINGLE)
        parts.append((simple, "1"))
    return _case(stem, parts, [])


def _words(interaction: Element, reader: Reader) -> set[str]:
    right = reader.declared(interaction).right()
    return {
        text_of(option)[0] for option in children(interaction, "inlineChoice")
        if attribute(option, "identifier") in right
    }  # fmt: skip


def _mixed(found: Body, reader: Reader, meta: Meta, title: str) -> tuple[Simple, str]:
    """Several interactions of several kinds: a case; what stands before each is its stem."""
    if len(found.interactions) > MOST_PARTS:
        raise Unsupported(_("一道题里的作答部分太多，最多 %(n)s 个。", n=MOST_PARTS))
    pieces = MARK.split(found.text)
    texts, tail = [text.strip() for text in pieces[:-1:2]], pieces[-1].strip()
    head, parts, said = "", [], []
    for number, (text, each) in enumerate(zip(texts, found.interactions, strict=True), start=1):
        prompt = _prompt(each)
        lines = [line for line in (*text.split("\n"), prompt) if line]
        if number == 1 and len(lines) > 1:
            head, lines = "\n".join(lines[:-1]), lines[-1:]
        elif number == 1 and lines and not prompt:
            head, lines = lines[0], []
        stem = "\n".join(lines) or _("第 %(n)s 小题", n=number)
        simple, feedback = reader.one(stem, each, meta)
        parts.append((simple, "1"))
        said += [feedback] if feedback else []
    stem = "\n".join(part for part in (head, tail) if part) or title
    return _case(stem, parts, []), "\n".join(said)
