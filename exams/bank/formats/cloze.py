"""Moodle's embedded answers: ``空___{1:SHORTANSWER:=甲~=乙}`` is a blank with its answers."""

import re
from collections.abc import Sequence

from flask_babel import gettext as _

from exams.bank.formats import cells
from exams.bank.formats.choices import GAP, fill
from exams.bank.formats.gift_answers import tamed, wild
from exams.bank.formats.items import Unsupported
from exams.bank.formats.plain import limited
from exams.bank.kinds import BLANK, Simple

_ANSWER = re.compile(r"\{\d*:([A-Z_]+):((?:\\.|[^}\\]){0,4000})\}", re.DOTALL)
#: Text that would be taken for an answer.
OPENING = re.compile(r"\{\d*:")
_SHORT = {"SHORTANSWER": False, "SA": False, "MW": False,
          "SHORTANSWER_C": True, "SAC": True, "MWC": True}  # fmt: skip
_WEIGHT = re.compile(r"^%(-?\d{1,3}(?:\.\d+)?)%")
_MARKS = re.compile(r"([\\~#}/\"])")


def parsed(text: str) -> Simple:
    """The fill-in question of a text with embedded answers.

    Raises:
        Unsupported: other embedded questions. ValueError: none at all, or too long.
    """
    limited(text)
    blanks, exact, parts, place = [], False, [], 0
    for match in _ANSWER.finditer(text):
        if match[1] not in _SHORT:
            raise Unsupported(_("完形填空里有填空以外的小题（%(kind)s），暂不支持。",
                                kind=match[1][:20]))  # fmt: skip
        exact = exact or _SHORT[match[1]]
        before = text[place : match.start()]
        parts.append(before if re.search(r"_{3,}$", before) else before + GAP)
        blanks.append(_accepted(match[2]))
        place = match.end()
    stem = "".join([*parts, text[place:]])
    if not blanks or OPENING.search(text[place:]):
        raise ValueError(_("完形填空的写法不对。"))
    return fill(stem, blanks, exact)


def _accepted(inside: str) -> list[str]:
    accepted = []
    for piece in cells.split(inside, "~"):
        text = _cut_feedback(piece).strip()
        weight = _WEIGHT.match(text)
        right = text.startswith("=") or bool(weight and float(weight[1]) == 100)
        if weight and 0 < float(weight[1]) < 100:
            raise Unsupported(_("几个答案得分不等，暂不支持。"))
        if right:
            plain = text[weight.end() :] if weight else text[1:]
            accepted.append(wild(re.sub(r"\\([~#}/\"\\])", r"\1", plain)))
    return accepted


def _cut_feedback(text: str) -> str:
    found = re.search(r"(?<!\\)(?:\\\\)*#", text)
    return text[: found.end() - 1] if found else text


def written(stem: str, blanks: Sequence[Sequence[str]], exact: bool) -> str:
    """The stem with the answers behind each of its blanks."""
    name, left = ("SHORTANSWER_C" if exact else "SHORTANSWER"), list(blanks)

    def behind(match: re.Match[str]) -> str:
        accepted = "~".join("=" + _MARKS.sub(r"\\\1", tamed(text)) for text in left.pop(0))
        return f"{match[0]}{{1:{name}:{accepted}}}"

    return BLANK.sub(behind, stem)
