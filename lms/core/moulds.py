"""Documents that are the same for everybody but in a few places, compressed once.

A deflate stream is a row of blocks, so the fixed parts are compressed beforehand and what differs
goes between them as it is: sending such a page costs a checksum instead of a compression.
"""

import re
import zlib
from collections.abc import Mapping

_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
_END = b"\x03\x00"  # a last block with nothing in it
LEVEL = 9


class Mould:
    """A text with holes. ``holes`` maps what stands in the text now to the name of its hole."""

    def __init__(self, text: str, holes: Mapping[str, str]) -> None:
        self._plain: list[bytes] = []
        self._packed: list[bytes] = []
        self._holes: list[str] = []
        for number, part in enumerate(re.split(f"({'|'.join(map(re.escape, holes))})", text)):
            if number % 2:
                self._holes.append(holes[part])
            else:
                self._plain.append(part.encode())
                self._packed.append(_blocks(part.encode()))

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return sum(map(len, self._plain)) + sum(map(len, self._packed))

    def filled(self, values: Mapping[str, bytes]) -> bytes:
        """The document with its holes filled."""
        return _between(self._plain, [values[name] for name in self._holes])

    def packed(self, values: Mapping[str, bytes]) -> bytes:
        """The same as a gzip file. A value is at most 65,535 bytes."""
        plain = self.filled(values)
        body = _between(self._packed, [_stored(values[name]) for name in self._holes])
        length = len(plain) & 0xFFFFFFFF
        tail = zlib.crc32(plain).to_bytes(4, "little") + length.to_bytes(4, "little")
        return _HEAD + body + _END + tail


def _between(fixed: list[bytes], given: list[bytes]) -> bytes:
    parts = [fixed[0]]
    for value, after in zip(given, fixed[1:], strict=True):
        parts += (value, after)
    return b"".join(parts)


def _blocks(part: bytes) -> bytes:
    """Whole blocks that end on a byte and look back at nothing before them."""
    packing = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packing.compress(part) + packing.flush(zlib.Z_FULL_FLUSH)


def _stored(value: bytes) -> bytes:
    """A block that holds bytes as they are."""
    length = len(value)
    return b"\0" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little") + value
