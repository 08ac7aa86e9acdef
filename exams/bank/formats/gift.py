"""Questions in GIFT, the text format of Moodle; ids and tags stand in comments, as it does."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flask_babel import gettext as _

from exams.bank.formats import gift_answers
from exams.bank.formats.choices import TAGS, finished, tags_of
from exams.bank.formats.gift_answers import Unsupported, cut_format, escape, readable, unescape
from exams.bank.formats.items import (
    MOST_ITEMS,
    BadFile,
    Defaults,
    Fault,
    Item,
    Reading,
    Written,
    decoded,
)
from exams.bank.models import Kind
from exams.bank.rules import Draft, options_of

_MARK = re.compile(r"\[(id|tag):((?:\\.|[^\]\\])*)\]")
_TITLE = re.compile(r"^::((?:\\.|[^\\])*?)::", re.DOTALL)
_BRACE = re.compile(r"(?<!\\)(?:\\\\)*([{}])")


@dataclass(slots=True)
class _Block:
    """One question's lines, and what the comments and the category before it said."""

    line: int
    category: str
    lines: list[str] = field(default_factory=list)
    code: str = ""
    tags: dict[str, str] = field(default_factory=dict)


def read(data: bytes, defaults: Defaults) -> Reading:
    """Read a file of questions. Raises BadFile when it is not text."""
    reading = Reading("gift")
    for count, block in enumerate(_blocks(decoded(data))):
        if count >= MOST_ITEMS:
            raise BadFile(_("一次最多导入 %(n)s 道题，请分成几份。", n=MOST_ITEMS))
        where = _("第 %(n)s 行", n=block.line)
        try:
            reading.items.append(Item(where, block.code, _draft(block, defaults)))
        except Unsupported as error:
            reading.unsupported.append(Fault(where, str(error)))
        except ValueError as error:
            reading.faults.append(Fault(where, str(error)))
    return reading


def write(questions: Iterable[Written]) -> bytes:
    """Write questions so that ``read`` gives the same ones."""
    return "\n".join(_written(question) for question in questions).encode()


def _blocks(text: str) -> Iterator[_Block]:
    category, block, open_brace = "", _Block(1, ""), False
    for number, line in enumerate(text.split("\n"), start=1):
        plain = line.strip()
        if plain.startswith("//") and not open_brace:
            for name, value in _MARK.findall(plain):
                _note(block, name, unescape(value))
        elif plain.startswith("$CATEGORY:") and not block.lines:
            category = block.category = plain.removeprefix("$CATEGORY:").strip()
        elif not plain and not open_brace:
            if block.lines:
                yield block
                block = _Block(number, category)
        else:
            if not block.lines:
                block.line = number
            block.lines.append(line)
            for match in _BRACE.finditer(line):
                open_brace = match[1] == "{"
    if block.lines:
        yield block


def _note(block: _Block, name: str, value: str) -> None:
    if name == "id":
        block.code = value.strip()
        return
    key, equals, rest = value.partition("=")
    if equals and key in TAGS:
        block.tags[key] = rest


def _draft(block: _Block, defaults: Defaults) -> Draft:
    text = _TITLE.sub("", "\n".join(block.lines).strip(), count=1).strip()
    braces = [match.start(1) for match in _BRACE.finditer(text)]
    if not braces:
        raise Unsupported(_("只有说明文字，没有答案。"))
    if len(braces) != 2 or text[braces[0]] != "{" or text[braces[1]] != "}":
        raise ValueError(_("花括号不成对，或者一道题里有两组答案。"))
    style, before = cut_format(text[: braces[0]], "moodle")
    inside, after = text[braces[0] + 1 : braces[1]], text[braces[1] + 1 :]
    stem = readable(before, style)
    if after.strip():
        stem = f"{stem} ____ {readable(after, style)}"
    draft, explanation = gift_answers.parse(stem, inside, style)
    module = block.category.rpartition("/")[2].strip()
    return finished(draft, explanation, block.tags, defaults, module[:30])


def _written(question: Written) -> str:
    draft = question.draft
    marks = "".join(f" [tag:{escape_mark(f'{name}={value}')}]" for name, value in tags_of(draft))
    lines = [f"// [id:{escape_mark(question.code)}]{marks}"]
    lines.append(f"::{escape(question.code)}::[plain]{escape(draft.stem)}{{")
    if draft.kind == Kind.JUDGE:
        lines.append("TRUE" if draft.key["right"] else "FALSE")
    else:
        lines += _answers(draft)
    if draft.explanation:
        lines.append(f"####{escape(draft.explanation)}")
    return "\n".join([*lines, "}", ""])


def _answers(draft: Draft) -> Iterator[str]:
    right = draft.key["right"]
    for index, option in enumerate(options_of(draft.body)):
        if draft.kind == Kind.SINGLE:
            mark = "=%100%" if index in right else "~%0%"
        else:
            mark = f"~%{100 / len(right):.7g}%" if index in right else "~%-100%"
        yield f"{mark}[plain]{escape(option)}"


def escape_mark(text: str) -> str:
    """Text inside ``[id:…]`` or ``[tag:…]``."""
    return escape(text).replace("]", "\\]")
