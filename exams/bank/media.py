"""Pictures and sounds are hostile until proven otherwise; plain bytes in and out.

A picture is decoded and encoded again, so that nothing but pixels is left of it. A sound is known
by its content, never by its name, must be playable from end to end, and loses its tags.
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any

from flask_babel import gettext as _
from mutagen import MutagenError
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE
from PIL import Image

from lms.core.errors import Invalid
from lms.core.pictures import BadPicture, Why, decoded

LARGEST = 10 * 1024 * 1024
LARGEST_PICTURE = 6 * 1024 * 1024
MOST_PIXELS = 16_000_000
WIDEST = 1280
LONGEST_SECONDS = 300
#: How a kept file is named and sent, by content type.
ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
}
_VIDEO = re.compile(rb"hdlr.{8}vide", re.DOTALL)


class BadMedia(Invalid):
    """The file cannot be used; the text says why and what to do."""

    code = "bad-media"


@dataclass(frozen=True, slots=True)
class Checked:
    """A picture or a sound that may be kept. ``duration`` is in milliseconds."""

    kind: str
    content_type: str
    content: bytes
    width: int = 0
    height: int = 0
    duration: int = 0

    @property
    def digest(self) -> str:
        """SHA-256 of what is kept: its name."""
        return sha256(self.content).hexdigest()


def checked(data: bytes) -> Checked:
    """What may be kept of an upload.

    Raises:
        BadMedia: too large, damaged, too long, or neither a picture nor a sound we take.
    """
    if len(data) > LARGEST:
        raise BadMedia(_("文件太大：录音最多 10 MB，图片最多 6 MB。"))
    if data[:3] == b"\xff\xd8\xff" or data[:8] == b"\x89PNG\r\n\x1a\n" or _is_webp(data):
        return _picture(data)
    return _sound(data)


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _picture(data: bytes) -> Checked:
    if len(data) > LARGEST_PICTURE:
        raise BadMedia(_("文件太大：录音最多 10 MB，图片最多 6 MB。"))
    try:
        upright = decoded(data, MOST_PIXELS)
    except BadPicture as bad:
        raise BadMedia(_refusal(bad.why)) from bad
    return _encoded(upright, "A" in upright.getbands() or upright.format == "PNG")


def _refusal(why: Why) -> str:
    if why is Why.PIXELS:
        return _("图片尺寸太大，最多 1600 万像素，请缩小后再上传。")
    if why is Why.MOVING:
        return _("请上传静止的图片。")
    return _("图片损坏，请另存为 JPG 或 PNG 再上传。")


def _encoded(image: Image.Image, drawn: bool) -> Checked:
    plain = image.convert("RGBA" if "A" in image.getbands() else "RGB")
    plain.thumbnail((WIDEST, WIDEST))
    plain.info.clear()
    out = BytesIO()
    if drawn:
        plain.save(out, "PNG", optimize=True)
        return Checked("picture", "image/png", out.getvalue(), *plain.size)
    plain.save(out, "JPEG", quality=82, optimize=True)
    return Checked("picture", "image/jpeg", out.getvalue(), *plain.size)


def _sound(data: bytes) -> Checked:
    content_type, opening = _opening(data)
    held = BytesIO(data)
    try:
        sound = opening(held)
        seconds = float(sound.info.length)
        if getattr(sound.info, "sketchy", False):
            raise BadMedia(_("录音损坏，请重新录制或转换后再上传。"))
        if not 0.1 <= seconds <= LONGEST_SECONDS:
            raise BadMedia(_("录音长度应在 0.1 秒到 %(n)s 分钟之间。", n=LONGEST_SECONDS // 60))
        held.seek(0)
        sound.delete(held)
    except (MutagenError, OSError, ValueError, EOFError, OverflowError, KeyError, IndexError,
            TypeError, AttributeError, MemoryError, ArithmeticError, RecursionError,
            struct.error) as error:  # fmt: skip
        raise BadMedia(_("录音损坏，请重新录制或转换后再上传。")) from error
    return Checked("audio", content_type, held.getvalue(), duration=round(seconds * 1000))


def _opening(data: bytes) -> tuple[str, Callable[[BytesIO], Any]]:
    """The content type of a sound by its first bytes, and what reads it."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "audio/wav", WAVE
    if data[:4] == b"OggS":
        return "audio/ogg", OggOpus if b"OpusHead" in data[:100] else OggVorbis
    if data[4:8] == b"ftyp" and not _VIDEO.search(data):
        return "audio/mp4", MP4
    if data[:3] == b"ID3" or (data[:1] == b"\xff" and data[1:2] and data[1] & 0xE0 == 0xE0):
        return "audio/mpeg", MP3
    raise BadMedia(_("只收图片（JPG、PNG、WEBP）和录音（MP3、M4A、OGG、WAV）。"))
