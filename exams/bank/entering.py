"""Between a question and the fields of its form; plain values in and out.

A form is flat: ``option_a``, ``right_a``, ``left_1`` …; the parts of a case carry a prefix
(``part2_``). ``typed`` reads fields, ``fields_for`` writes them, and each undoes the other.
"""

from collections.abc import Callable, Mapping
from typing import Any

from exams.bank import kinds
from exams.bank.kinds import tidy_text
from exams.bank.models import Kind

LETTERS = "abcdefghij"
LONGEST = {Kind.SHORT: 300, Kind.ESSAY: 1000}
Fields = Mapping[str, str]
Body = dict[str, Any]


def typed(kind: str, stem: str, fields: Fields, prefix: str = "") -> tuple[Body, Body]:
    """Body and key as somebody typed them; sound or not, ``rules`` says."""
    body, key = _READ[Kind(kind)](stem, _Under(fields, prefix))
    if media := media_typed(fields, prefix):
        body["media"] = media
    return body, key


def media_typed(fields: Fields, prefix: str = "") -> list[dict[str, str]]:
    """The pictures and sounds a form still shows."""
    found = []
    for n in range(kinds.MOST_MEDIA):
        digest = fields.get(f"{prefix}media_{n}", "")
        if digest and not fields.get(f"{prefix}drop_{n}"):
            kind = "audio" if fields.get(f"{prefix}sound_{n}") else "picture"
            alt = fields.get(f"{prefix}alt_{n}", "")
            found.append({"digest": digest, "kind": kind, "alt": alt})
    return found


def fields_for(kind: str, body: Body, key: Body, prefix: str = "") -> dict[str, str]:
    """What a form shows of a question."""
    values = _WRITE[Kind(kind)](body, key)
    for n, item in enumerate(body.get("media", [])):
        values |= {f"media_{n}": item["digest"], f"alt_{n}": item["alt"]}
        if item["kind"] == "audio":
            values[f"sound_{n}"] = "y"
    return {prefix + name: value for name, value in values.items() if value}


class _Under:
    """The fields under a prefix."""

    def __init__(self, fields: Fields, prefix: str) -> None:
        self._fields, self.prefix = fields, prefix

    @property
    def all(self) -> Fields:
        return self._fields

    def __getitem__(self, name: str) -> str:
        return tidy_text(self._fields.get(self.prefix + name, ""))

    def lines(self, name: str) -> list[str]:
        """The lines of a field that are not empty."""
        return [line.strip() for line in self[name].split("\n") if line.strip()]

    def rows(self, name: str, most: int) -> list[str]:
        """Numbered fields without the empty ones at the end."""
        found = [self[f"{name}_{n}"] for n in range(1, most + 1)]
        while found and not found[-1]:
            found.pop()
        return found


def _choice(_stem: str, f: _Under) -> tuple[Body, Body]:
    ticked = {letter for letter in LETTERS if f[f"right_{letter}"]} | {f["right"]}
    options = [f[f"option_{letter}"] for letter in LETTERS]
    while options and not options[-1] and LETTERS[len(options) - 1] not in ticked:
        options.pop()
    right = [n for n, letter in enumerate(LETTERS) if letter in ticked]
    return {"options": options}, {"right": right}


def _judge(_stem: str, f: _Under) -> tuple[Body, Body]:
    return {}, {"right": {"1": True, "0": False}.get(f["truth"])}


def _numeric(_stem: str, f: _Under) -> tuple[Body, Body]:
    unit = {"unit": f["unit"]} if f["unit"] else {}
    return unit, {"right": f["number"], "within": f["within"] or "0"}


def _fill(stem: str, f: _Under) -> tuple[Body, Body]:
    blanks = [f.lines(f"blank_{n}") for n in range(1, kinds.MOST_BLANKS + 1)]
    number = kinds.blanks_in(kinds.tidy_stem(Kind.FILL, stem))
    while len(blanks) > number and not blanks[-1]:
        blanks.pop()
    return {"blanks": number}, {"blanks": blanks, "exact": bool(f["exact"])}


def _matching(_stem: str, f: _Under) -> tuple[Body, Body]:
    left, partners = f.rows("left", kinds.MOST_PAIRS), f.rows("partner", kinds.MOST_PAIRS)
    size = max(len(left), len(partners))
    left += [""] * (size - len(left))
    partners += [""] * (size - len(partners))
    right = list(dict.fromkeys([*partners, *f.lines("extra")]))
    return {"left": left, "right": right}, {"pairs": [right.index(text) for text in partners]}


