"""The QR on the paper: one ASCII address as a single SVG path.

A bare address is short enough for level H. One that carries the signed fact is printed at level M,
or better where that costs no larger symbol.
"""

from collections.abc import Sequence
from typing import Any

import qrcode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_M, ERROR_CORRECT_Q

from certificates.paper.codewords import Part, codewords, parts_of, smallest

QUIET = 4
_MASK = 3  # choosing the best of eight masks costs ten times the drawing and gains nothing here
_SHORTEST_CHUNK = 20  # the 26-character code packs as upper-case alphanumerics, the rest as bytes


def matrix(text: str) -> list[list[bool]]:
    """The modules of the symbol, without the quiet zone. Raises ValueError unless ASCII."""
    if not text.isascii():
        raise ValueError("a QR payload is ASCII: some readers misread anything else")
    parts = parts_of(text, _SHORTEST_CHUNK)
    level = ERROR_CORRECT_H if "#" not in text else _best_level(parts)
    version = smallest(parts, level)
    symbol: qrcode.QRCode[Any] = qrcode.QRCode(
        version=version, error_correction=level, border=0, mask_pattern=_MASK
    )
    symbol.data_cache = codewords(parts, version, level)
    symbol.makeImpl(False, _MASK)
    return [[bool(dark) for dark in row] for row in symbol.modules]


def _best_level(parts: Sequence[Part]) -> int:
    """M, or better where that costs no larger symbol."""
    least = smallest(parts, ERROR_CORRECT_M)
    better = (
        level for level in (ERROR_CORRECT_H, ERROR_CORRECT_Q) if smallest(parts, level) == least
    )
    return next(better, ERROR_CORRECT_M)


def svg(text: str) -> str:
    """The symbol with its quiet zone."""
    rows = matrix(text)
    side = len(rows) + 2 * QUIET
    path = "".join(
        f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for x, length in _runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{path}"/></svg>'
    )


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """(start, length) of each run of dark modules."""
    runs: list[tuple[int, int]] = []
    start = None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            runs.append((start, x - start))
            start = None
    return runs
