"""Whether a portrait serves on a certificate, judged from its pixels: plain values, no database.

No face is recognised. On a plain background a head shows as a silhouette, and where it begins,
how wide it is and whether it is in the middle can be measured; a busy background says so itself.
"""

from collections.abc import Sequence
from enum import StrEnum
from statistics import fmean, median, pstdev

from PIL import Image, ImageFilter, ImageStat

LEAST_SHARPNESS = 4.0  # spread of the Laplacian; a phone's portrait has 15 to 60
DARKEST, LIGHTEST = 60, 235  # mean grey of a usable picture
LEAST_LIGHT = 110  # mean grey of the background
MOST_RESTLESS = 26.0  # spread of the background's grey
_APART = 46  # distance in colour from the background that makes a pixel part of the person
_TOP = (0.02, 0.26)  # where the hair may begin, of the height
_WIDTH = (0.28, 0.80)  # of the head, at its widest, of the picture's
_OFF_CENTRE = 0.12
_MAP = (100, 140)


class Doubt(StrEnum):
    """What speaks against a portrait; the person may know better."""

    BLURRED = "blurred"
    LIGHT = "light"
    BACKGROUND = "background"
    HIGH = "high"
    SMALL = "small"
    LARGE = "large"
    ASIDE = "aside"


def doubts(picture: Image.Image) -> list[Doubt]:
    """What speaks against an upright 5:7 portrait, the gravest first."""
    grey = picture.convert("L")
    found: list[Doubt] = []
    laplacian = grey.filter(ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), 1, 128))
    inner = laplacian.crop((2, 2, grey.width - 2, grey.height - 2))  # the rim is not filtered
    if ImageStat.Stat(inner).stddev[0] < LEAST_SHARPNESS:
        found.append(Doubt.BLURRED)
    if not DARKEST <= ImageStat.Stat(grey).mean[0] <= LIGHTEST:
        found.append(Doubt.LIGHT)
    small = picture.convert("RGB").resize(_MAP, Image.Resampling.BOX)
    edge = _edge(small)
    greys = [fmean(pixel) for pixel in edge]
    if pstdev(greys) > MOST_RESTLESS or fmean(greys) < LEAST_LIGHT:
        return [*found, Doubt.BACKGROUND]
    return found + _placed(small, edge)


def _edge(small: Image.Image) -> list[tuple[int, ...]]:
    """The pixels of the upper corners and sides, where nothing of a person should be."""
    width, height = small.size
    outer = [x for x in range(width) if not width * 0.2 < x < width * 0.8]
    spots = [(x, y) for y in range(3) for x in outer]
    spots += [(x, y) for y in range(height // 3) for x in (0, 1, width - 2, width - 1)]
    return [_colour(small, spot) for spot in spots]


def _colour(small: Image.Image, spot: tuple[int, int]) -> tuple[int, ...]:
    value = small.getpixel(spot)
    return value if isinstance(value, tuple) else (0, 0, 0)


def _placed(small: Image.Image, edge: Sequence[tuple[int, ...]]) -> list[Doubt]:
    """Where the head stands out from the background: too high, small, large or aside."""
    width, height = small.size
    ground = [median(pixel[n] for pixel in edge) for n in range(3)]
    rows: list[tuple[int, int]] = []
    for y in range(height):
        apart = [
            x
            for x in range(width)
            if sum(abs(_colour(small, (x, y))[n] - ground[n]) for n in range(3)) > _APART
        ]
        rows.append((apart[0], apart[-1]) if len(apart) > width * 0.08 else (0, -1))
    top = next((y for y, (left, right) in enumerate(rows) if right >= left), height)
    if top > height * _TOP[1]:
        return [Doubt.SMALL]
    head = [row for row in rows[top : top + int(height * 0.35)] if row[1] >= row[0]]
    widest = max(right - left + 1 for left, right in head) / width
    middle = fmean((left + right) / 2 for left, right in head) / (width - 1)
    found = [Doubt.HIGH] if top < height * _TOP[0] else []
    if widest < _WIDTH[0]:
        found.append(Doubt.SMALL)
    elif widest > _WIDTH[1]:
        found.append(Doubt.LARGE)
    if abs(middle - 0.5) > _OFF_CENTRE:
        found.append(Doubt.ASIDE)
    return found
