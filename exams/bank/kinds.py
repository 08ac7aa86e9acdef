"""The ten kinds of question: the shape of each one's body and key; plain values only.

``body`` is what a candidate may see, ``key`` what she may not (see ``models``). What has an order
that the key speaks of is kept in a neutral order, by hash, so that the body betrays nothing.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any
from unicodedata import category, normalize

from exams.bank.models import Kind

#: Kinds that the automatic rules can mark; people mark the others.
AUTOMATIC = frozenset(Kind) - {Kind.SHORT, Kind.ESSAY}
#: Kinds that stand alone: a case is made of these.
SIMPLE = tuple(kind for kind in Kind if kind != Kind.CASE)
CHOICES = frozenset({Kind.SINGLE, Kind.MULTIPLE})

MOST_OPTIONS = MOST_BLANKS = MOST_ITEMS = MOST_PAIRS = MOST_PARTS = 10
MOST_RIGHT = 12
MOST_ACCEPTED = MOST_CRITERIA = 20
MOST_MEDIA = 4
LONGEST_OPTION = 1000
LONGEST_ACCEPTED = 100
LONGEST_NUMBER = 20
LONGEST_UNIT = 20
LONGEST_ALT = 200
LONGEST_TEXT = 5000
LONGEST_STEM = 4000
MOST_SHARE = 100

#: Control characters, lone surrogates, private and unassigned places, odd line separators.
_UNSEEN = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
BLANK = re.compile(r"_{3,}")
DIGEST = re.compile(r"[0-9a-f]{64}")


def tidy_text(text: str) -> str:
    """Plain lines: no control characters, no lone surrogates, no space at either end."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(c for c in lines if c == "\n" or category(c) not in _UNSEEN).strip()


def one_line(text: str) -> str:
    """Tidy text on one line."""
    return " ".join(tidy_text(text).split())


def plain_number(text: str) -> str:
    """A number as people type it, in ASCII: full-width digits, 。 and − included."""
    narrow = normalize("NFKC", text.replace("。", ".").replace("−", "-"))
    narrow = "".join(narrow.split())
    return narrow.replace(",", "") if _THOUSANDS.fullmatch(narrow) else narrow


def number_of(text: str) -> Decimal | None:
    """The number somebody typed, exactly; None when it is none (or absurdly long)."""
    plain = plain_number(text) if len(text) <= LONGEST_NUMBER else ""
    return Decimal(plain) if _NUMBER.fullmatch(plain) else None


def blanks_in(stem: str) -> int:
    """How many blanks (runs of three or more underscores) a stem has."""
    return len(BLANK.findall(stem))


def neutral(texts: Sequence[str]) -> list[int]:
    """The order in which texts are kept where their own order would tell the answer."""
    return sorted(range(len(texts)), key=lambda n: sha256(texts[n].encode()).digest())


@dataclass(frozen=True, slots=True)
class Simple:
    """A question that is answered in one place: a whole one, or a part of a case."""

    kind: str
    stem: str
    body: dict[str, Any]
    key: dict[str, Any]


def parts_of(kind: str, stem: str, body: Mapping[str, Any], key: Mapping[str, Any]) -> list[Simple]:
    """The questions a candidate answers: the parts of a case, or the question itself."""
    if kind != Kind.CASE:
        return [Simple(kind, stem, dict(body), dict(key))]
    pairs = zip(body["parts"], key["parts"], strict=True)
    return [Simple(part["kind"], part["stem"], part["body"], each) for part, each in pairs]


def options_of(body: Mapping[str, Any]) -> list[str]:
    """The options of a choice question; none for other kinds."""
    return list(body.get("options", []))


def shuffled_of(body: Mapping[str, Any]) -> int:
    """How many things a paper may put in its own order: options, right column or items."""
    for name in ("options", "right", "items"):
        if isinstance(body.get(name), list):
            return len(body[name])
    return 0


def texts_of(body: Mapping[str, Any]) -> list[str]:
    """Every text of a body that a candidate reads, parts of a case included."""
    texts = [str(t) for name in ("options", "left", "right", "items") for t in body.get(name, [])]
    for part in body.get("parts", []):
        texts += [str(part["stem"]), *texts_of(part["body"])]
    return texts


def media_of(body: Mapping[str, Any]) -> list[str]:
    """Digests of every picture and sound of a body, parts of a case included; each once."""
    found = [str(item["digest"]) for item in body.get("media", [])]
    for part in body.get("parts", []):
        found += media_of(part["body"])
    return list(dict.fromkeys(found))


