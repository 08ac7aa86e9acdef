"""Course folders on disk and as ZIP. An uploaded archive is measured before a byte is unpacked."""

import re
import stat
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError

from flask_babel import gettext as _

from lms.core.errors import Invalid

MOST_FILES = 300
LARGEST_FILE = 8 * 1024 * 1024
LARGEST_ALL = 48 * 1024 * 1024
MOST_RATIO = 200
SUFFIXES = (".yaml", ".md", ".svg", ".png", ".jpg", ".jpeg")
_LITTER = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._)")
_ENCRYPTED = 0x1


class BadArchive(Invalid):
    """The archive cannot be taken; the text names the entry and the cure."""

    code = "bad-archive"


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files of a course folder, path → bytes. Links are not followed.

    Raises:
        BadArchive: no such folder, or it holds too much.
    """
    if not folder.is_dir():
        raise BadArchive(_("没有这个文件夹：%(name)s", name=str(folder)))
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if (path.is_dir() and not path.is_symlink()) or _LITTER.search(name):
            continue
        if path.is_symlink() or not path.is_file():
            raise BadArchive(_("%(name)s 是链接，请换成文件本身。", name=name))
        size = path.stat().st_size
        total += size
        _measure(name, size, total, len(files))
        files[name] = path.read_bytes()
    return files


def read_zip(content: bytes) -> dict[str, bytes]:
    """The files of an uploaded archive, path → bytes; one outer folder is taken off.

    Raises:
        BadArchive: damaged, too large, too many files, links, escapes or unexpected files.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = [
                e for e in archive.infolist() if not e.is_dir() and not _LITTER.search(e.filename)
            ]
            _check_entries(entries)
            files: dict[str, bytes] = {}
            for entry in entries:
                with archive.open(entry) as stream:
                    data = stream.read(LARGEST_FILE + 1)
                total = sum(map(len, files.values())) + len(data)
                _measure(entry.filename, len(data), total, len(files))
                files[entry.filename] = data
    except (
        BadZipFile,
        ZlibError,
        NotImplementedError,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
    ) as error:
        raise BadArchive(_("压缩包损坏，或者不是普通的 ZIP 文件。")) from error
    return _without_outer_folder(files)


def _check_entries(entries: list[ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise BadArchive(_("压缩包里文件太多：最多 %(n)s 个。", n=MOST_FILES))
    seen: set[str] = set()
    total = 0
    for entry in entries:
        name = entry.filename
        total += entry.file_size
        _check_name(name)
        if name in seen:
            raise BadArchive(_("%(name)s 在压缩包里出现了两次。", name=name[:80]))
        seen.add(name)
        mode = entry.external_attr >> 16
        if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
            raise BadArchive(_("%(name)s 是链接，请换成文件本身。", name=name[:80]))
        if entry.flag_bits & _ENCRYPTED:
            raise BadArchive(_("压缩包加了密码，请去掉密码再上传。"))
        if (
            entry.file_size > MOST_RATIO * max(entry.compress_size, 1)
            and entry.file_size > 1_000_000
        ):
            raise BadArchive(_("%(name)s 压缩得不正常，不能打开。", name=name[:80]))
        _measure(name, entry.file_size, total, 0)


def _check_name(name: str) -> None:
    parts = name.split("/")
    if (
        name.startswith("/") or "\\" in name or ":" in name or "\0" in name
        or not name.isprintable() or any(part in {"", ".", ".."} for part in parts)
    ):  # fmt: skip
        raise BadArchive(_("文件名 %(name)s 不能用。", name=ascii(name)[:80]))
    if not name.lower().endswith(SUFFIXES):
        raise BadArchive(
            _("%(name)s 不能放在课程包里；只收 course.yaml、.md 和图片。", name=name[:80])
        )


def _measure(name: str, size: int, total: int, count: int) -> None:
    if size > LARGEST_FILE:
        raise BadArchive(_("%(name)s 太大：单个文件最多 8 MB。", name=name[:80]))
    if total > LARGEST_ALL:
        raise BadArchive(_("解开后太大：合计最多 48 MB。"))
    if count >= MOST_FILES:
        raise BadArchive(_("压缩包里文件太多：最多 %(n)s 个。", n=MOST_FILES))


def _without_outer_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    outer = {name.split("/", 1)[0] for name in files}
    if "course.yaml" in files or len(outer) != 1:
        return files
    prefix = outer.pop() + "/"
    return {name.removeprefix(prefix): data for name, data in files.items()}


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """Pack files; the same files give the same bytes."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()
