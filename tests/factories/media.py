"""Small pictures and sounds, made on the spot."""

import io
import struct
import wave

from mutagen.id3 import TIT2
from mutagen.mp3 import MP3
from mutagen.ogg import OggPage
from PIL import Image


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 30), **more: object) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, "#3a7").save(out, form, **more)
    return out.getvalue()


def wav(seconds: float = 1.0) -> bytes:
    """Silence at 8 kHz."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * int(8000 * seconds))
    return out.getvalue()


def mp3(frames: int = 40, title: str = "") -> bytes:
    """Empty frames of 26 ms, and a tag if asked for."""
    out = io.BytesIO((b"\xff\xfb\x90\x00" + b"\0" * 413) * frames)
    if title:
        sound = MP3(out)
        sound.add_tags()
        sound.tags.add(TIT2(encoding=3, text=[title]))
        out.seek(0)
        sound.save(out)
    return out.getvalue()


def opus() -> bytes:
    """One second of nothing in Ogg Opus."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 3) + b"me!" + struct.pack("<I", 0)
    pages = []
    for number, packet in enumerate((head, tags, b"\xfc\xff\xfe")):
        page = OggPage()
        page.serial, page.sequence, page.packets = 7, number, [packet]
        page.first, page.last = number == 0, number == 2
        page.position = 48000 if number == 2 else 0
        pages.append(page.write())
    return b"".join(pages)


def m4a(handler: bytes = b"soun") -> bytes:
    """The atoms of one second of AAC, without any sound in them."""

    def atom(name: bytes, *inside: bytes) -> bytes:
        content = b"".join(inside)
        return struct.pack(">I", 8 + len(content)) + name + content

    clock = struct.pack(">IIIII", 0, 0, 0, 1000, 1000)
    head = b"\0" * 6 + b"\0\1" + b"\0" * 8 + struct.pack(">HHHHI", 1, 16, 0, 0, 8000 << 16)
    entry = atom(b"mp4a", head, atom(b"free"))
    table = atom(b"stbl", atom(b"stsd", struct.pack(">II", 0, 1), entry))
    hdlr = atom(b"hdlr", b"\0" * 8, handler, b"\0" * 13)
    media = atom(b"mdia", atom(b"mdhd", clock, b"\0" * 4), hdlr, atom(b"minf", table))
    moov = atom(b"moov", atom(b"mvhd", clock, b"\0" * 80), atom(b"trak", media))
    return atom(b"ftyp", b"M4A \0\0\0\0M4A mp42") + moov
