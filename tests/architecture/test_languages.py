"""Every text the site can show stands in English too, with the same placeholders."""

import re
from pathlib import Path

import pytest
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


@pytest.mark.parametrize("text", sorted(MESSAGES), ids=lambda t: t[:20])
def test_a_text_has_its_translation(text):
    assert ENGLISH.get(text), f"{MESSAGES[text]}: no English for {text!r}"
    assert placeholders(text) == placeholders(str(ENGLISH[text])), MESSAGES[text]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", text)) | set(re.findall(r"\{(\w+)\}", text))
