"""Bitstring Status List: one bit for each place, packed so small that everybody fetches them all.

Who asks for a list does not say whose certificate it looks at.
"""

import gzip
import zlib
from collections.abc import Iterable

from certificates.badges.strict import Refused, b64, from_b64

ENTRIES = 131_072  # the specification's least: 16 KiB, so that one is hidden among many
_MOST = 1024 * 1024  # bytes of an unpacked list from elsewhere


def encode(places: Iterable[int]) -> str:
    """The list in which these places, and no others, are set; place 0 is the leftmost bit."""
    bits = bytearray(ENTRIES // 8)
    for place in places:
        bits[place // 8] |= 0x80 >> place % 8
    return "u" + b64(gzip.compress(bytes(bits), mtime=0))


def decode(text: str) -> bytes:
    """The bytes of a list. Raises Refused."""
    if not text.startswith("u"):
        raise Refused("not a status list")
    reader = zlib.decompressobj(wbits=31)
    try:
        bits = reader.decompress(from_b64(text[1:]), _MOST + 1)
    except zlib.error as error:
        raise Refused("not a status list") from error
    if not reader.eof or reader.unused_data or not ENTRIES // 8 <= len(bits) <= _MOST:
        raise Refused("not a status list")
    return bits


def is_set(bits: bytes, place: int) -> bool:
    """True if the bit of ``place`` is set. Raises Refused beyond the end."""
    if not 0 <= place < len(bits) * 8:
        raise Refused("no such place in the status list")
    return bool(bits[place // 8] & (0x80 >> place % 8))
