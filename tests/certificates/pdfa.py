"""Rules of PDF/A-2 and PDF/UA-1 that can be checked by reading the file's own objects.

Not a full validator: those need a Java program that no package index carries. What is checked
here: identification, output intent, fonts, colour, transparency's blend modes, tags, what is
forbidden (encryption, scripts, attachments, outside data), and that all text is tagged or artifact.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from defusedxml import ElementTree
from pypdf import PdfReader
from pypdf.generic import ArrayObject, ContentStream, DictionaryObject, IndirectObject, StreamObject

_NS = {
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
_ACTIONS = {"/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide"}
_BLEND = {
    "/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten",
    "/ColorDodge", "/ColorBurn", "/HardLight", "/SoftLight", "/Difference", "/Exclusion", "/Hue",
    "/Saturation", "/Color", "/Luminosity",
}  # fmt: skip
_TEXT = {b"Tj", b"TJ", b"'", b'"'}


def faults(pdf: bytes) -> list[str]:
    """What is wrong with a file that says it is PDF/A-2 and PDF/UA-1; empty when nothing is."""
    found = [] if re.match(rb"%PDF-1\.[4-7]\n%[\x80-\xff]{4}", pdf) else ["header"]
    reader = PdfReader(io.BytesIO(pdf))
    if reader.is_encrypted or "/Encrypt" in reader.trailer:
        return [*found, "encrypted"]
    if len(reader.trailer.get("/ID", [])) != 2:
        found.append("no file identifier")
    root = reader.trailer["/Root"]
    found += [*_metadata(reader, root), *_intent(root), *_catalogue(root)]
    for thing in _objects(reader):
        found += _thing(thing)
    for page in reader.pages:
        found += _page(page, reader)
    return found + _structure(root)


def _metadata(reader: PdfReader, root: DictionaryObject) -> Iterator[str]:
    if "/Metadata" not in root:
        yield "no metadata"
        return
    tree = ElementTree.fromstring(root["/Metadata"].get_object().get_data())
    for name, wanted in (("pdfaid:part", "2"), ("pdfaid:conformance", "A"), ("pdfuaid:part", "1")):
        if tree.findtext(f".//{name}", namespaces=_NS) != wanted:
            yield f"{name} is not {wanted}"
    title = tree.findtext(".//dc:title/rdf:Alt/rdf:li", namespaces=_NS)
    if not title or title != (reader.metadata or {}).get("/Title", title):
        yield "title missing or told twice differently"


def _intent(root: DictionaryObject) -> Iterator[str]:
    intents = [item.get_object() for item in root.get("/OutputIntents", ArrayObject())]
    kept = [one for one in intents if one.get("/S") == "/GTS_PDFA1"]
    if not kept:
        yield "no output intent"
        return
    profile = kept[0]["/DestOutputProfile"].get_object()
    if profile.get("/N") != 3 or profile.get_data()[36:40] != b"acsp":
        yield "output intent without an RGB profile"


def _catalogue(root: DictionaryObject) -> Iterator[str]:
    if root.get("/MarkInfo", {}).get("/Marked") != True:  # noqa: E712 (a PDF boolean)
        yield "not marked"
    if "/StructTreeRoot" not in root:
        yield "no structure"
    if not str(root.get("/Lang", "")).startswith("zh"):
        yield "no language"
    if root.get("/ViewerPreferences", {}).get("/DisplayDocTitle") != True:  # noqa: E712
        yield "title is not shown"
    names = root.get("/Names", DictionaryObject()).get_object()
    for forbidden in ("/AA", "/OpenAction", "/AcroForm", "/Requirements", "/NeedsRendering"):
        if forbidden in root:
            yield f"catalogue has {forbidden}"
    for forbidden in ("/JavaScript", "/EmbeddedFiles", "/AlternatePresentations"):
        if forbidden in names:
            yield f"names have {forbidden}"


def _objects(reader: PdfReader) -> Iterator[DictionaryObject]:
    for generation, numbers in reader.xref.items():
        for number in numbers:
            yield from _dictionaries(reader.get_object(IndirectObject(number, generation, reader)))
    for number in reader.xref_objStm:
        yield from _dictionaries(reader.get_object(IndirectObject(number, 0, reader)))


def _dictionaries(thing: object) -> Iterator[DictionaryObject]:
    if isinstance(thing, DictionaryObject):
        yield thing
        for value in thing.values():
            yield from _dictionaries(value)
    elif isinstance(thing, ArrayObject):
        for value in thing:
            yield from _dictionaries(value)


def _thing(thing: DictionaryObject) -> Iterator[str]:
    if isinstance(thing, StreamObject):
        if "/F" in thing or "/FFilter" in thing:
            yield "a stream outside the file"
        if "LZW" in str(thing.get("/Filter", "")) or "Crypt" in str(thing.get("/Filter", "")):
            yield "a forbidden filter"
    kind, subtype = thing.get("/Type"), thing.get("/Subtype")
    if kind == "/Font":
        yield from _font(thing)
    if subtype == "/Image" and (thing.get("/Interpolate") == True or "/Alternates" in thing):  # noqa: E712
        yield "an image that is interpolated or has alternates"
    if subtype == "/PS" or "/PS" in thing:
        yield "PostScript"
    if kind == "/ExtGState" and ("/TR" in thing or str(thing.get("/BM", "/Normal")) not in _BLEND):
        yield "a forbidden graphics state"
    if kind == "/Action" and thing.get("/S") in _ACTIONS:
        yield f"action {thing['/S']}"


def _font(font: DictionaryObject) -> Iterator[str]:
    name = font.get("/BaseFont")
    if font["/Subtype"] == "/Type0":
        if "/ToUnicode" not in font:
            yield f"{name} says no characters"
        (descendant,) = (item.get_object() for item in font["/DescendantFonts"])
        descriptor = descendant["/FontDescriptor"].get_object()
        if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor):
            yield f"{name} is not embedded"
        if descendant["/Subtype"] == "/CIDFontType2" and "/CIDToGIDMap" not in descendant:
            yield f"{name} has no glyph map"
    elif font["/Subtype"] not in {"/CIDFontType0", "/CIDFontType2", "/Type3"}:
        yield f"{name} is a simple font"


def _page(page: DictionaryObject, reader: PdfReader) -> Iterator[str]:
    if "/StructParents" not in page or page.get("/Tabs") != "/S":
        yield "a page outside the structure"
    if "/AA" in page or page.get("/Annots"):
        yield "a page with actions or annotations"
    content = ContentStream(page["/Contents"].get_object(), reader)
    marked: list[bool] = []
    for operands, operator in content.operations:
        if operator in {b"BDC", b"BMC"}:
            known = operands[0] == "/Artifact" or (len(operands) > 1 and "/MCID" in operands[1])
            marked.append(known)
        elif operator == b"EMC":
            marked.pop()
        elif operator in _TEXT and not any(marked):
            yield "text that is neither tagged nor artifact"
        elif operator in {b"k", b"K"}:
            yield "CMYK without a CMYK intent"


def _structure(root: DictionaryObject) -> list[str]:
    if "/StructTreeRoot" not in root:
        return []
    tags: list[str] = []
    found: list[str] = []
    waiting = [root["/StructTreeRoot"].get_object()]
    while waiting:
        node = waiting.pop()
        tags.append(str(node.get("/S", "")))
        if node.get("/S") == "/Figure" and not node.get("/Alt"):
            found.append("a figure without words")
        children = node.get("/K", ArrayObject())
        children = children if isinstance(children, ArrayObject) else ArrayObject([children])
        waiting += [
            child
            for child in (item.get_object() for item in children)
            if isinstance(child, DictionaryObject) and child.get("/Type") != "/MCR"
        ]
    return found if tags.count("/H1") == 1 else [*found, "not exactly one heading"]
