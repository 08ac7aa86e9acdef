"""The fields of each kind of question in YAML."""

from typing import Any

from flask_babel import gettext as _

from exams.bank.formats import cells
from exams.bank.formats.choices import (
    choice,
    fill,
    judge,
    matching,
    numeric,
    open_text,
    ordering,
)
from exams.bank.formats.items import Unsupported, indexes_of, letters_of
from exams.bank.kinds import SIMPLE, Simple, parts_of
from exams.bank.models import Kind

#: Fields that hold a list of texts.
LISTS = frozenset({"options", "blanks", "pairs", "others", "steps", "rubric"})
FIELDS = LISTS | {
    "type", "stem", "answer", "unit", "within", "exact", "reference", "longest", "parts",
}  # fmt: skip
_TRUE, _FALSE = {"true", "yes", "对", "正确", "√"}, {"false", "no", "错", "错误", "×"}


def simple_of(values: dict[str, Any]) -> Simple:
    """The question that these fields describe.

    Raises:
        Unsupported: of a kind this site does not have. ValueError: the answer makes no sense.
    """
    kind, stem = str(values.get("type", "")), str(values.get("stem", ""))
    if kind == Kind.CASE:
        parts = [simple_of(part) for part in values.get("parts", [])]
        rows = [
            {"kind": p.kind, "stem": p.stem, "body": p.body, "share": _share(part)}
            for p, part in zip(parts, values.get("parts", []), strict=True)
        ]
        return Simple(kind, stem, {"parts": rows}, {"parts": [p.key for p in parts]})
    if kind not in SIMPLE:
        raise Unsupported(_("暂不支持的题型“%(kind)s”。", kind=kind[:20]))
    return _simple(Kind(kind), stem, values)


def _share(values: dict[str, Any]) -> int:
    share = str(values.get("share", "1")).strip()
    return int(share) if share.isascii() and share.isdigit() and len(share) < 6 else 0


def _simple(kind: Kind, stem: str, values: dict[str, Any]) -> Simple:
    answer = str(values.get("answer", "")).strip()
    match kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            right = indexes_of(answer)
            if right is None:
                raise _unclear()
            return choice(stem, values.get("options", []), right, kind)
        case Kind.JUDGE:
            if answer.lower() not in _TRUE | _FALSE:
                raise _unclear()
            return judge(stem, answer.lower() in _TRUE)
        case Kind.NUMERIC:
            return numeric(stem, answer, values.get("within", "0"), values.get("unit", ""))
        case Kind.FILL:
            return _fill(stem, values)
        case Kind.MATCHING:
            pairs = [cells.pair_of(text) for text in values.get("pairs", [])]
            if None in pairs:
                raise ValueError(_("连线题的每一对写成“左 → 右”。"))
            return matching(stem, [p for p in pairs if p], values.get("others", []))
        case Kind.ORDERING:
            return ordering(stem, values.get("steps", []))
    rubric = cells.rubric_of(
        "\n".join(text.replace("\n", "\\n") for text in values.get("rubric", []))
    )
    return open_text(kind, stem, values.get("reference", ""), rubric, values.get("longest", ""))


def _fill(stem: str, values: dict[str, Any]) -> Simple:
    blanks = [cells.fill_of(text, 1) for text in values.get("blanks", [])]
    accepted = [[text for piece in blank for text in piece] for blank in blanks]
    return fill(stem, accepted, str(values.get("exact", "")).lower() in _TRUE)


def _unclear() -> ValueError:
    return ValueError(_("答案的写法不对：选择题写字母，判断题写 true 或 false。"))


def row_of(simple: Simple) -> dict[str, Any]:
    """The fields that describe a question."""
    body: dict[str, Any] = simple.body
    key: dict[str, Any] = simple.key
    row: dict[str, Any] = {"stem": simple.stem}
    match simple.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            row |= {"options": body["options"], "answer": letters_of(key["right"])}
        case Kind.JUDGE:
            row["answer"] = key["right"]
        case Kind.NUMERIC:
            row |= {"answer": key["right"], "within": key["within"]}
            row |= {"unit": body["unit"]} if body.get("unit") else {}
        case Kind.FILL:
            row["blanks"] = [cells.fill_text([blank]) for blank in key["blanks"]]
            row |= {"exact": True} if key["exact"] else {}
        case Kind.MATCHING:
            row |= _matching_row(body, key)
        case Kind.ORDERING:
            row["steps"] = [body["items"][index] for index in key["sequence"]]
        case Kind.CASE:
            row["parts"] = [
                {"type": str(part.kind), **row_of(part), "share": body["parts"][n]["share"]}
                for n, part in enumerate(parts_of(simple.kind, simple.stem, body, key))
            ]
        case _:
            row |= {"reference": key["reference"], "longest": body["longest"]}
            row["rubric"] = cells.rubric_text(key["rubric"]).split("\n") if key["rubric"] else []
    return row


def _matching_row(body: dict[str, Any], key: dict[str, Any]) -> dict[str, Any]:
    sides = zip(body["left"], key["pairs"], strict=True)
    pairs = [cells.pair_text(left, body["right"][right]) for left, right in sides]
    return {"pairs": pairs, "others": cells.others_of(body, key)}
