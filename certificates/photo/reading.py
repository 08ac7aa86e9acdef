"""From a photo of a paper to the code in its QR. Nothing of the photo is kept."""

import re
from threading import BoundedSemaphore
from urllib.parse import urlsplit

import zxingcpp
from flask_babel import gettext as _
from PIL import Image

from certificates.rules import normal_code
from lms.core.errors import Invalid
from lms.core.pictures import BadPicture, Why, decoded

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 30_000_000
#: longest sides at which a code is looked for, in pixels: what is large first, then what is fine
_SIDES = (1200, 2800)
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
#: So many pictures are unpacked at once in a process: each may take a hundred megabytes, and
#: anybody may send one.
_AT_ONCE = BoundedSemaphore(2)
_PATH = re.compile(r"/v/([0-9a-z]{26})/?", re.IGNORECASE)


class NoCode(Invalid):
    """Nothing in the picture leads to a certificate of this site."""

    code = "no-code"


def code_in(data: bytes, host: str) -> str:
    """The check code of the certificate whose QR is in a picture; ``host`` is this site's.

    Raises:
        NoCode: too large, no picture, no QR in it, or one that leads elsewhere.
    """
    if len(data) > MOST_BYTES:
        raise NoCode(_("照片太大（上限 8 MB），请换一张。"))
    with _AT_ONCE:
        texts = _texts(_grey(data))
    if not texts:
        raise NoCode(
            _("照片里没有找到二维码。请把二维码拍满大半个画面，拍清楚、不反光，再试一次。")
        )
    codes = [code for text in texts if (code := _code(text, host))]
    if not codes:
        raise NoCode(_("这不是本平台的证书二维码。"))
    return codes[0]


def _grey(data: bytes) -> Image.Image:
    try:
        return decoded(data, MOST_PIXELS).convert("L")
    except BadPicture as bad:
        raise NoCode(_refusal(bad.why)) from bad


def _texts(picture: Image.Image) -> list[str]:
    for side in _SIDES:
        smaller = picture.copy()
        smaller.thumbnail((side, side), Image.Resampling.BILINEAR)
        found = zxingcpp.read_barcodes(smaller, formats=_QR)
        texts = [one.text for one in found if one.text]
        if texts:
            return texts
        if max(picture.size) <= side:
            break
    return []


def _code(text: str, host: str) -> str | None:
    try:
        address = urlsplit(text)
    except ValueError:
        return None
    found = _PATH.fullmatch(address.path)
    return normal_code(found[1]) if found and address.netloc.lower() == host.lower() else None


def _refusal(why: Why) -> str:
    if why is Why.PIXELS:
        return _("照片的尺寸太大，请缩小后再上传。")
    return _("认不出这张照片，请用 JPG 或 PNG 格式。")
