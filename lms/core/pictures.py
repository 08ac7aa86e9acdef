"""Pictures from outside are hostile until decoded: one way in for all of them.

What comes out is upright pixels; callers encode them anew, so that nothing else of the file is
kept, and say in their own words why one was refused.
"""

import io
import struct
import warnings
from enum import StrEnum

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP")


class Why(StrEnum):
    """Why a picture was refused."""

    DAMAGED = "damaged"  # or of another kind
    PIXELS = "pixels"
    SMALL = "small"
    MOVING = "moving"


class BadPicture(Exception):
    """A file that cannot be used as a picture."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def decoded(
    data: bytes,
    most_pixels: int,
    least: tuple[int, int] = (1, 1),
    formats: tuple[str, ...] = FORMATS,
) -> Image.Image:
    """The picture, upright; decoded only after its announced size was found sensible.

    ``least`` is the least width and height as the file announces them. ``format`` of the result
    says what the file was.

    Raises:
        BadPicture: of another kind, damaged, too many or too few pixels, more than one frame.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=formats)
            _ensure_sensible(picture, most_pixels, least)
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            upright.format = picture.format
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, OverflowError,
            TypeError, struct.error,  # of a forged EXIF
            Image.DecompressionBombError, Image.DecompressionBombWarning) as error:  # fmt: skip
        raise BadPicture(Why.DAMAGED) from error
    return upright


def _ensure_sensible(picture: Image.Image, most_pixels: int, least: tuple[int, int]) -> None:
    width, height = picture.size
    if width * height > most_pixels:
        raise BadPicture(Why.PIXELS)
    if width < least[0] or height < least[1]:
        raise BadPicture(Why.SMALL)
    if getattr(picture, "n_frames", 1) > 1:
        raise BadPicture(Why.MOVING)
