"""Posts (岗位) as the rule ``people.posts`` lists them, and what people write instead."""

import re
import unicodedata
from datetime import date, datetime

from lms.core.i18n import chosen_locale
from lms.core.rules import rule_on


def post_labels(on: date, as_known_at: datetime | None = None) -> dict[str, str]:
    """Code → name of every post in the language of the request; one statement."""
    posts = rule_on("people.posts", on, as_known_at).value["posts"]
    locale = chosen_locale()
    return {code: names.get(locale) or names["zh"] for code, names in posts.items()}


def post_codes(on: date) -> dict[str, str]:
    """Normalised name or synonym → post code, on a day."""
    codes: dict[str, str] = {}
    for code, post in rule_on("people.posts", on).value["posts"].items():
        for name in (post["zh"], post["en"], code, *post.get("synonyms", ())):
            codes.setdefault(normal(name), code)
    return codes


def normal(text: str) -> str:
    """Text without blanks, width and case differences, for comparing what people typed."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
