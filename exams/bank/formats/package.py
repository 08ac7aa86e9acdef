"""A ZIP from people we do not know: measured before a byte of it is unpacked, then read piece by
piece. Nothing is ever written to disk; links, escapes, archives in archives are refused."""

import io
import stat
import zipfile
import zlib

from flask_babel import gettext as _

from exams.bank.formats.items import BadFile

MOST_ENTRIES = 25_000
LARGEST_ENTRY = 12 * 1024 * 1024
MOST_UNPACKED = 160 * 1024 * 1024
MOST_RATIO = 200
#: Small files may be packed as tightly as they like.
_FREE = 256 * 1024
_LONGEST_NAME = 300
_ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".tar", ".jar", ".imscc")
_ENCRYPTED = 0x1
_BROKEN = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError,
    ValueError, OverflowError,
)  # fmt: skip


class Package:
    """The files of an archive, by path."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            entries = [entry for entry in self._archive.infolist() if not entry.is_dir()]
        except _BROKEN as error:
            raise _damaged() from error
        if len(entries) > MOST_ENTRIES:
            raise BadFile(_("压缩包里文件太多：最多 %(n)s 个。", n=MOST_ENTRIES))
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._unpacked = 0
        seen: set[str] = set()
        for entry in entries:
            _check(entry)
            if entry.filename.casefold() in seen:
                raise BadFile(_("%(name)s 在压缩包里出现了两次。", name=entry.filename[:80]))
            seen.add(entry.filename.casefold())
            self._entries[entry.filename] = entry
        if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise _bomb()

    @property
    def names(self) -> list[str]:
        """Paths in the order of the archive."""
        return list(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        """One file. Headers may lie, so what is unpacked is counted.

        Raises:
            BadFile: damaged, or too much altogether.
        """
        try:
            with self._archive.open(self._entries[name]) as stream:
                content = stream.read(LARGEST_ENTRY + 1)
        except _BROKEN as error:
            raise _damaged() from error
        self._unpacked += len(content)
        if len(content) > LARGEST_ENTRY or self._unpacked > MOST_UNPACKED:
            raise _bomb()
        if content[:4] == b"PK\x03\x04":
            raise _nested(name)
        return content


def _check(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if (
        name.startswith("/") or "\\" in name or ":" in name or "\0" in name
        or not name.isprintable() or len(name) > _LONGEST_NAME
        or any(part in {"", ".", ".."} for part in name.split("/"))
    ):  # fmt: skip
        raise BadFile(_("文件名 %(name)s 不能用。", name=ascii(name)[:80]))
    mode = entry.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise BadFile(_("%(name)s 是链接，请换成文件本身。", name=name[:80]))
    if entry.flag_bits & _ENCRYPTED:
        raise BadFile(_("压缩包加了密码，请去掉密码再上传。"))
    if name.lower().endswith(_ARCHIVES):
        raise _nested(name)
    packed = max(entry.compress_size, 1)
    if entry.file_size > LARGEST_ENTRY or (
        entry.file_size > _FREE and entry.file_size > MOST_RATIO * packed
    ):
        raise BadFile(_("%(name)s 太大或压缩得不正常，不能打开。", name=name[:80]))


def _damaged() -> BadFile:
    return BadFile(_("压缩包损坏，或者不是普通的 ZIP 文件。"))


def _bomb() -> BadFile:
    return BadFile(
        _("解开后太大：合计最多 %(n)s MB，请分成几份。", n=MOST_UNPACKED // 1024 // 1024)
    )


def _nested(name: str) -> BadFile:
    return BadFile(_("压缩包里还有压缩包（%(name)s），请解开后分别导入。", name=name[:80]))
