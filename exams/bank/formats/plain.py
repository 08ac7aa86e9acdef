"""HTML to plain text: lines as a browser would break them, nothing that runs."""

import re
from html.parser import HTMLParser

from flask_babel import gettext as _

LINES = frozenset(
    {"p", "br", "div", "li", "tr", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
)
HEAVY = frozenset({"img", "audio", "video", "table", "svg", "math", "object", "iframe", "embed"})
#: Elements whose content is no text for people.
_SILENT = frozenset({"script", "style", "head", "template"})
#: Characters of one text with its marks. What is longer is no question, and unclosed marks cost a
#: parser time by the square of it.
LONGEST_RAW = 20_000
#: Where a kept text goes; no text from outside holds a NUL.
_KEPT = re.compile("\x00(\\d+)\x00")


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.heavy: list[str] = []
        self.kept: list[str] = []
        self.silent = self.pre = 0
        self.pictures: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        self.pre += tag == "pre"
        if tag in HEAVY:
            self.heavy.append(tag)
            self.pictures.append({name: value or "" for name, value in attrs} | {"tag": tag})
        if tag in LINES and self.parts:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT and self.silent:
            self.silent -= 1
        if tag == "pre" and self.pre:
            self.pre -= 1
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        if self.pre:
            self.kept.append(data)
            data = f"\x00{len(self.kept) - 1}\x00"
        self.parts.append(data.replace("\x00", "") if not self.pre else data)

    def text(self) -> str:
        """All of it as plain lines; what stood in ``<pre>`` as it was."""
        return _KEPT.sub(lambda match: self.kept[int(match[1])], folded("".join(self.parts)))


def folded(text: str) -> str:
    """The text with its spaces folded and empty lines left out, as HTML shows it."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def plain_text(html: str) -> tuple[str, str]:
    """The text of an HTML fragment, and the first element that text cannot stand for."""
    text, heavy, _pictures = parsed(html)
    return text, heavy[0] if heavy else ""


def parsed(html: str) -> tuple[str, list[str], list[dict[str, str]]]:
    """Text, elements that text cannot stand for, and the attributes of these. Raises ValueError
    for a text that is too long."""
    limited(html)
    reader = _Plain()
    reader.feed(html)
    reader.close()
    return reader.text(), reader.heavy, reader.pictures


def limited(raw: str) -> None:
    """Raises ValueError for a text longer than any question's."""
    if len(raw) > LONGEST_RAW:
        raise ValueError(_("文字太长，一处最多 %(n)s 个字符。", n=LONGEST_RAW))
