"""Which format a file is in, and the one way to read it."""

import re
from enum import StrEnum

from flask_babel import gettext as _

from exams.bank.formats import aiken, excel, gift, moodle, qti, yaml_text
from exams.bank.formats.items import BadFile, Defaults, Reading, decoded


class Format(StrEnum):
    """The formats questions come and go in."""

    XLSX = "xlsx"
    YAML = "yaml"
    GIFT = "gift"
    AIKEN = "aiken"
    MOODLE = "moodle"
    QTI = "qti"


#: Paths that a workbook and a package hold; paths stand unpacked in an archive.
_BOOK, _MANIFEST = b"xl/workbook.xml", b"imsmanifest.xml"
_QTI = re.compile(rb"<(?:\w+:)?(?:qti-)?(?:assessmentItem|assessment-item|questestinterop)\b")
_ENDINGS = {
    ".xlsx": Format.XLSX, ".xls": Format.XLSX, ".csv": Format.XLSX, ".yaml": Format.YAML,
    ".yml": Format.YAML, ".xml": Format.MOODLE, ".gift": Format.GIFT, ".aiken": Format.AIKEN,
}  # fmt: skip


def read_file(data: bytes, filename: str, wanted: str, defaults: Defaults) -> Reading:
    """Read a file in the wanted format, or in the one it seems to be in (``auto``).

    Raises:
        BadFile, BadSheet: the file as a whole cannot be read.
    """
    kind = detect(data, filename) if wanted == "auto" else Format(wanted)
    if kind == Format.XLSX:
        return excel.read(data, filename, defaults)
    if kind == Format.YAML:
        return yaml_text.read(data)
    reader = {
        Format.GIFT: gift.read,
        Format.AIKEN: aiken.read,
        Format.MOODLE: moodle.read,
        Format.QTI: qti.read,
    }[kind]
    return reader(data, defaults)


def detect(data: bytes, filename: str) -> Format:
    """Guess the format from the first bytes, the name, and the look of the text.

    Raises:
        BadFile: nothing fits.
    """
    if data.startswith(b"PK"):
        zipped = filename.lower().endswith(".zip") or _MANIFEST in data
        return Format.QTI if zipped and _BOOK not in data else Format.XLSX
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return Format.XLSX
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return Format.QTI if _QTI.search(data[:4096]) else Format.MOODLE
    for ending, kind in _ENDINGS.items():
        if filename.lower().endswith(ending):
            return kind
    text = decoded(data)
    if re.search(r"^questions\s*:", text, re.MULTILINE):
        return Format.YAML
    if re.search(r"(?<!\\)\{", text):
        return Format.GIFT
    if re.search(r"^\s*(ANSWER|答案|正确答案)\s*[:：]", text, re.MULTILINE | re.IGNORECASE):
        return Format.AIKEN
    raise BadFile(_("认不出文件格式，请在导入时选择格式。"))
