"""The answer block of a GIFT question."""

import re
from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from exams.bank.formats import cells
from exams.bank.formats.choices import (
    GAP,
    choice,
    fill,
    judge,
    matching,
    number_range,
    numeric,
    open_kind,
    open_text,
    ordering,
    plain_decimal,
    with_feedback,
)
from exams.bank.formats.items import Unsupported
from exams.bank.formats.plain import plain_text
from exams.bank.kinds import Simple, blanks_in
from exams.bank.models import Kind

_SPECIAL = re.compile(r"([\\~=#{}:])")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TRUTH = re.compile(r"^(T|TRUE|F|FALSE)$", re.IGNORECASE)
_WEIGHT = re.compile(r"^%(-?\d{1,3}(?:\.\d+)?)%")
_FORMAT = re.compile(r"^\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
#: Where an answer begins, or feedback: an unescaped sign.
_SIGN = re.compile(r"(?<!\\)((?:\\\\)*)([=~])")
#: The first line of an ordering question: how many, which and how they are shown.
_ORDER = re.compile(r"^>[ \t]*\d*[ \t]*[A-Z_0-9 \t]*(?:\n|$)")
_FULL = 0.02


def escape(text: str) -> str:
    """Text as GIFT wants it; a line break inside is written ``\\n``."""
    return _SPECIAL.sub(r"\\\1", text).replace("\n", "\\n")


def unescape(text: str) -> str:
    """The text that was escaped."""
    return _ESCAPED.sub(lambda match: "\n" if match[1] == "n" else match[1], text)


def tamed(text: str) -> str:
    """An accepted answer with its asterisks made plain: bare ones stand for any text."""
    return text.replace("*", "\\*")


def wild(text: str) -> str:
    """The accepted answer that was tamed. Raises Unsupported when it is a pattern."""
    if re.search(r"(?<!\\)\*", text):
        raise Unsupported(_("答案“%(value)s”里有通配符 *，暂不支持。", value=text[:40]))
    return text.replace("\\*", "*")


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


def parse(
    before: str, after: str, inside: str, style: str, tags: Mapping[str, str]
) -> tuple[Simple, str]:
    """The question and its explanation; its stem stands before and after the answers.

    Raises:
        Unsupported: a kind this site does not have. ValueError: not well formed.
    """
    body, general = split_at(inside.strip(), "####")
    body, general = body.strip(), readable(general, style)
    stem = f"{before} {GAP} {after}" if after else before
    if not body:
        return _open(stem, general, tags), general
    if body.startswith("#"):
        return _numeric(stem, body[1:].strip(), tags), general
    if body.startswith(">"):
        lines = _ORDER.sub("", body, count=1).split("\n")
        return ordering(stem, [readable(line, style) for line in lines if line.strip()]), general
    truth, said = split_at(body, "#")
    if _TRUTH.match(truth.strip()):
        feedback = "\n".join(readable(part, style) for part in said.split("#") if part.strip())
        explanation = "\n".join(part for part in (general, feedback) if part)
        return judge(stem, truth.strip().upper().startswith("T")), explanation
    signs, pieces = _pieces(body)
    if "~" in signs:
        return _choices(stem, signs, pieces, general, style)
    if any(split_at(piece, "->")[1] or "->" in piece for piece in pieces):
        return _matching(stem, pieces, style), general
    if after and blanks_in(before):
        stem = before + after
    return _fill(stem, pieces, general, style, tags)


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


def _pieces(body: str) -> tuple[list[str], list[str]]:
    starts = [(match.start(2), match[2]) for match in _SIGN.finditer(body)]
    if not starts or body[: starts[0][0]].strip():
        raise ValueError(_("答案的写法不对：每个选项以 = 或 ~ 开头。"))
    ends = [place for place, _sign in starts[1:]] + [len(body)]
    signs = [sign for _place, sign in starts]
    return signs, [body[place + 1 : end] for (place, _sign), end in zip(starts, ends, strict=True)]


def _open(stem: str, general: str, tags: Mapping[str, str]) -> Simple:
    rubric = cells.rubric_of(tags.get("rubric", ""))
    reference = tags.get("reference", "")
    if not reference and not rubric:
        reference = general
    return open_text(open_kind(tags), stem, reference, rubric, tags.get("longest", ""))


def _numeric(stem: str, body: str, tags: Mapping[str, str]) -> Simple:
    """``37.5:0.1``, ``36.5..37.5``, or one of either that brings all the marks."""
    full = []
    for piece in _pieces(body)[1] if body.startswith(("=", "~")) else [body]:
        text = split_at(piece.strip(), "#")[0].strip()
        weight = _WEIGHT.match(text)
        if weight and float(weight[1]) not in (0, 100):
            raise Unsupported(_("几个答案得分不等，暂不支持。"))
        if not weight or float(weight[1]) == 100:
            full.append(text[weight.end() :].strip() if weight else text)
    if len(full) != 1:
        raise Unsupported(_("数值题应有一个得满分的答案，这里有 %(n)s 个。", n=len(full)))
    low, dots, high = full[0].partition("..")
    if dots:
        right, within = number_range(low, high)
    else:
        right, _colon, within = (plain_decimal(part) for part in full[0].partition(":"))
    return numeric(stem, right, within or "0", tags.get("unit", ""))


def _matching(stem: str, pieces: Sequence[str], style: str) -> Simple:
    pairs, others = [], []
    for piece in pieces:
        left, right = (readable(part, style) for part in split_at(piece, "->"))
        if left:
            pairs.append((left, right))
        else:
            others.append(right)
    return matching(stem, pairs, others)


def _fill(
    stem: str, pieces: Sequence[str], general: str, style: str, tags: Mapping[str, str]
) -> tuple[Simple, str]:
    accepted, said = [], []
    for piece in pieces:
        text, feedback = split_at(piece.strip(), "#")
        weight = _WEIGHT.match(text)
        said.append(readable(feedback, style))
        share = float(weight[1]) if weight else 100.0
        if share == 0:
            continue
        if share != 100:
            raise Unsupported(_("几个答案得分不等，暂不支持。"))
        own, text = cut_format(text[weight.end() :] if weight else text, style)
        accepted.append(wild(readable(text, own)))
    number = blanks_in(stem.replace("＿", "_"))
    blanks = cells.fill_of(accepted[0], number) if number > 1 and accepted else [accepted]
    return fill(stem, blanks, tags.get("exact") == "1"), with_feedback(general, said)


def _choices(
    stem: str, signs: Sequence[str], pieces: Sequence[str], general: str, style: str
) -> tuple[Simple, str]:
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
) -> Simple:
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
