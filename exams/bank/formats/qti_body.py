"""The body of a QTI item as plain text, with a mark where each interaction stands."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from posixpath import join, normpath
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from flask_babel import gettext as _

from exams.bank.formats.items import Unsupported
from exams.bank.formats.plain import HEAVY, LINES, folded
from exams.bank.formats.qti_tree import attribute, has_class, plain_name

#: Marks in the text: ``\x01n\x01`` for the interaction, ``\x02n\x02`` for text to be kept.
MARK = re.compile("\x01(\\d+)\x01")
_KEPT = re.compile("\x02(\\d+)\x02")
INLINE = frozenset({"textEntryInteraction", "inlineChoiceInteraction", "hottext", "gap"})
_FEEDBACK = frozenset({"feedbackBlock", "feedbackInline", "modalFeedback"})
_REFUSED = {
    "printedVariable": "printedVariable", "templateBlock": "templateBlock",
    "templateInline": "templateInline", "include": "XInclude", "infoControl": "infoControl",
}  # fmt: skip
_BLOCKS = LINES | {"ul", "ol", "dl", "dt", "dd", "section", "article", "prompt", "simpleChoice"}
Fetch = Callable[[str], bytes | None]


@dataclass(slots=True)
class Body:
    """What was found in a body. ``text`` holds marks; ``said`` is feedback, ``rubric`` for
    those who mark, ``notes`` for authors."""

    interactions: list[Element] = field(default_factory=list)
    media: list[dict[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    rubric: list[Element] = field(default_factory=list)
    text: str = ""


class Walk:
    """Walks through a body once. ``fetch`` gives the file behind an address, or None."""

    def __init__(self, fetch: Fetch, skip: str = "") -> None:
        self._fetch, self._skip = fetch, skip
        self._parts: list[str] = []
        self._kept: list[str] = []
        self.body = Body()

    def of(self, element: Element) -> Body:
        """Everything in an element."""
        self._inside(element)
        text = folded("".join(self._parts))
        self.body.text = _KEPT.sub(lambda match: self._kept[int(match[1])], text)
        return self.body

    def _inside(self, element: Element) -> None:
        self._say(element.text)
        for child in element:
            self._meet(child)
            self._say(child.tail)

    def _say(self, text: str | None) -> None:
        if text:
            self._parts.append(re.sub(r"\s+", " ", text))

    def _meet(self, element: Element) -> None:
        name = plain_name(element.tag)
        if self._skip and has_class(element, self._skip):
            return
        if name in _REFUSED:
            raise Unsupported(_("题目里有暂不支持的内容（%(tag)s）。", tag=_REFUSED[name]))
        if name.endswith("Interaction"):
            self._interaction(element, name)
        elif name in _FEEDBACK:
            self.body.said.append(Walk(self._fetch).of(element).text)
        elif name == "rubricBlock" and "candidate" not in attribute(element, "view", "candidate"):
            self.body.rubric.append(element)
        elif name in HEAVY:
            self._heavy(element, name)
        elif has_class(element, "lms-keep"):
            self._kept.append(verbatim(element))
            self._parts.append(f"\x02{len(self._kept) - 1}\x02")
        elif name not in ("script", "style", "catalogInfo", "stylesheet"):
            self._plain(element, name)

    def _plain(self, element: Element, name: str) -> None:
        block = name in _BLOCKS
        if block:
            self._parts.append("\n")
        self._inside(element)
        if block and name != "br":
            self._parts.append("\n")

    def _interaction(self, element: Element, name: str) -> None:
        mark = f"\x01{len(self.body.interactions)}\x01"
        self.body.interactions.append(element)
        self._parts.append(mark if name in INLINE else f"\n{mark}\n")

    def _heavy(self, element: Element, name: str) -> None:
        kind = attribute(element, "type")
        picture = name == "img" or (name == "object" and kind.startswith("image/"))
        sound = name == "audio" or (name == "object" and kind.startswith("audio/"))
        if not picture and not sound:
            raise Unsupported(_("题目里有图片或表格等内容（%(tag)s），暂不支持。", tag=name))
        source = element.get("src") or element.get("data") or _first_source(element)
        content = self._fetch(source) if source else None
        if content is None:
            raise Unsupported(_("图片或录音不在文件里（%(name)s）。", name=source[:60]))
        alt = (element.get("alt") or "".join(element.itertext())).strip()
        alt = alt or element.get("title", "")
        if picture and not alt:
            raise Unsupported(_("图片没有文字说明（alt）：%(name)s。", name=source[:60]))
        digest = sha256(content).hexdigest()
        self.body.files[digest] = content
        self.body.media.append(
            {"digest": digest, "kind": "picture" if picture else "audio", "alt": alt}
        )


def _first_source(element: Element) -> str:
    sources = [each.get("src", "") for each in element if plain_name(each.tag) == "source"]
    return sources[0] if sources else ""


def verbatim(element: Element) -> str:
    """The text of an element as it stands; ``br`` is a line."""
    parts = [element.text or ""]
    for child in element:
        parts += ["\n" if plain_name(child.tag) == "br" else verbatim(child), child.tail or ""]
    return "".join(parts)


def text_of(element: Element) -> tuple[str, str]:
    """Plain text of a choice or a prompt, and the feedback inside it.

    Raises:
        Unsupported: pictures, tables or the like, or an interaction.
    """
    found = Walk(lambda _source: None).of(element)
    if found.interactions:
        raise Unsupported(_("选项里还有作答部分，暂不支持。"))
    return found.text, "\n".join(found.said)


def path_from(base: str, href: str) -> str | None:
    """The path in a package that an address in the file ``base`` means; None for any outside."""
    plain = unquote(href).split("#")[0].split("?")[0]
    if not plain or ":" in plain or plain.startswith(("/", "\\")) or "\\" in plain:
        return None
    path = normpath(join(base.rpartition("/")[0], plain))
    return None if path.startswith("..") else path
