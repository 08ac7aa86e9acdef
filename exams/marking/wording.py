"""An answer beside its key, in words: for the candidate after release, and for staff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from exams.bank.models import Kind
from exams.marking.rules import Markable, blanks_right, mark, pairs_right, places_right

#: Of many accepted answers the first few say enough; the rest are other ways to type them.
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was asked: what it is called, what was answered, what is right.

    ``ok`` is None where a person decides. ``given`` is empty where nothing was answered.
    """

    label: str
    given: str
    right: str
    ok: bool | None


def lines_of(
    kind: str,
    body: Mapping[str, Any],
    key: Mapping[str, Any],
    order: Sequence[int] = (),
    answer: Mapping[str, Any] | None = None,
) -> list[Line]:
    """What was asked, line by line. Empty for a case, whose parts are asked one by one, and for
    choice questions, whose options say it."""
    question = Markable(kind, key, order)
    given = answer or {}
    match kind:
        case Kind.JUDGE:
            return [_judged(question, given)]
        case Kind.NUMERIC:
            return [_number(question, str(body.get("unit", "")), given)]
        case Kind.FILL:
            return _blanks(key, given)
        case Kind.MATCHING:
            return _pairs(question, body, given)
        case Kind.ORDERING:
            return _places(question, body, given)
        case Kind.SHORT | Kind.ESSAY:
            return [Line("", str(given.get("text", "")), str(key.get("reference", "")), None)]
    return []


def truth(value: object) -> str:
    """True and false as people say them."""
    return {True: _("对"), False: _("错")}.get(value, "") if isinstance(value, bool) else ""


def _judged(question: Markable, given: Mapping[str, Any]) -> Line:
    right, value = question.key["right"], given.get("value")
    return Line("", truth(value), truth(right), value is right)


def _number(question: Markable, unit: str, given: Mapping[str, Any]) -> Line:
    within, typed = question.key["within"], str(given.get("number", "")).strip()
    right = f"{question.key['right']} {unit}".strip()
    if within.strip("0.+"):
        right = _("%(right)s（误差不超过 %(within)s）", right=right, within=within)
    return Line("", f"{typed} {unit}".strip() if typed else "", right, mark(question, given, 1) > 0)


def _blanks(key: Mapping[str, Any], given: Mapping[str, Any]) -> list[Line]:
    typed = [*map(str, given.get("blanks") or []), *[""] * len(key["blanks"])]
    rows = zip(key["blanks"], typed, blanks_right(key, given), strict=False)
    return [
        Line(_("第 %(n)s 空", n=n), text.strip(), _(" 或 ").join(accepted[:_SHOWN]), ok)
        for n, (accepted, text, ok) in enumerate(rows, start=1)
    ]


def _pairs(question: Markable, body: Mapping[str, Any], given: Mapping[str, Any]) -> list[Line]:
    chosen = [*(given.get("pairs") or []), *[None] * len(body["left"])]
    rows = zip(
        body["left"], chosen, question.key["pairs"], pairs_right(question, given), strict=False
    )
    return [
        Line(left, _text(question.order, body["right"], place), body["right"][right], ok)
        for left, place, right, ok in rows
    ]


def _places(question: Markable, body: Mapping[str, Any], given: Mapping[str, Any]) -> list[Line]:
    chosen = [*(given.get("sequence") or []), *[None] * len(body["items"])]
    rows = zip(chosen, question.key["sequence"], places_right(question, given), strict=False)
    return [
        Line(
            _("第 %(n)s 步", n=n),
            _text(question.order, body["items"], place),
            body["items"][right],
            ok,
        )
        for n, (place, right, ok) in enumerate(rows, start=1)
    ]


def _text(order: Sequence[int], texts: Sequence[str], place: Any) -> str:
    """What stood at a place shown; nothing for no place."""
    within = isinstance(place, int) and 0 <= place < len(order)
    return texts[order[place]] if within else ""
