"""Questions in GIFT, the text format of Moodle; ids and tags stand in comments, as it does."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from exams.bank.formats import cells, gift_answers
from exams.bank.formats.choices import SHAPES, TAGS, shape_tags, tags_of
from exams.bank.formats.gathering import Gatherer, Piece
from exams.bank.formats.gift_answers import cut_format, escape, readable, tamed, unescape
from exams.bank.formats.items import (
    MOST_ITEMS,
    BadFile,
    Defaults,
    Reading,
    Unsupported,
    Written,
    decoded,
)
from exams.bank.kinds import Simple, parts_of
from exams.bank.models import Kind

_MARK = re.compile(r"\[(id|tag):((?:\\.|[^\]\\]){0,500})\]")
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
    gather = Gatherer(reading, defaults)
    for count, block in enumerate(_blocks(decoded(data))):
        if count >= MOST_ITEMS:
            raise BadFile(_("一次最多导入 %(n)s 道题，请分成几份。", n=MOST_ITEMS))
        _take(block, gather)
    gather.close()
    return reading


def _take(block: _Block, gather: Gatherer) -> None:
    where, part = _("第 %(n)s 行", n=block.line), "part" in block.tags
    try:
        piece = _piece(where, block)
        if "case" in block.tags:
            gather.head(piece)
        elif part:
            gather.part(piece)
        else:
            gather.add(piece)
    except Unsupported as error:
        gather.unsupported(where, str(error), part)
    except ValueError as error:
        gather.fault(where, str(error), part=part)


def write(questions: Iterable[Written]) -> bytes:
    """Write questions so that ``read`` gives the same ones."""
    return "\n".join(text for question in questions for text in _written(question)).encode()


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
    if equals and (key in TAGS or key in SHAPES):
        block.tags[key] = rest


def _piece(where: str, block: _Block) -> Piece:
    text = _TITLE.sub("", "\n".join(block.lines).strip(), count=1).strip()
    module = block.category.rpartition("/")[2].strip()[:30]
    braces = [match.start(1) for match in _BRACE.finditer(text)]
    if not braces and "case" in block.tags:
        style, stem = cut_format(text, "moodle")
        simple = Simple(Kind.CASE, readable(stem, style), {}, {})
        said = block.tags.get("explanation", "")
        return Piece(where, block.code, simple, said, block.tags, module)
    if not braces:
        raise Unsupported(_("只有说明文字，没有答案。"))
    if len(braces) != 2 or text[braces[0]] != "{" or text[braces[1]] != "}":
        raise ValueError(_("花括号不成对，或者一道题里有两组答案。"))
    style, before = cut_format(text[: braces[0]], "moodle")
    inside, after = text[braces[0] + 1 : braces[1]], text[braces[1] + 1 :]
    simple, explanation = gift_answers.parse(
        readable(before, style), readable(after, style), inside, style, block.tags
    )
    return Piece(where, block.code, simple, explanation, block.tags, module)


def _written(question: Written) -> Iterator[str]:
    draft, code = question.draft, question.code
    tags = tags_of(draft)
    simple = Simple(draft.kind, draft.stem, draft.body, draft.key)
    if draft.kind != Kind.CASE:
        yield _block(code, simple, draft.explanation, tags)
        return
    parts = parts_of(draft.kind, draft.stem, draft.body, draft.key)
    tags = [*tags, ("case", str(len(parts)))]
    if draft.explanation:
        tags.append(("explanation", draft.explanation))
    yield f"{_comment(code, tags)}\n::{escape(code)}::[plain]{escape(draft.stem)}\n"
    for number, part in enumerate(parts, start=1):
        share = str(draft.body["parts"][number - 1]["share"])
        yield _block(f"{code}.{number}", part, "", [("part", str(number)), ("share", share)])


def _comment(code: str, tags: Iterable[tuple[str, str]]) -> str:
    marks = "".join(f" [tag:{escape_mark(f'{name}={value}')}]" for name, value in tags)
    return f"// [id:{escape_mark(code)}]{marks}"


def _block(code: str, simple: Simple, explanation: str, tags: list[tuple[str, str]]) -> str:
    lines = [_comment(code, [*tags, *shape_tags(simple)])]
    lines.append(f"::{escape(code)}::[plain]{escape(simple.stem)}{{")
    lines += _answers(simple)
    if explanation:
        lines.append(f"####{escape(explanation)}")
    return "\n".join([*lines, "}", ""])


def _answers(simple: Simple) -> Iterator[str]:
    body: dict[str, Any] = simple.body
    key: dict[str, Any] = simple.key
    match simple.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            yield from _options(simple.kind, body["options"], key["right"])
        case Kind.JUDGE:
            yield "TRUE" if key["right"] else "FALSE"
        case Kind.NUMERIC:
            yield f"#{key['right']}:{key['within']}"
        case Kind.FILL:
            yield from _accepted(key["blanks"])
        case Kind.MATCHING:
            yield from _pairs(body, key)
        case Kind.ORDERING:
            yield f">{len(body['items'])} ALL VERTICAL ABSOLUTE_POSITION SHOW"
            yield from (escape(body["items"][index]) for index in key["sequence"])


def _accepted(blanks: list[list[str]]) -> Iterator[str]:
    """GIFT has one blank; the answers of several stand together, as in a spreadsheet's cell."""
    for text in [cells.fill_text(blanks)] if len(blanks) > 1 else blanks[0]:
        yield f"=%100%[plain]{escape(tamed(text))}"


def _pairs(body: dict[str, Any], key: dict[str, Any]) -> Iterator[str]:
    for left, right in zip(body["left"], key["pairs"], strict=True):
        yield f"={_side(left)} -> {_side(body['right'][right])}"
    for other in cells.others_of(body, key):
        yield f"= -> {_side(other)}"


def _side(text: str) -> str:
    return escape(text).replace("->", "-\\>")


def _options(kind: str, options: list[str], right: list[int]) -> Iterator[str]:
    for index, option in enumerate(options):
        if kind == Kind.SINGLE:
            mark = "=%100%" if index in right else "~%0%"
        else:
            mark = f"~%{100 / len(right):.7g}%" if index in right else "~%-100%"
        yield f"{mark}[plain]{escape(option)}"


def escape_mark(text: str) -> str:
    """Text inside ``[id:…]`` or ``[tag:…]``."""
    return escape(text).replace("]", "\\]")
