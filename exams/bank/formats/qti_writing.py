"""Writes a QTI 3.0 package: a manifest, an item for every question, and the files they show.

What QTI has no place for stands in ``data-…`` attributes of the question's box, in rubric blocks
for those who mark, and in the keywords of the manifest's metadata.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from exams.bank.formats.choices import tags_of
from exams.bank.formats.items import File, Written
from exams.bank.formats.qti_interactions import ask
from exams.bank.formats.qti_scoring import Scoring
from exams.bank.formats.qti_text import put_text, show_media
from exams.bank.kinds import Simple, media_of, parts_of
from exams.bank.models import Kind

MANIFEST = "imsmanifest.xml"
_ASI = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_XSD = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/"
_CP = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
_LOM = "http://ltsc.ieee.org/xsd/LOM"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_AT = (2026, 1, 1, 0, 0, 0)


def write(questions: Iterable[Written], files: Mapping[str, File] | None = None) -> bytes:
    """A package that ``qti.read`` turns into the same questions; ``files`` by digest."""
    files, out = files or {}, io.BytesIO()
    manifest, resources = _manifest()
    shown: set[str] = set()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, question in enumerate(questions, start=1):
            path = f"items/q{number:05d}.xml"
            identifier = identifier_of(question.code, number)
            _store(archive, path, _xml(item_of(question, identifier, files)))
            media = media_of(question.draft.body)
            _resource(resources, question, f"r{number:05d}", path, [files[d] for d in media])
            for digest in media:
                if digest not in shown:
                    _store(archive, f"media/{files[digest].name}", files[digest].content)
            shown |= set(media)
        _store(archive, MANIFEST, _xml(manifest))
    return out.getvalue()


def _store(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=_AT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def _xml(root: Element) -> bytes:
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def identifier_of(code: str, number: int) -> str:
    """A QTI identifier, unique in its package; the code itself stands in the metadata."""
    plain = re.sub(r"[^A-Za-z0-9_.-]", "-", code).strip("-.")
    return f"i{number}-{plain}" if plain else f"i{number}"


def item_of(question: Written, identifier: str, files: Mapping[str, File]) -> Element:
    """The item of a question."""
    draft = question.draft
    item = Element("qti-assessment-item", {
        "xmlns": _ASI, "xmlns:xsi": _XSI,
        "xsi:schemaLocation": f"{_ASI} {_XSD}imsqti_asiv3p0_v1p0.xsd",
        "identifier": identifier, "title": question.code, "adaptive": "false",
        "time-dependent": "false", "xml:lang": "zh-CN",
    })  # fmt: skip
    body = Element("qti-item-body")
    scoring = Scoring(bool(draft.explanation))
    if draft.kind == Kind.CASE:
        head = SubElement(body, "div", {"class": "lms-case"})
        put_text(SubElement(head, "p"), draft.stem)
        show_media(head, draft.body.get("media", []), files)
        for part, row in zip(
            parts_of(draft.kind, draft.stem, draft.body, draft.key),
            draft.body["parts"],
            strict=True,
        ):
            _box(body, part, scoring, files, row["share"])
    else:
        simple = Simple(draft.kind, draft.stem, draft.body, draft.key)
        _box(body, simple, scoring, files)
    item.extend(scoring.declarations())
    item.append(body)
    processing = scoring.processing()
    if processing is not None:
        item.append(processing)
    if draft.explanation:
        said = SubElement(item, "qti-modal-feedback", {
            "outcome-identifier": "FEEDBACK", "identifier": "EXPLANATION", "show-hide": "show",
        })  # fmt: skip
        put_text(SubElement(SubElement(said, "qti-content-body"), "p"), draft.explanation)
    return item


def _box(
    body: Element, simple: Simple, scoring: Scoring, files: Mapping[str, File], share: int = 0
) -> None:
    """The box of a question: stem, media, interaction, and what those who mark need."""
    inner: dict[str, Any] = simple.body
    attributes = {"class": "lms-question", "data-kind": str(simple.kind)}
    if share:
        attributes["data-share"] = str(share)
    for name in ("unit", "longest"):
        if inner.get(name):
            attributes[f"data-{name}"] = str(inner[name])
    box = SubElement(body, "div", attributes)
    ask(box, simple, scoring, share or 1)
    show_media(box, inner.get("media", []), files)


def _manifest() -> tuple[Element, Element]:
    manifest = Element("manifest", {
        "xmlns": _CP, "xmlns:lom": _LOM, "xmlns:xsi": _XSI,
        "xsi:schemaLocation": f"{_CP} {_XSD}imsqtiv3p0_imscpv1p2_v1p0.xsd",
        "identifier": "questions",
    })  # fmt: skip
    metadata = SubElement(manifest, "metadata")
    SubElement(metadata, "schema").text = "QTI Package"
    SubElement(metadata, "schemaversion").text = "3.0.0"
    SubElement(manifest, "organizations")
    return manifest, SubElement(manifest, "resources")


def _resource(
    resources: Element, question: Written, identifier: str, path: str, files: list[File]
) -> None:
    resource = SubElement(resources, "resource", {
        "identifier": identifier, "type": "imsqti_item_xmlv3p0", "href": path,
    })  # fmt: skip
    general = SubElement(SubElement(SubElement(resource, "metadata"), "lom:lom"), "lom:general")
    named = SubElement(general, "lom:identifier")
    SubElement(named, "lom:catalog").text = "lms"
    SubElement(named, "lom:entry").text = question.code
    for name, value in tags_of(question.draft):
        keyword = SubElement(general, "lom:keyword")
        SubElement(keyword, "lom:string", {"language": "zh-CN"}).text = f"{name}={value}"
    SubElement(resource, "file", {"href": path})
    for file in files:
        SubElement(resource, "file", {"href": f"media/{file.name}"})