def _ordering(_stem: str, f: _Under) -> tuple[Body, Body]:
    items = f.rows("item", kinds.MOST_ITEMS)
    return {"items": items}, {"sequence": list(range(len(items)))}


def _open(_stem: str, f: _Under) -> tuple[Body, Body]:
    texts = f.rows("criterion", kinds.MOST_CRITERIA)
    rubric = [
        {"text": text, "share": _whole(f[f"share_{n}"])} for n, text in enumerate(texts, start=1)
    ]
    return {"longest": _whole(f["longest"])}, {"reference": f["reference"], "rubric": rubric}


def _case(_stem: str, f: _Under) -> tuple[Body, Body]:
    parts, keys = [], []
    for n in range(1, kinds.MOST_PARTS + 1):
        prefix = f"part{n}_"
        kind = f[prefix + "kind"]
        if kind not in kinds.SIMPLE or f[prefix + "drop"]:
            continue
        stem = f[prefix + "stem"]
        body, key = typed(kind, stem, f.all, prefix)
        share = _whole(f[prefix + "share"])
        parts.append({"kind": kind, "stem": stem, "body": body, "share": share})
        keys.append(key)
    return {"parts": parts}, {"parts": keys}


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _choice_fields(body: Body, key: Body) -> dict[str, str]:
    values = {f"option_{LETTERS[n]}": text for n, text in enumerate(body["options"])}
    return values | {f"right_{LETTERS[n]}": "y" for n in key["right"]}


def _judge_fields(_body: Body, key: Body) -> dict[str, str]:
    return {"truth": {True: "1", False: "0"}.get(key["right"], "")}


def _numeric_fields(body: Body, key: Body) -> dict[str, str]:
    return {"unit": body.get("unit", ""), "number": key["right"], "within": key["within"]}


def _fill_fields(_body: Body, key: Body) -> dict[str, str]:
    values = {f"blank_{n}": "\n".join(each) for n, each in enumerate(key["blanks"], start=1)}
    return values | {"exact": "y" if key.get("exact") else ""}


def _matching_fields(body: Body, key: Body) -> dict[str, str]:
    values = {f"left_{n}": text for n, text in enumerate(body["left"], start=1)}
    values |= {f"partner_{n}": body["right"][i] for n, i in enumerate(key["pairs"], start=1)}
    spare = [text for n, text in enumerate(body["right"]) if n not in key["pairs"]]
    return values | {"extra": "\n".join(spare)}


def _ordering_fields(body: Body, key: Body) -> dict[str, str]:
    return {f"item_{n}": body["items"][i] for n, i in enumerate(key["sequence"], start=1)}


def _open_fields(body: Body, key: Body) -> dict[str, str]:
    values = {"longest": str(body["longest"] or ""), "reference": key.get("reference", "")}
    for n, row in enumerate(key.get("rubric") or [], start=1):
        values |= {f"criterion_{n}": row["text"], f"share_{n}": str(row["share"] or "")}
    return values


def _case_fields(body: Body, key: Body) -> dict[str, str]:
    values: dict[str, str] = {}
    for n, (part, each) in enumerate(zip(body["parts"], key["parts"], strict=True), start=1):
        prefix = f"part{n}_"
        values |= {f"{prefix}kind": part["kind"], f"{prefix}stem": part["stem"]}
        values[f"{prefix}share"] = str(part["share"] or "")
        values |= fields_for(part["kind"], part["body"], each, prefix)
    return values


_READ: dict[Kind, Callable[[str, _Under], tuple[Body, Body]]] = {
    Kind.SINGLE: _choice,
    Kind.MULTIPLE: _choice,
    Kind.JUDGE: _judge,
    Kind.NUMERIC: _numeric,
    Kind.FILL: _fill,
    Kind.MATCHING: _matching,
    Kind.ORDERING: _ordering,
    Kind.CASE: _case,
    Kind.SHORT: _open,
    Kind.ESSAY: _open,
}
_WRITE: dict[Kind, Callable[[Body, Body], dict[str, str]]] = {
    Kind.SINGLE: _choice_fields,
    Kind.MULTIPLE: _choice_fields,
    Kind.JUDGE: _judge_fields,
    Kind.NUMERIC: _numeric_fields,
    Kind.FILL: _fill_fields,
    Kind.MATCHING: _matching_fields,
    Kind.ORDERING: _ordering_fields,
    Kind.CASE: _case_fields,
    Kind.SHORT: _open_fields,
    Kind.ESSAY: _open_fields,
}
