"""Baked badges: a PNG that carries its credential in an iTXt chunk ``openbadgecredential``."""

import struct
import zlib
from collections.abc import Iterator

KEYWORD = b"openbadgecredential"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_BEHIND_KEYWORD = b"\0" * 5  # end of keyword, not compressed, no language, no translated keyword
_MARK = KEYWORD + _BEHIND_KEYWORD


def bake(png: bytes, credential: str) -> bytes:
    """The picture with the credential before its end; one that was there is replaced."""
    bare = unbaked(png)
    body = b"iTXt" + _MARK + credential.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    end = bare.rindex(b"IEND") - 4
    return bare[:end] + chunk + bare[end:]


def baked(png: bytes) -> str | None:
    """The credential in a picture; None if there is none, or more than one."""
    found = [data for kind, data, _start, _end in _chunks(png) if _is_credential(kind, data)]
    try:
        return found[0][len(_MARK) :].decode() if len(found) == 1 else None
    except UnicodeDecodeError:
        return None


def unbaked(png: bytes) -> bytes:
    """The picture without any credential."""
    bare = png
    for kind, data, start, end in reversed(list(_chunks(png))):
        if _is_credential(kind, data):
            bare = bare[:start] + bare[end:]
    return bare


def _is_credential(kind: bytes, data: bytes) -> bool:
    return kind == b"iTXt" and data.startswith(_MARK)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes, int, int]]:
    """Type, data, first and last place of each whole chunk; stops where the file is damaged."""
    place = len(_SIGNATURE) if png.startswith(_SIGNATURE) else len(png)
    while place + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, place)
        end = place + 12 + length
        if end > len(png):
            return
        (crc,) = struct.unpack_from(">I", png, end - 4)
        if zlib.crc32(png[place + 4 : end - 4]) != crc:
            return
        yield png[place + 4 : place + 8], png[place + 8 : end - 4], place, end
        place = end
