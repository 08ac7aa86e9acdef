"""A picture of the proof: decoded, shrunk, written anew without metadata, encrypted."""

import io
import secrets

from flask_babel import gettext as _

from lms.core.errors import Invalid
from lms.core.pictures import BadPicture, Why, decoded
from lms.core.vault import vault

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 50_000_000
EDGE = 1600  # pixels of the longer side that are kept


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
        upright = decoded(data, MOST_PIXELS).convert("RGB")
    except BadPicture as bad:
        raise BadEvidence(_refusal(bad.why)) from bad
    upright.thumbnail((EDGE, EDGE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def _refusal(why: Why) -> str:
    if why is Why.PIXELS:
        return _("图片的尺寸太大，请缩小后再上传。")
    if why is Why.MOVING:
        return _("请上传一张静止的图片。")
    return _("认不出这张图片，请用 JPG 或 PNG 格式。")


def new_place() -> str:
    """The vault place of a new picture."""
    return f"credit.evidence:{secrets.token_hex(16)}"


def sealed(content: bytes, place: str) -> bytes:
    """The picture as it is kept."""
    return vault().seal(content, place)


def opened(kept: bytes, place: str) -> bytes:
    """The picture as it was."""
    return vault().open(kept, place)
