"""A picture of the proof: decoded, shrunk, written anew without metadata, encrypted."""

import io
import secrets
import warnings

from flask_babel import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from lms.core.errors import Invalid
from lms.core.vault import vault

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 50_000_000
EDGE = 1600  # pixels of the longer side that are kept
FORMATS = ("JPEG", "PNG", "WEBP")


class BadEvidence(Invalid):
    """The picture cannot be used."""

    code = "bad-evidence"


def clean(data: bytes) -> bytes:
    """A JPEG of what was uploaded, at most 1,600 pixels long, with nothing but pixels in it.

    Raises:
        BadEvidence: too large, another kind of file, or damaged.
    """
    if len(data) > MOST_BYTES:
        raise BadEvidence(_("图片太大（上限 8 MB），请换一张。"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            if picture.width * picture.height > MOST_PIXELS:
                raise BadEvidence(_("图片的尺寸太大，请缩小后再上传。"))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, OverflowError,
            Image.DecompressionBombError, Image.DecompressionBombWarning) as error:  # fmt: skip
        raise BadEvidence(_("认不出这张图片，请用 JPG 或 PNG 格式。")) from error
    upright.thumbnail((EDGE, EDGE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def new_place() -> str:
    """The vault place of a new picture."""
    return f"credit.evidence:{secrets.token_hex(16)}"


def sealed(content: bytes, place: str) -> bytes:
    """The picture as it is kept."""
    return vault().seal(content, place)


def opened(kept: bytes, place: str) -> bytes:
    """The picture as it was."""
    return vault().open(kept, place)
