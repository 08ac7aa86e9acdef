"""Every text the site can show stands in English too, with the same placeholders."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir

from lms.core.i18n import read_catalogue

ROOT = Path(__file__).parents[2]
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


def extracted() -> dict[str, str]:
    found: dict[str, str] = {}
    for package in ("lms", "courses", "exams", "certificates"):
        for name, line, message, *_ in extract_from_dir(
            str(ROOT / package), METHODS, keywords=KEYWORDS
        ):
            for text in (message,) if isinstance(message, str) else message:
                found.setdefault(text, f"{package}/{name}:{line}")
    return found


MESSAGES = extracted()
ENGLISH = {m.id: m.string for m in read_catalogue("en") if m.id}


def test_texts_were_found():
    assert len(MESSAGES) > 100


def test_every_text_has_its_translation():
    missing = [f"{where}: {text}" for text, where in MESSAGES.items() if not ENGLISH.get(text)]
    assert not missing, "\n".join(missing)


def test_a_translation_keeps_the_placeholders():
    for text, where in MESSAGES.items():
        assert placeholders(text) == placeholders(str(ENGLISH.get(text, text))), where


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", text)) | set(re.findall(r"\{(\w+)\}", text))
