"""What every reader of a question file returns."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _

from exams.bank.models import CAREGIVER
from exams.bank.rules import Draft
from lms.core.errors import Invalid

LETTERS = "ABCDEFGHIJ"
MOST_ITEMS = 20_000
MOST_BYTES = 12 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Item:
    """A question as a file gives it; ``code`` is empty when the file names none."""

    where: str
    code: str
    draft: Draft


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that cannot be imported: where, in which column or field, why."""

    where: str
    reason: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a file may leave unsaid about its questions."""

    rung: int = 2
    module: str = ""
    difficulty: str = "medium"
    source: str = ""
    occupation: str = CAREGIVER


@dataclass(slots=True)
class Reading:
    """A file as read: its questions, what is wrong, and what this site has no kind for."""

    format: str
    items: list[Item] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unsupported: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: Pictures and sounds as they came, by the SHA-256 that ``media`` of a body names.
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """A question to be written to a file."""

    code: str
    draft: Draft


@dataclass(frozen=True, slots=True)
class File:
    """A picture or a sound that goes with the questions."""

    name: str
    content_type: str
    content: bytes


class Unsupported(Exception):
    """A question, or something in it, that this site has no kind for; the text says what."""


class BadFile(Invalid):
    """The file as a whole cannot be read; the text says why and what to do."""

    code = "bad-file"


def letters_of(indexes: Sequence[int]) -> str:
    """``[0, 2]`` as ``AC``."""
    return "".join(LETTERS[index] for index in indexes)


def indexes_of(letters: str) -> list[int] | None:
    """``A、C`` or ``ac`` as ``[0, 2]``; None when it holds anything but option letters."""
    places = sequence_of(letters)
    return None if places is None else sorted(set(places))


def sequence_of(letters: str) -> list[int] | None:
    """``C、A、B`` as ``[2, 0, 1]``, in the order written."""
    kept = [c for c in letters.upper() if c not in " ,，、;；/．.和及|→>-"]
    wide = {chr(ord(c) + 0xFEE0): c for c in LETTERS}
    plain = [wide.get(c, c) for c in kept]
    if not plain or any(c not in LETTERS for c in plain):
        return None
    return [LETTERS.index(c) for c in plain]


def decoded(data: bytes) -> str:
    """The text of an upload: UTF-8, or the encodings Chinese programs save in.

    Raises:
        BadFile: too large, empty, or not text.
    """
    if len(data) > MOST_BYTES:
        raise BadFile(_("文件太大（上限 12 MB），请分成几份。"))
    if not data.strip():
        raise BadFile(_("文件是空的。"))
    encodings = ("utf-16",) if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ()
    for encoding in (*encodings, "utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise BadFile(_("认不出文件的文字编码，请另存为 UTF-8 文本。"))
