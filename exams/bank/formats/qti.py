"""Questions as QTI 2.1, 2.2 and 3.0: a package with its manifest, or the XML of one item."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from flask_babel import gettext as _

from exams.bank.formats.choices import TAGS
from exams.bank.formats.gathering import Gatherer, Piece
from exams.bank.formats.items import MOST_ITEMS, BadFile, Defaults, Reading, Unsupported
from exams.bank.formats.package import LARGEST_ENTRY, Package
from exams.bank.formats.qti_body import path_from
from exams.bank.formats.qti_item import question_of
from exams.bank.formats.qti_tree import attribute, plain_name, within
from exams.bank.formats.qti_writing import MANIFEST, write
from exams.bank.formats.xmlfile import xml_root

__all__ = ["read", "write"]

_TESTS = ("imsqti_test", "imsqti_assessment", "imsqti_section")


@dataclass(slots=True)
class _Resource:
    """An item that a manifest names: its path, and what the manifest says about it."""

    path: str
    code: str = ""
    tags: dict[str, str] = field(default_factory=dict)


def read(data: bytes, defaults: Defaults) -> Reading:
    """Read a package or an item.

    Raises:
        BadFile: not a package, dangerous or damaged, or of QTI 1.
    """
    reading = Reading("qti")
    gather = Gatherer(reading, defaults)
    if not data.startswith(b"PK"):
        root = xml_root(data)
        _check_root(root)
        _take(root, _Resource(attribute(root, "identifier")), None, gather)
        return reading
    package = Package(data)
    for count, resource in enumerate(_resources(package, reading)):
        if count >= MOST_ITEMS:
            raise BadFile(_("一次最多导入 %(n)s 道题，请分成几份。", n=MOST_ITEMS))
        _read_item(package, resource, gather)
    if not reading.items and not reading.faults and not reading.unsupported:
        raise BadFile(_("压缩包里没有 QTI 题目。"))
    return reading


def _check_root(root: Element) -> None:
    name = plain_name(root.tag)
    if name == "questestinterop":
        raise BadFile(_("这是 QTI 1.x 文件，请导出为 QTI 2.1 或更新的版本。"))
    if name != "assessmentItem":
        raise BadFile(_("这不是 QTI 题目（最外层应为 assessmentItem）。"))


def _resources(package: Package, reading: Reading) -> Iterator[_Resource]:
    """The items of a package, in the order of its manifest."""
    if MANIFEST not in package:
        yield from _without_manifest(package, reading)
        return
    manifest = xml_root(package.read(MANIFEST), LARGEST_ENTRY)
    tests = 0
    for element in within(manifest, "resource"):
        kind = attribute(element, "type").lower()
        if kind.startswith("imsqti_xmlv1"):
            raise BadFile(_("这是 QTI 1.x 文件，请导出为 QTI 2.1 或更新的版本。"))
        tests += kind.startswith(_TESTS)
        if not kind.startswith("imsqti_item"):
            continue
        href = attribute(element, "href")
        base = element.get("{http://www.w3.org/XML/1998/namespace}base", "")
        path = path_from(MANIFEST, base + href)
        where = attribute(element, "identifier") or href
        if path is None or path not in package:
            reason = _("清单里写的文件 %(name)s 不在压缩包里。", name=href[:80])
            Gatherer(reading, Defaults()).fault(where[:80], reason)
            continue
        yield _Resource(path, *_said(element))
    if tests:
        reading.notes.append(_("试卷的结构没有导入，只导入题目。"))


def _without_manifest(package: Package, reading: Reading) -> Iterator[_Resource]:
    reading.notes.append(_("压缩包里没有 imsmanifest.xml，按里面的题目文件导入。"))
    for name in package.names:
        if name.lower().endswith(".xml") and "__MACOSX" not in name:
            yield _Resource(name)


def _said(resource: Element) -> tuple[str, dict[str, str]]:
    """Our own code and tags in a resource's metadata; what others say there is not ours."""
    code, tags = "", {}
    for identifier in within(resource, "identifier"):
        said = {plain_name(each.tag): (each.text or "").strip() for each in identifier}
        if said.get("catalog") == "lms":
            code = said.get("entry", "")
    for keyword in within(resource, "keyword"):
        text = "".join(keyword.itertext()).strip()
        name, equals, value = text.partition("=")
        if equals and name in TAGS:
            tags[name] = value
    return code, tags


def _read_item(package: Package, resource: _Resource, gather: Gatherer) -> None:
    where = resource.path[-80:]
    content = package.read(resource.path)
    try:
        root = xml_root(content, LARGEST_ENTRY)
        _check_root(root)
    except BadFile as refusal:
        gather.fault(where, str(refusal))
        return
    _take(root, resource, package, gather)


def _take(root: Element, resource: _Resource, package: Package | None, gather: Gatherer) -> None:
    def fetch(source: str) -> bytes | None:
        path = path_from(resource.path, source)
        return package.read(path) if package and path and path in package else None

    identifier = attribute(root, "identifier").strip()
    where = (resource.path if package else identifier)[-80:] or _("第 %(n)s 题", n=1)
    try:
        found = question_of(root, fetch)
    except Unsupported as error:
        gather.unsupported(where, str(error))
    except ValueError as error:
        gather.fault(where, str(error))
    else:
        gather.reading.files |= found.files
        code = resource.code or identifier
        tags = ({"note": found.note} if found.note else {}) | resource.tags
        gather.add(Piece(where, code, found.simple, found.explanation, tags))
