"""What the cells of a row say, by kind of question."""

import re

from flask_babel import gettext as _

from exams.bank.formats import cells as packed
from exams.bank.formats.choices import (
    choice,
    fill,
    judge,
    matching,
    number_range,
    numeric,
    open_text,
    ordering,
)
from exams.bank.formats.items import LETTERS, Unsupported, indexes_of, sequence_of
from exams.bank.formats.words import KIND_OF, RIGHT, verdict_of
from exams.bank.kinds import Simple, blanks_in, number_of, plain_number
from exams.bank.models import Kind

#: In a single cell: ``A.甲 B.乙``, one a line, or divided by bars.
_LETTERED = re.compile(r"(?:^|[\s;；|])([A-J])\s*[.、．:：)）]\s*")
_EMPTY_BRACKETS = re.compile(r"[（(][\s　]*[）)]")
_RANGE = re.compile(r"^\s*([-+]?[\d.]+)\s*(?:~|～|至|到|—|-|–|\.\.)\s*([-+]?[\d.]+)\s*(.*)$")
_AROUND = re.compile(r"^([^±]+)±\s*([\d.]+)\s*(.*)$")
_WITH_UNIT = re.compile(r"^\s*([-+]?[\d.]+)\s*([^\d.\s]\S{0,19})$")
Cells = dict[str, str]


class BadCell(ValueError):
    """A cell that makes no sense, with the field it stands for."""

    def __init__(self, text: str, column: str = "answer") -> None:
        super().__init__(text)
        self.column = column


def simple_of(cells: Cells) -> Simple:
    """The question of a row; a case without its parts.

    Raises:
        Unsupported: of a kind this site does not have. BadCell: a cell makes no sense.
    """
    word = cells.get("kind", "").strip().lower()
    if word and word not in KIND_OF:
        raise Unsupported(_("暂不支持的题型“%(kind)s”。", kind=word[:20]))
    options, gap = _options(cells)
    if gap:
        raise BadCell(_("前面的选项是空的，后面的却有内容。"), gap)
    kind = KIND_OF.get(word) or _guessed(cells, options)
    stem, answer = cells["stem"], cells["answer"].strip()
    match kind:
        case Kind.CASE:
            return Simple(kind, stem, {}, {})
        case Kind.NUMERIC:
            return _numeric(stem, cells)
        case Kind.FILL:
            return _fill(stem, cells)
        case Kind.MATCHING:
            return _matching(stem, cells, options)
        case Kind.ORDERING:
            return _ordering(stem, answer, options)
        case Kind.SHORT | Kind.ESSAY:
            rubric = packed.rubric_of(cells.get("rubric", ""))
            return open_text(kind, stem, cells["answer"], rubric, cells.get("longest", "").strip())
    return _closed(stem, answer, options, kind)


def _guessed(cells: Cells, options: list[str]) -> Kind | None:
    """Without a word for its kind: a blank in the stem and no options make a fill-in question."""
    blank = not options and blanks_in(cells["stem"].replace("＿", "_"))
    return Kind.FILL if blank and verdict_of(cells["answer"]) is None else None


def _closed(stem: str, answer: str, options: list[str], kind: Kind | None) -> Simple:
    """Single, multiple, judge."""
    right = indexes_of(answer)
    if kind == Kind.JUDGE or (kind is None and not options):
        verdict = verdict_of(answer)
        if verdict is None and right is not None and len(right) == 1 and right[0] < len(options):
            verdict = verdict_of(options[right[0]])
        if verdict is None:
            raise _unclear(answer)
        return judge(stem, verdict)
    if right is None and answer in options:
        right = [options.index(answer)]
    if right is None:
        raise _unclear(answer)
    return choice(stem, options, right, kind)


def _unclear(answer: str) -> BadCell:
    if not answer:
        return BadCell(_("请给出答案。"))
    text = _("看不懂答案“%(value)s”：选择题写字母，判断题写 正确 或 错误。", value=answer[:20])
    return BadCell(text)


def _numeric(stem: str, cells: Cells) -> Simple:
    """``37.5``, ``37.5±0.1``, ``36.5~37.5``, each perhaps with a unit behind it."""
    answer, unit = cells["answer"].strip(), cells.get("unit", "").strip()
    within = cells.get("within", "").strip().lstrip("±") or "0"
    around, spread = _AROUND.match(answer), _RANGE.match(answer)
    united = _WITH_UNIT.match(plain_number(answer))
    if around:
        answer, within, unit = around[1], around[2], unit or around[3].strip()
    elif spread:
        try:
            answer, within = number_range(spread[1], spread[2])
        except ValueError as error:
            raise BadCell(str(error)) from None
        unit = unit or spread[3].strip()
    elif number_of(answer) is None and united:
        answer, unit = united[1], unit or united[2]
    if number_of(answer.strip()) is None:
        raise BadCell(_("数值题的答案应是一个数，如 37.5。"))
    return numeric(stem, answer, within, unit)


def _fill(stem: str, cells: Cells) -> Simple:
    """Blanks stand in the stem as ``___``, or as empty brackets where there is none."""
    stem = stem.replace("＿", "_")
    if not blanks_in(stem):
        stem = _EMPTY_BRACKETS.sub("____", stem)
    if not cells["answer"].strip():
        raise BadCell(_("请给出答案。"))
    blanks = packed.fill_of(cells["answer"], blanks_in(stem) or 1)
    return fill(stem, blanks, cells.get("exact", "").strip().lower() in RIGHT)


def _matching(stem: str, cells: Cells, options: list[str]) -> Simple:
    """Each option holds a pair; the answer may hold them instead, one a line."""
    texts = options or [piece for piece in packed.split(cells["answer"], "；;\n") if piece.strip()]
    pairs = [packed.pair_of(text) for text in texts]
    if not pairs or None in pairs:
        raise BadCell(_("连线题的每一对写成“左 → 右”。"), "A" if options else "answer")
    return matching(
        stem, [pair for pair in pairs if pair], packed.lines_of(cells.get("others", ""))
    )


def _ordering(stem: str, answer: str, options: list[str]) -> Simple:
    """Options in any order with ``BADC`` as the answer, or in the right order without one."""
    if not answer:
        return ordering(stem, options)
    places = sequence_of(answer)
    if places is None or sorted(places) != list(range(len(options))):
        raise BadCell(_("排序题的答案写全部选项的字母，按正确顺序，如 BADC。"))
    return ordering(stem, [options[place] for place in places])


def _options(cells: Cells) -> tuple[list[str], str]:
    """The options, and the letter of the first one missing before a later one."""
    given = [(letter, cells.get(letter, "").strip()) for letter in LETTERS]
    while given and not given[-1][1]:
        given.pop()
    if given:
        return [text for _letter, text in given], next((n for n, text in given if not text), "")
    return _split_options(cells.get("options", "")), ""


def _split_options(text: str) -> list[str]:
    found = list(_LETTERED.finditer(text))
    if found and [match[1] for match in found] == list(LETTERS[: len(found)]):
        ends = [match.start() for match in found[1:]] + [len(text)]
        return [
            text[match.end() : end].strip(" ;；|\n") for match, end in zip(found, ends, strict=True)
        ]
    divider = next((d for d in ("\n", "|", "；", ";") if d in text), None)
    return [part.strip() for part in text.split(divider) if part.strip()] if divider else []
