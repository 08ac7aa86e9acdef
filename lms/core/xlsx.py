"""Looks into a workbook before any reader opens it: a zip of XML may hold bombs and macros.

The parts that matter are copied, within limits, into a fresh archive; the reader sees only that.
"""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml import sax as safe_sax
from flask_babel import gettext as _

from lms.core.errors import Invalid

MOST_ENTRIES = 300
MOST_UNPACKED = 96 * 1024 * 1024
MOST_RATIO = 250
_KEPT = re.compile(
    r"^(\[Content_Types\]\.xml|_rels/\.rels|xl/(workbook|styles|sharedStrings)\.xml"
    r"|xl/_rels/workbook\.xml\.rels|xl/worksheets/[^/]+\.xml)$",
    re.IGNORECASE,
)
_ACTIVE = re.compile(r"vbaproject|macrosheet|activex|ctrlprops", re.IGNORECASE)
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)")
_REF = re.compile(r"^([A-Z]{1,3})([0-9]{1,7})$")


@dataclass(frozen=True, slots=True)
class CleanBook:
    """A repacked workbook and the name of the sheet to read."""

    content: bytes
    sheet: str


class BadSheet(Invalid):
    """The file cannot be read as a table; the text says why and what to do."""

    code = "bad-sheet"


def checked_workbook(
    data: bytes, most_rows: int, most_columns: int
) -> tuple[CleanBook, frozenset[tuple[int, int]]]:
    """Repack the workbook's first visible sheet; also the (row, column index) of its formulas.

    Raises:
        BadSheet: macros, too much unpacked, suspicious names, entities, damaged parts.
    """
    parts = _unpack(data)
    sheet, path = _first_sheet(parts)
    scan = _SheetScan(most_rows, most_columns)
    _parse(parts[path], scan)
    for name, content in parts.items():
        if name != path:
            _parse(content, ContentHandler())  # entities and broken XML show here
    return CleanBook(_repack(parts, path), sheet), frozenset(scan.formulas)


def _unpack(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_names(entries)
            total, parts = 0, {}
            for entry in entries:
                if not _KEPT.match(entry.filename):
                    continue
                # The header may lie; never read past the limit whatever it says.
                with archive.open(entry) as part:
                    content = part.read(MOST_UNPACKED - total + 1)
                total += len(content)
                if total > MOST_UNPACKED:
                    raise _bomb()
                parts[entry.filename] = content
            return parts
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError,
            ValueError) as error:  # fmt: skip
        raise damaged() from error


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES or len({e.filename for e in entries}) != len(entries):
        raise _bomb()
    for entry in entries:
        name = entry.filename
        if name.startswith("/") or ".." in name.split("/") or "\\" in name or ":" in name:
            raise damaged()
        if _ACTIVE.search(name):
            raise BadSheet(_("不接收带宏的文件，请另存为 .xlsx 后再上传。"))
        if entry.flag_bits & 0x1:
            raise BadSheet(_("文件加了密码，请去掉密码后再上传。"))
        unpacked, packed = entry.file_size, max(entry.compress_size, 1)
        if unpacked > MOST_UNPACKED or (unpacked > 1_000_000 and unpacked / packed > MOST_RATIO):
            raise _bomb()


def _first_sheet(parts: dict[str, bytes]) -> tuple[str, str]:
    """Name and path of the first visible worksheet."""
    book, relations = _Sheets(), _Relations()
    for path, handler in (("xl/workbook.xml", book), ("xl/_rels/workbook.xml.rels", relations)):
        if path not in parts:
            raise damaged()
        _parse(parts[path], handler)
    for name, relation in book.sheets:
        target = relations.targets.get(relation, "").lstrip("/")
        path = target if target.startswith("xl/") else f"xl/{target}"
        if path in parts and path.startswith("xl/worksheets/"):
            return name, path
    raise BadSheet(_("文件里没有可读的工作表。"))


def _repack(parts: dict[str, bytes], sheet: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            if name == sheet or not name.startswith("xl/worksheets/"):
                archive.writestr(name, content)
    return out.getvalue()


def _parse(content: bytes, handler: ContentHandler) -> None:
    declared = _ENCODING.search(content[:200])
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"} or (declared and declared[1].lower() != b"utf-8"):
        raise damaged()  # two parsers must not read two different texts from the same bytes
    parser = safe_sax.make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(handler)
    try:
        parser.parse(io.BytesIO(content))
    except (DefusedXmlException, SAXException, ValueError, LookupError) as error:
        raise damaged() from error


class _Sheets(ContentHandler):
    """Visible sheets of workbook.xml in order: (name, relation id)."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        if name.rpartition(":")[2] == "sheet" and attrs.get("state", "visible") == "visible":
            found = [attrs[key] for key in attrs.getNames() if key.rpartition(":")[2] == "id"]
            self.sheets.append((attrs.get("name", ""), found[-1] if found else ""))


class _Relations(ContentHandler):
    """Relation id → target."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        if name.rpartition(":")[2] == "Relationship":
            self.targets[attrs.get("Id", "")] = attrs.get("Target", "")


class _SheetScan(ContentHandler):
    """Checks the extent of a sheet and notes its formulas."""

    def __init__(self, most_rows: int, most_columns: int) -> None:
        super().__init__()
        self._most_rows, self._most_columns = most_rows + 1, most_columns
        self._row = self._column = 0
        self.formulas: set[tuple[int, int]] = set()

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        kind = name.rpartition(":")[2]
        if kind == "row":
            self._row = _number(attrs.get("r"), self._row + 1)
            self._column = 0
        elif kind == "c":
            self._place(attrs.get("r"))
        elif kind == "f":
            self.formulas.add((self._row, self._column - 1))

    def _place(self, ref: str | None) -> None:
        if ref is None:
            self._column += 1
        else:
            match = _REF.match(ref)
            if match is None:
                raise damaged()
            self._column, self._row = _column_number(match[1]), int(match[2])
        if self._row > self._most_rows or self._column > self._most_columns:
            raise too_large(self._most_rows - 1, self._most_columns)


def _number(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not text.isdecimal() or len(text) > 7:
        raise damaged()
    return int(text)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def too_large(rows: int, columns: int) -> BadSheet:
    """The refusal of a table with too many rows or columns."""
    text = _(
        "表格太大：最多 %(rows)s 行、%(columns)s 列。请删去空白行列或分成几份。",
        rows=rows,
        columns=columns,
    )
    return BadSheet(text)


def damaged() -> BadSheet:
    """The refusal of a file that is not what it claims to be."""
    return BadSheet(_("文件已损坏或不是有效的 .xlsx，请用表格软件打开后重新保存。"))


def _bomb() -> BadSheet:
    return BadSheet(_("文件展开后太大，请只保留要导入的工作表后再上传。"))
