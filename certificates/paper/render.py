"""Typst turns a face into PDF or PNG; results are kept sealed under ``<instance>/rendered``."""

import json
import struct
import threading
import zlib
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import typst
from flask import current_app
from PIL import Image

from certificates.paper import bases, qr
from certificates.paper.face import TEMPLATES, Face
from certificates.paper.fonts import ensure_glyphs, fonts
from lms.core.files import write_private
from lms.core.signing import canonical
from lms.core.vault import VaultError, vault

Format = Literal["pdf", "png"]
#: archival (A-2a: all of A-2b, and tags), accessible; the stub wants its own invariant list type
STANDARDS: Any = ["a-2a", "ua-1"]
#: kinds whose paper may have several pages
LONG = frozenset({"ce"})
PPI = 144
THUMB_WIDTH, THUMB_BYTES = 180, 8 * 1024  # pixels, bytes: many stand in one list
PREVIEW_WIDTH = 440
_AFTER_HEADER = 33  # signature and IHDR of any PNG
_of_thread = threading.local()


def paper(face: Face, made_at: datetime, form: Format) -> bytes:
    """The paper for ``face``, from the shelf or freshly drawn.

    Raises:
        GlyphMissing: the font lacks a character of the face.
    """
    shelf = _shelf(face, form)
    kept = _take(shelf)
    if kept is None:
        kept = draw(face, made_at, form)
        write_private(shelf, vault().seal(kept, shelf.name))
    return kept


def draw(face: Face, made_at: datetime, form: Format) -> bytes:
    """Compile the sheet; the same face gives the same bytes.

    Raises:
        GlyphMissing: the font lacks a character of the face.
    """
    ensure_glyphs(texts_in(face.texts))
    files: Any = bases.files_for(face.look)  # the stub knows only one file
    for name, picture in face.pictures.items():
        files[f"{name}.svg"] = _wrapped(picture)
    files["qr.svg"] = qr.svg(face.texts.get("scan", face.texts["url"])).encode()
    files["main.typ"] = files[TEMPLATES[face.kind]]
    drawn = _compiler().compile(
        input=files,
        format=form,
        ppi=PPI,
        sys_inputs={"data": json.dumps(face.texts, ensure_ascii=False)},
        pdf_standards=STANDARDS if form == "pdf" else [],
        timestamp=made_at.astimezone(UTC).replace(microsecond=0),
    )
    pages = [page for page in (drawn if isinstance(drawn, list) else [drawn]) if page]
    if form == "pdf":
        return pages[0]
    if len(pages) > 1 and face.kind not in LONG:
        raise TypeError("the paper does not fit one page")
    return with_text(_one_picture(pages), "Source", face.texts["url"])


def _wrapped(picture: bytes) -> bytes:
    """A JPEG or PNG as it is, within an SVG: files handed to the compiler must be text."""
    with Image.open(BytesIO(picture)) as opened:
        width, height, media = *opened.size, Image.MIME[str(opened.format)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" '
        f'href="data:{media};base64,{b64encode(picture).decode()}"/></svg>'
    ).encode()


def _compiler() -> typst.Compiler:
    """One a thread: it keeps the font and what it learned of the sheets, and is not shared."""
    kept: typst.Compiler | None = getattr(_of_thread, "compiler", None)
    if kept is None:
        kept = typst.Compiler(font_paths=fonts(), ignore_system_fonts=True)
        _of_thread.compiler = kept
    return kept


def _one_picture(pages: list[bytes]) -> bytes:
    """The pages below each other: a phone's album shows one picture."""
    if len(pages) == 1:
        return pages[0]
    opened = [Image.open(BytesIO(page)).convert("RGB") for page in pages]
    sheet = Image.new("RGB", (opened[0].width, sum(page.height for page in opened)))
    top = 0
    for page in opened:
        sheet.paste(page, (0, top))
        top += page.height
    out = BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def preview(png: bytes, width: int = PREVIEW_WIDTH) -> bytes:
    """A small WebP of the picture, light enough for a page that opens over a weak signal."""
    with Image.open(BytesIO(png)) as picture:
        height = round(picture.height * width / picture.width)
        small = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    out = BytesIO()
    small.save(out, "WEBP", quality=50, method=6)
    return out.getvalue()


def thumbnail(png: bytes) -> bytes:
    """A WebP of at most ``THUMB_BYTES``, however rich the design."""
    with Image.open(BytesIO(png)) as picture:
        small = picture.convert("RGB")
        small.thumbnail((THUMB_WIDTH, 2 * THUMB_WIDTH), Image.Resampling.LANCZOS)
    for quality in (55, 35, 15, 1):
        out = BytesIO()
        small.save(out, "WEBP", quality=quality, method=4)
        if out.tell() <= THUMB_BYTES:
            break
    return out.getvalue()


def with_text(png: bytes, name: str, text: str) -> bytes:
    """A PNG that also says ``text`` in a tEXt chunk, so that programs need not read its QR."""
    body = b"tEXt" + name.encode("latin-1") + b"\0" + text.encode("latin-1")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_AFTER_HEADER] + chunk + png[_AFTER_HEADER:]


def texts_in(value: object) -> Iterator[str]:
    """Every text within a value of dicts and lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts_in(part)


def _shelf(face: Face, form: Format) -> Path:
    pictures = {name: sha256(content).hexdigest() for name, content in face.pictures.items()}
    drawn_from = {
        "kind": face.kind,
        "face": face.texts,
        "pictures": pictures,
        "ppi": PPI,
        "base": bases.digest(face.look.base),
    }
    name = sha256(canonical(drawn_from)).hexdigest()
    return Path(current_app.instance_path) / "rendered" / f"{name}.{form}.sealed"


def _take(shelf: Path) -> bytes | None:
    try:
        return vault().open(shelf.read_bytes(), shelf.name)
    except (FileNotFoundError, VaultError):
        return None  # not there, or spoilt: draw it again
