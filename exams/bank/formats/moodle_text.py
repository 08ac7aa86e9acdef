"""Texts of Moodle XML: plain, or HTML with pictures and sounds packed into the file."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from hashlib import sha256
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from flask_babel import gettext as _

from exams.bank.formats.items import Unsupported
from exams.bank.formats.plain import parsed

_PLUGIN = "@@PLUGINFILE@@/"
_SOURCES = re.compile(r"<source\b[^<>]{0,500}?\bsrc\s*=\s*[\"']([^\"']*)", re.IGNORECASE)
_AUDIO = (".mp3", ".m4a", ".ogg", ".wav", ".oga", ".opus")


def inner(node: Element | None) -> str:
    """The text of ``<x><text>…</text></x>``, or of ``<x>…</x>`` itself."""
    if node is None:
        return ""
    return (node.findtext("text") if node.find("text") is not None else node.text) or ""


class Texts:
    """The texts of one question; the media of its stem and the files behind them."""

    def __init__(self, question: Element) -> None:
        stem = question.find("questiontext")
        self.style = stem.get("format", "html") if stem is not None else "html"
        self.files: dict[str, bytes] = {}
        self._media: list[dict[str, str]] = []

    def media(self) -> list[dict[str, str]]:
        """What the body's ``media`` is."""
        return self._media

    def text(self, node: Element | None, inherited: str = "html") -> str:
        """Plain text. Raises Unsupported when it holds pictures or the like."""
        raw = inner(node)
        if node is None or node.get("format", inherited) in ("plain_text", "markdown"):
            return raw
        plain, heavy, _elements = parsed(raw)
        if heavy or "@@PLUGINFILE@@" in raw or node.find("file") is not None:
            what = heavy[0] if heavy else _("附件")
            raise Unsupported(_("选项或解析里有图片、表格等内容（%(tag)s），暂不支持。", tag=what))
        return plain

    def stem(self, node: Element | None) -> str:
        """The stem; pictures and sounds in it become media.

        Raises:
            Unsupported: something else than text, pictures and sounds.
        """
        raw = inner(node)
        if node is None:
            return raw
        plain, _heavy, elements = parsed(raw)
        if node.get("format", "html") in ("plain_text", "markdown"):
            if node.find("file") is not None:
                raise Unsupported(_("题目带有附件，暂不支持。"))
            return raw
        packed = {
            (each.get("path", "/").strip("/") + "/" + each.get("name", "")).strip("/"): each
            for each in node.findall("file")
        }
        sources = _SOURCES.findall(raw)
        for element in elements:
            self._take(element, packed, sources)
        return plain

    def _take(
        self, element: dict[str, str], packed: dict[str, Element], sources: list[str]
    ) -> None:
        tag = element["tag"]
        if tag not in ("img", "audio"):
            raise Unsupported(_("题目里有图片或表格等内容（%(tag)s），暂不支持。", tag=tag))
        source = element.get("src") or (sources.pop(0) if tag == "audio" and sources else "")
        if not source.startswith(_PLUGIN):
            raise Unsupported(_("图片或录音不在文件里（%(name)s）。", name=source[:60]))
        name = unquote(source.removeprefix(_PLUGIN))
        if name not in packed:
            raise Unsupported(_("图片或录音不在文件里（%(name)s）。", name=name[:60]))
        alt = element.get("alt", "").strip()
        if tag == "img" and not alt:
            raise Unsupported(_("图片没有文字说明（alt）：%(name)s。", name=name[:60]))
        try:
            content = b64decode("".join((packed[name].text or "").split()), validate=True)
        except (Base64Error, ValueError):
            raise ValueError(_("文件里的图片或录音损坏：%(name)s。", name=name[:60])) from None
        digest = sha256(content).hexdigest()
        self.files[digest] = content
        kind = "picture" if tag == "img" else "audio"
        self._media.append({"digest": digest, "kind": kind, "alt": alt or element.get("title", "")})
