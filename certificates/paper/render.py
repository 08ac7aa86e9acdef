"""Typst turns a face into PDF or PNG; results are kept sealed under ``<instance>/rendered``."""

import json
import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import typst
from flask import current_app
from PIL import Image

from certificates.paper import qr
from certificates.paper.face import TEMPLATES
from certificates.paper.fonts import ensure_glyphs, fonts
from lms.core.files import write_private
from lms.core.signing import canonical
from lms.core.vault import VaultError, vault

Format = Literal["pdf", "png"]
_HERE = Path(__file__).parent
#: archival, tagged, accessible; the stub wants its own invariant list type
_STANDARDS: Any = ["a-2a", "ua-1"]
#: kinds whose paper may have several pages
LONG = frozenset({"ce"})
PPI = 144
PREVIEW_WIDTH = 440
_AFTER_HEADER = 33  # signature and IHDR of any PNG


def paper(kind: str, face: dict[str, Any], made_at: datetime, form: Format) -> bytes:
    """The paper for ``face``, from the shelf or freshly drawn.

    Raises:
        GlyphMissing: the font lacks a character of the face.
    """
    shelf = _shelf(kind, face, form)
    kept = _take(shelf)
    if kept is None:
        kept = draw(kind, face, made_at, form)
        write_private(shelf, vault().seal(kept, shelf.name))
    return kept


def draw(kind: str, face: dict[str, Any], made_at: datetime, form: Format) -> bytes:
    """Compile the template; the same face gives the same bytes.

    Raises:
        GlyphMissing: the font lacks a character of the face.
    """
    ensure_glyphs(_texts(face))
    data = json.dumps(face | {"qr": qr.svg(face.get("scan", face["url"]))}, ensure_ascii=False)
    compiler = typst.Compiler(font_paths=fonts(), ignore_system_fonts=True, root=str(_HERE))
    drawn = compiler.compile(
        input=str(_HERE / TEMPLATES[kind]),
        format=form,
        ppi=PPI,
        sys_inputs={"data": data},
        pdf_standards=_STANDARDS if form == "pdf" else [],
        timestamp=made_at.astimezone(UTC).replace(microsecond=0),
    )
    if form == "pdf" and isinstance(drawn, bytes):
        return drawn
    pages = [page for page in (drawn if isinstance(drawn, list) else [drawn]) if page]
    if len(pages) > 1 and kind not in LONG:
        raise TypeError("the paper does not fit one page")
    return with_text(_one_picture(pages), "Source", face["url"])


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


def preview(png: bytes) -> bytes:
    """A small WebP of the picture, light enough for a page that opens over a weak signal."""
    with Image.open(BytesIO(png)) as picture:
        height = round(picture.height * PREVIEW_WIDTH / picture.width)
        small = picture.convert("RGB").resize((PREVIEW_WIDTH, height), Image.Resampling.LANCZOS)
    out = BytesIO()
    small.save(out, "WEBP", quality=50, method=6)
    return out.getvalue()


def with_text(png: bytes, name: str, text: str) -> bytes:
    """A PNG that also says ``text`` in a tEXt chunk, so that programs need not read its QR."""
    body = b"tEXt" + name.encode("latin-1") + b"\0" + text.encode("latin-1")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_AFTER_HEADER] + chunk + png[_AFTER_HEADER:]


def _texts(face: object) -> Iterator[str]:
    if isinstance(face, str):
        yield face
    elif isinstance(face, dict):
        for value in face.values():
            yield from _texts(value)
    elif isinstance(face, list | tuple):
        for value in face:
            yield from _texts(value)


@cache
def _template_digest() -> str:
    """Changes when a template changes, so that the shelf never serves an old design."""
    parts = sorted(_HERE.glob("*.typ")) + sorted(_HERE.glob("*.svg"))
    return sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


def _shelf(kind: str, face: dict[str, Any], form: Format) -> Path:
    name = sha256(canonical({"kind": kind, "face": face, "ppi": PPI, "at": _template_digest()}))
    return Path(current_app.instance_path) / "rendered" / f"{name.hexdigest()}.{form}.sealed"


def _take(shelf: Path) -> bytes | None:
    try:
        return vault().open(shelf.read_bytes(), shelf.name)
    except (FileNotFoundError, VaultError):
        return None  # not there, or spoilt: draw it again
