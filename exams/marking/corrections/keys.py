"""A corrected key as people type it; plain values in and out."""

import re
from collections.abc import Mapping
from typing import Any

from exams.bank.kinds import number_of
from exams.bank.models import Kind

LETTERS = "ABCDEFGHIJ"
TYPED = (Kind.SINGLE, Kind.MULTIPLE, Kind.JUDGE, Kind.NUMERIC, Kind.FILL)


def parse_key(
    kind: str, body: Mapping[str, Any], old: Mapping[str, Any], text: str
) -> dict[str, Any] | None:
    """The key that a text means for a question; None when it means none.

    Letters for options, 对 or 错, ``37.5 ± 0.1``, or one line a blank with ``|`` between what is
    accepted.
    """
    text = text.strip()
    match kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            return _letters(text, len(body["options"]), kind == Kind.SINGLE)
        case Kind.JUDGE:
            said = {"对": True, "正确": True, "错": False, "错误": False}.get(text)
            return None if said is None else {"right": said}
        case Kind.NUMERIC:
            return _number(text)
        case Kind.FILL:
            blanks = [
                [w.strip() for w in line.split("|") if w.strip()] for line in text.split("\n")
            ]
            whole = len(blanks) == body["blanks"] and all(blanks)
            return {"blanks": blanks, "exact": bool(old.get("exact"))} if whole else None
    return None


def _letters(text: str, options: int, one: bool) -> dict[str, Any] | None:
    found = sorted({LETTERS.find(letter) for letter in re.sub(r"[\s,，、]", "", text.upper())})
    if not found or found[0] < 0 or found[-1] >= options or (one and len(found) > 1):
        return None
    return {"right": found}


def _number(text: str) -> dict[str, Any] | None:
    right, _plus, within = text.partition("±")
    numbers = number_of(right.strip()), number_of(within.strip() or "0")
    if None in numbers or (numbers[1] is not None and numbers[1] < 0):
        return None
    return {"right": str(numbers[0]), "within": str(numbers[1])}
