"""Names of tiles as in C2SP ``tlog-tiles``; plain values in and out."""

import re
from dataclasses import dataclass

WIDTH = 256
_NAME = re.compile(r"(?P<high>(?:x\d{3}/)*)(?P<low>\d{3})(?:\.p/(?P<width>\d{1,3}))?")


@dataclass(frozen=True, slots=True)
class Named:
    """Tile number so and so, with so many of its 256 places filled."""

    number: int
    width: int = WIDTH


def named(name: str) -> Named | None:
    """Read ``x001/x234/067`` or ``067.p/12``; None for anything else."""
    found = _NAME.fullmatch(name)
    if found is None or len(name) > 40:
        return None
    number = int(found["high"].replace("x", "").replace("/", "") + found["low"])
    width = int(found["width"]) if found["width"] else WIDTH
    partial = found["width"] is not None
    if name_of(Named(number, width)) != name or (partial and not 0 < width < WIDTH):
        return None
    return Named(number, width)


def name_of(tile: Named) -> str:
    """The name of a tile."""
    digits = f"{tile.number:d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[n : n + 3] for n in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return path if tile.width == WIDTH else f"{path}.p/{tile.width}"


def is_there(level: int, tile: Named, size: int) -> bool:
    """True if a tree of ``size`` leaves fills the tile that far."""
    filled = size >> (8 * level)
    return tile.number * WIDTH + tile.width <= filled
