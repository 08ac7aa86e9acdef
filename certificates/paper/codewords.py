"""The codewords of a QR symbol (ISO/IEC 18004): the same as the library's, many times faster.

The library puts bit after bit into lists and divides polynomials object by object, three times to
find the smallest symbol. Here the bits are one integer, and a division step one shift.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qrcode import base, util
from qrcode.exceptions import DataOverflowError

_PADS = (0xEC, 0x11)
_LARGEST = 40


class _Bits:
    """What the library's parts write themselves into."""

    def __init__(self) -> None:
        self.value, self.length = 0, 0

    def put(self, number: int, length: int) -> None:
        self.value = self.value << length | number
        self.length += length


@dataclass(frozen=True, slots=True)
class Part:
    """Characters in one of the modes; ``count`` of them, as ``length`` bits in ``value``."""

    mode: int
    count: int
    value: int
    length: int


def parts_of(text: str, shortest: int) -> list[Part]:
    """The text in the modes that need the fewest bits, none shorter than ``shortest``."""
    made = []
    for chunk in util.optimal_data_chunks(text, minimum=shortest):
        bits = _Bits()
        chunk.write(bits)  # type: ignore[arg-type]
        made.append(Part(chunk.mode, len(chunk), bits.value, bits.length))
    return made


def _count_bits(mode: int, version: int) -> int:
    """How long the count before characters in this mode is."""
    sizes: Mapping[int, int] = util.mode_sizes_for_version(version)  # type: ignore[assignment]
    return sizes[mode]


def smallest(parts: Sequence[Part], level: int) -> int:
    """The smallest version that holds them at a level. Raises DataOverflowError for none."""
    for version in range(1, _LARGEST + 1):
        bits = sum(4 + _count_bits(part.mode, version) + part.length for part in parts)
        if bits <= util.BIT_LIMIT_TABLE[level][version]:
            return version
    raise DataOverflowError


def codewords(parts: Sequence[Part], version: int, level: int) -> list[int]:
    """What a symbol is filled with: data and correction of all blocks, interleaved."""
    blocks = base.rs_blocks(version, level)
    data = _padded(parts, version, sum(block.data_count for block in blocks))
    rows, corrections, start = [], [], 0
    for block in blocks:
        row = data[start : start + block.data_count]
        start += block.data_count
        rows.append(row)
        corrections.append(_correction(row, block.total_count - block.data_count))
    return [*_interleaved(rows), *_interleaved(corrections)]


def _padded(parts: Sequence[Part], version: int, room: int) -> bytes:
    """The bits with mode and count before each part, filled up to ``room`` bytes."""
    bits = _Bits()
    for part in parts:
        bits.put(part.mode, 4)
        bits.put(part.count, _count_bits(part.mode, version))
        bits.put(part.value, part.length)
    bits.put(0, min(4, 8 * room - bits.length))
    bits.put(0, -bits.length % 8)
    used = bits.value.to_bytes(bits.length // 8, "big")
    return used + bytes(_PADS[place % 2] for place in range(room - len(used)))


def _interleaved(rows: Sequence[bytes]) -> list[int]:
    longest = max(map(len, rows))
    return [row[place] for place in range(longest) for row in rows if place < len(row)]


def _correction(data: bytes, count: int) -> bytes:
    """The Reed-Solomon bytes of a block: the remainder of its division by the generator."""
    table, shift = _multiples(count), 8 * (count - 1)
    rest, mask = 0, (1 << 8 * count) - 1
    for byte in data:
        rest = (rest << 8 & mask) ^ table[byte ^ rest >> shift]
    return rest.to_bytes(count, "big")


@lru_cache(maxsize=64)
def _multiples(count: int) -> list[int]:
    """The generator of degree ``count``, without its leading one, times every byte."""
    factors = [1]
    for power in range(count):
        root = base.gexp(power)
        longer = [*factors, 0]
        for place, factor in enumerate(factors):
            longer[place + 1] ^= _times(factor, root)
        factors = longer
    rows = (bytes(_times(byte, factor) for factor in factors[1:]) for byte in range(256))
    return [int.from_bytes(row, "big") for row in rows]


def _times(one: int, other: int) -> int:
    """The product in the field of 256 elements."""
    if not one or not other:
        return 0
    product: int = base.gexp(base.glog(one) + base.glog(other))
    return product
