"""Text and media in the XHTML of a QTI item."""

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement

from exams.bank.formats.items import File
from exams.bank.formats.plain import folded


def put_text(parent: Element, text: str) -> None:
    """Append text; what HTML would fold is kept in a span of its own, ``br`` for a line."""
    if "\n" not in text and folded(text) == text:
        add_text(parent, text)
        return
    span = SubElement(parent, "span", {"class": "lms-keep"})
    first, *rest = text.split("\n")
    add_text(span, first)
    for line in rest:
        SubElement(span, "br").tail = line or None


def add_text(parent: Element, text: str) -> None:
    """Append plain text behind whatever the element holds."""
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def show_media(
    parent: Element, media: Sequence[Mapping[str, str]], files: Mapping[str, File]
) -> None:
    """A paragraph with each picture and sound."""
    for item in media:
        file = files[item["digest"]]
        source = f"../media/{file.name}"
        holder = SubElement(parent, "p")
        if item["kind"] == "picture":
            SubElement(holder, "img", {"src": source, "alt": item["alt"]})
        else:
            sound = SubElement(holder, "audio", {"controls": "controls", "title": item["alt"]})
            SubElement(sound, "source", {"src": source, "type": file.content_type})
