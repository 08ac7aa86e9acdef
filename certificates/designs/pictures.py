"""Pictures of seals, logos and signatures: hostile until decoded and written anew."""

import io
from hashlib import sha256

from flask_babel import gettext as _
from PIL import Image, ImageChops

from certificates.designs.errors import BadDesign
from lms.core.pictures import BadPicture, Why, decoded

MOST_BYTES = 3 * 1024 * 1024
MOST_PIXELS = 16_000_000
LEAST_SIDE = {"seal": 300, "logo": 80, "signature": 80}
LONGEST_SIDE = 900
_WHITE = 245  # lighter than this on all channels is the scanner's paper


def cleaned(data: bytes, role: str) -> bytes:
    """A PNG with nothing but pixels in it, paper made transparent, at most 900 pixels a side.

    Raises:
        BadDesign: too large, too small, moving, of another kind (SVG too), or damaged.
    """
    if len(data) > MOST_BYTES:
        raise BadDesign(role, _("图片太大（上限 3 MB），请换一张。"))
    least = LEAST_SIDE[role]
    try:
        picture = decoded(data, MOST_PIXELS, (least, least)).convert("RGBA")
    except BadPicture as bad:
        raise BadDesign(role, _refusal(bad.why, least)) from bad
    if picture.getchannel("A").getextrema() == (255, 255) and role != "logo":
        picture.putalpha(_ink(picture))
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    fresh = Image.new("RGBA", picture.size)
    fresh.paste(picture)
    out = io.BytesIO()
    fresh.save(out, "PNG", optimize=True)
    return out.getvalue()


def _refusal(why: Why, least: int) -> str:
    return {
        Why.DAMAGED: _("认不出这张图片，请用 PNG 或 JPG（不支持 SVG）。"),
        Why.PIXELS: _("图片的尺寸太大，请缩小后再上传。"),
        Why.SMALL: _("图片太小，短边至少 %(n)s 像素。", n=least),
        Why.MOVING: _("请上传一张静止的图片。"),
    }[why]


def _ink(picture: Image.Image) -> Image.Image:
    """Opaque where something is printed, clear where the paper shows."""
    red, green, blue, _alpha = picture.split()
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    return darkest.point([255 if value < _WHITE else 0 for value in range(256)])


def digest_of(content: bytes) -> str:
    """The name of a picture in designs."""
    return sha256(content).hexdigest()