def tidied(
    kind: str, body: Mapping[str, Any], key: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Body and key with their texts put right and everything in its neutral order."""
    new_body, new_key = dict(body), dict(key)
    if isinstance(body.get("media"), list):
        new_body["media"] = [_tidy_medium(item) for item in body["media"]]
        if not new_body["media"]:
            del new_body["media"]
    if kind in _TIDY:
        _TIDY[Kind(kind)](new_body, new_key)
    return new_body, new_key


def _tidy_medium(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    return item | {"alt": one_line(str(item.get("alt", "")))}


def _texts(values: Any) -> Any:
    return [tidy_text(str(value)) for value in values] if isinstance(values, list) else values


def _tidy_choice(body: dict[str, Any], _key: dict[str, Any]) -> None:
    body["options"] = _texts(body.get("options"))


def _tidy_numeric(body: dict[str, Any], key: dict[str, Any]) -> None:
    unit = one_line(str(body.pop("unit", "") or ""))
    if unit:
        body["unit"] = unit
    key["right"] = plain_number(str(key.get("right", "")))
    key["within"] = plain_number(str(key.get("within") or "0"))


def _tidy_fill(_body: dict[str, Any], key: dict[str, Any]) -> None:
    blanks = key.get("blanks")
    if isinstance(blanks, list):
        key["blanks"] = [_accepted(blank) for blank in blanks]
    key["exact"] = bool(key.get("exact"))


def _accepted(blank: Any) -> Any:
    if not isinstance(blank, list):
        return blank
    return list(dict.fromkeys(filter(None, (one_line(str(text)) for text in blank))))


def _tidy_matching(body: dict[str, Any], key: dict[str, Any]) -> None:
    body["left"], right = _texts(body.get("left")), _texts(body.get("right"))
    pairs = key.get("pairs")
    if isinstance(right, list) and isinstance(pairs, list) and _all_places(pairs, len(right)):
        order = neutral(right)
        key["pairs"] = [order.index(index) for index in pairs]
        right = [right[index] for index in order]
    body["right"] = right


def _tidy_ordering(body: dict[str, Any], key: dict[str, Any]) -> None:
    items, sequence = _texts(body.get("items")), key.get("sequence")
    if isinstance(items, list) and isinstance(sequence, list) and _all_places(sequence, len(items)):
        order = neutral(items)
        key["sequence"] = [order.index(index) for index in sequence]
        items = [items[index] for index in order]
    body["items"] = items


def _tidy_case(body: dict[str, Any], key: dict[str, Any]) -> None:
    parts, keys = body.get("parts"), key.get("parts")
    if not isinstance(parts, list) or not isinstance(keys, list) or len(parts) != len(keys):
        return
    new_parts, new_keys = [], []
    for part, each in zip(parts, keys, strict=True):
        inner, inner_key = tidied(part["kind"], part["body"], each)
        new_parts.append(part | {"stem": tidy_stem(part["kind"], part["stem"]), "body": inner})
        new_keys.append(inner_key)
    body["parts"], key["parts"] = new_parts, new_keys


def _tidy_open(_body: dict[str, Any], key: dict[str, Any]) -> None:
    key["reference"] = tidy_text(str(key.get("reference", "")))
    rubric = key.get("rubric") or []
    if isinstance(rubric, list):
        key["rubric"] = [_tidy_criterion(row) for row in rubric]


def _tidy_criterion(row: Any) -> Any:
    if not isinstance(row, dict):
        return row
    return row | {"text": tidy_text(str(row.get("text", "")))}


def tidy_stem(kind: str, stem: str) -> str:
    """A tidy stem; the blanks of a fill-in question in plain underscores."""
    text = tidy_text(stem)
    return text.replace("＿", "_") if kind == Kind.FILL else text


def _all_places(values: list[Any], number: int) -> bool:
    return all(is_index(value, number) for value in values)


def is_index(value: Any, number: int) -> bool:
    """True for a whole number from 0 to below ``number``."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < number


def same_texts(texts: Iterable[str]) -> bool:
    """True if two of the texts are the same."""
    found = [text.strip() for text in texts]
    return len(set(found)) < len(found)


_Tidy = Callable[[dict[str, Any], dict[str, Any]], None]
_TIDY: dict[Kind, _Tidy] = {
    Kind.SINGLE: _tidy_choice,
    Kind.MULTIPLE: _tidy_choice,
    Kind.NUMERIC: _tidy_numeric,
    Kind.FILL: _tidy_fill,
    Kind.MATCHING: _tidy_matching,
    Kind.ORDERING: _tidy_ordering,
    Kind.CASE: _tidy_case,
    Kind.SHORT: _tidy_open,
    Kind.ESSAY: _tidy_open,
}
