"""Pictures of seals, logos and signatures: hostile until decoded and written anew."""

import io
import warnings
from hashlib import sha256

from flask_babel import gettext as _
from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

from certificates.designs.errors import BadDesign

MOST_BYTES = 3 * 1024 * 1024
MOST_PIXELS = 16_000_000
LEAST_SIDE = {"seal": 300, "logo": 80, "signature": 80}
LONGEST_SIDE = 900
FORMATS = ("PNG", "JPEG", "WEBP")
_WHITE = 245  # lighter than this on all channels is the scanner's paper


def cleaned(data: bytes, role: str) -> bytes:
    """A PNG with nothing but pixels in it, paper made transparent, at most 900 pixels a side.

    Raises:
        BadDesign: too large, too small, moving, of another kind (SVG too), or damaged.
    """
    if len(data) > MOST_BYTES:
        raise BadDesign(role, _("图片太大（上限 3 MB），请换一张。"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = _decoded(data, role)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, OverflowError,
            Image.DecompressionBombError, Image.DecompressionBombWarning) as error:  # fmt: skip
        raise BadDesign(role, _("认不出这张图片，请用 PNG 或 JPG（不支持 SVG）。")) from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    fresh = Image.new("RGBA", picture.size)
    fresh.paste(picture)
    out = io.BytesIO()
    fresh.save(out, "PNG", optimize=True)
    return out.getvalue()


def _decoded(data: bytes, role: str) -> Image.Image:
    """The picture as RGBA, decoded only after its announced size was found sensible."""
    opened = Image.open(io.BytesIO(data), formats=FORMATS)
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise BadDesign(role, _("图片的尺寸太大，请缩小后再上传。"))
    if min(width, height) < LEAST_SIDE[role]:
        raise BadDesign(role, _("图片太小，短边至少 %(n)s 像素。", n=LEAST_SIDE[role]))
    if getattr(opened, "n_frames", 1) > 1:
        raise BadDesign(role, _("请上传一张静止的图片。"))
    opened.load()
    picture = ImageOps.exif_transpose(opened).convert("RGBA")
    if picture.getchannel("A").getextrema() == (255, 255) and role != "logo":
        picture.putalpha(_ink(picture))
    return picture


def _ink(picture: Image.Image) -> Image.Image:
    """Opaque where something is printed, clear where the paper shows."""
    red, green, blue, _alpha = picture.split()
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    return darkest.point([255 if value < _WHITE else 0 for value in range(256)])


def digest_of(content: bytes) -> str:
    """The name of a picture in designs."""
    return sha256(content).hexdigest()
