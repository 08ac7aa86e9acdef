"""The answer block of a GIFT question."""

import re

from flask_babel import gettext as _

from exams.bank.formats.choices import choice, judge, plain_text, with_feedback
from exams.bank.models import Kind
from exams.bank.rules import Draft

_SPECIAL = re.compile(r"([\\~=#{}:])")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TRUTH = re.compile(r"^(T|TRUE|F|FALSE)$", re.IGNORECASE)
_WEIGHT = re.compile(r"^%(-?\d{1,3}(?:\.\d+)?)%")
_FORMAT = re.compile(r"^\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
#: Where an answer begins, or feedback: an unescaped sign.
_SIGN = re.compile(r"(?<!\\)((?:\\\\)*)([=~])")
_FULL = 0.02


class Unsupported(Exception):
    """A kind of question this site does not have."""


def escape(text: str) -> str:
    """Text as GIFT wants it; a line break inside is written ``\\n``."""
    return _SPECIAL.sub(r"\\\1", text).replace("\n", "\\n")


def unescape(text: str) -> str:
    """The text that was escaped."""
    return _ESCAPED.sub(lambda match: "\n" if match[1] == "n" else match[1], text)


def cut_format(text: str, style: str) -> tuple[str, str]:
    """The format a text says it is in (else ``style``), and the text after that mark."""
    marker = _FORMAT.match(text)
    return (marker[1].lower(), text[marker.end() :]) if marker else (style, text)


def readable(text: str, style: str) -> str:
    """Escapes undone and, in HTML, tags removed.

    Raises:
        Unsupported: it holds pictures or the like.
    """
    plain = unescape(text).strip()
    if style != "html":
        return plain
    plain, heavy = plain_text(plain)
    if heavy:
        raise Unsupported(_("题目里有图片或表格等内容（%(tag)s），暂不支持。", tag=heavy))
    return plain


def parse(stem: str, inside: str, style: str) -> tuple[Draft, str]:
    """The question and its explanation.

    Raises:
        Unsupported: a kind this site does not have. ValueError: not well formed.
    """
    body, general = split_at(inside.strip(), "####")
    body, general = body.strip(), readable(general, style)
    if not body:
        raise Unsupported(_("问答题（由人评卷）暂不支持。"))
    if body.startswith("#"):
        raise Unsupported(_("数字题暂不支持。"))
    truth, said = split_at(body, "#")
    if _TRUTH.match(truth.strip()):
        feedback = "\n".join(readable(part, style) for part in said.split("#") if part.strip())
        explanation = "\n".join(part for part in (general, feedback) if part)
        return judge(stem, truth.strip().upper().startswith("T")), explanation
    return _choices(stem, body, general, style)


def split_at(text: str, sign: str) -> tuple[str, str]:
    """Cut at the first unescaped ``sign``."""
    place = 0
    while place < len(text):
        if text[place] == "\\":
            place += 2
            continue
        if text.startswith(sign, place):
            return text[:place], text[place + len(sign) :]
        place += 1
    return text, ""


def _choices(stem: str, body: str, general: str, style: str) -> tuple[Draft, str]:
    starts = [(match.start(2), match[2]) for match in _SIGN.finditer(body)]
    if not starts or body[: starts[0][0]].strip():
        raise ValueError(_("答案的写法不对：每个选项以 = 或 ~ 开头。"))
    ends = [place for place, _sign in starts[1:]] + [len(body)]
    signs = [sign for _place, sign in starts]
    pieces = [body[place + 1 : end] for (place, _sign), end in zip(starts, ends, strict=True)]
    if "~" not in signs:
        pairs = any("->" in piece for piece in pieces)
        raise Unsupported(_("连线题暂不支持。") if pairs else _("简答题暂不支持。"))
    options, weights, said = [], [], []
    for sign, piece in zip(signs, pieces, strict=True):
        text, feedback = split_at(piece.strip(), "#")
        weight = _WEIGHT.match(text)
        own, text = cut_format(text[weight.end() :] if weight else text, style)
        options.append(readable(text, own))
        weights.append(float(weight[1]) if weight else (100.0 if sign == "=" else 0.0))
        said.append(readable(feedback, style))
    explanation = with_feedback(general, said)
    return by_weights(stem, options, weights), explanation


def by_weights(
    stem: str, options: list[str], weights: list[float], single: bool | None = None
) -> Draft:
    """A choice question from the share of the marks each option brings, in per cent."""
    right = [index for index, weight in enumerate(weights) if weight > 0]
    if not right:
        raise ValueError(_("没有正确的选项。"))
    if single is None:
        single = len(right) == 1 and weights[right[0]] == 100 and min(weights) > -100
    if single:
        if len(right) > 1 or weights[right[0]] != 100:
            raise Unsupported(_("单选题里有部分得分的选项，暂不支持。"))
        return choice(stem, options, right, Kind.SINGLE)
    if any(abs(weights[index] - 100 / len(right)) > _FULL * 100 / len(right) for index in right):
        raise Unsupported(_("多选题里各选项得分不等，暂不支持。"))
    return choice(stem, options, right, Kind.MULTIPLE)
