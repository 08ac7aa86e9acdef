"""The one font on the paper: Noto Sans SC, carried by a package, never taken from the system."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

from certificates.errors import GlyphMissing

_FAMILY = "fonts/ofl/notosanssc"


def font_folder() -> Path:
    """Where the font's package keeps it."""
    return Path(str(files("justmytype_intl_cjk").joinpath(_FAMILY)))


@cache
def fonts() -> typst.Fonts:
    """The font, read once a process."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(font_folder())],
    )


_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs without a drawing


def _shows_nothing(char: str) -> bool:
    """True for controls, invisible joiners, private use, unassigned and blank letters."""
    return unicodedata.category(char).startswith("C") or char in _BLANKS


@cache
def known_characters() -> frozenset[int]:
    """Every character the font has a drawing for."""
    path = next(font_folder().glob("*.ttf"))
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())


def ensure_glyphs(texts: Iterable[str]) -> None:
    """Raise GlyphMissing naming every character the font cannot draw, or would draw as nothing."""
    wanted = {char for text in texts for char in text}
    missing = sorted(
        char for char in wanted if ord(char) not in known_characters() or _shows_nothing(char)
    )
    if missing:
        raise GlyphMissing("".join(missing))
