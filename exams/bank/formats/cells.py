"""Several texts in one: in a spreadsheet's cell, in a tag. What divides them is escaped in them.

``甲|甲项；乙`` is two blanks, the first with two accepted answers. A backslash before a divider
makes it plain text; ``\\n`` is a line break.
"""

import re
from collections.abc import Iterable, Sequence

BLANKS, ALTERNATIVES, LINES, ARROW = "；;\n", "|｜", "\n", "→"
_FILL = BLANKS + ALTERNATIVES
_CRITERION = re.compile(r"^\s*(\d{1,3})\s*分?\s*[:：]\s*(.*)$", re.DOTALL)
_TRAILING = re.compile(r"[（(]\s*(\d{1,3})\s*分\s*[)）]\s*[。；;]?\s*$")
_ARROWS = re.compile(r"(?<!\\)((?:\\\\)*)(?:→|-{1,9}>|={1,9}>|——+)")


def guard(text: str, signs: str) -> str:
    """The text with every divider, backslash and line break escaped."""
    kept = "".join(f"\\{c}" if c == "\\" or (c in signs and c != "\n") else c for c in text)
    return kept.replace("\n", "\\n")


def unguard(text: str) -> str:
    """The text that was guarded."""
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], text, flags=re.DOTALL)


def split(text: str, signs: str) -> list[str]:
    """The pieces between unescaped dividers, still guarded."""
    pieces, start, place = [], 0, 0
    while place < len(text):
        if text[place] == "\\":
            place += 1
        elif text[place] in signs:
            pieces.append(text[start:place])
            start = place + 1
        place += 1
    return [*pieces, text[start:]]


def lines_text(texts: Iterable[str]) -> str:
    """Texts one a line."""
    return "\n".join(guard(text, LINES) for text in texts)


def lines_of(text: str) -> list[str]:
    """The texts of a cell that holds one a line."""
    return [unguard(piece).strip() for piece in split(text, LINES) if piece.strip()]


def fill_text(blanks: Sequence[Sequence[str]]) -> str:
    """Accepted answers of each blank."""
    return "；".join("|".join(guard(text, _FILL) for text in blank) for blank in blanks)


def fill_of(text: str, number: int) -> list[list[str]]:
    """Accepted answers of ``number`` blanks; other dividers are tried when these do not fit."""
    for signs in (BLANKS, "、", "，,", " 　"):
        pieces = [piece for piece in split(text, signs) if piece.strip()]
        if len(pieces) == number:
            break
    else:
        pieces = split(text, BLANKS)
    return [
        [unguard(each).strip() for each in split(piece, ALTERNATIVES) if each.strip()]
        for piece in pieces
    ]


def rubric_text(rubric: Sequence[dict[str, object]]) -> str:
    """What is marked, one criterion a line: ``2分：说出洗手的时机``."""
    return "\n".join(f"{row['share']}分：{guard(str(row['text']), LINES)}" for row in rubric)


def rubric_of(text: str) -> list[dict[str, object]]:
    """Criteria with their shares; a line without one counts 1."""
    rows: list[dict[str, object]] = []
    for line in split(text, LINES):
        if not line.strip():
            continue
        leading, trailing = _CRITERION.match(line), _TRAILING.search(line)
        if leading:
            rows.append({"text": unguard(leading[2]).strip(), "share": int(leading[1])})
        elif trailing:
            text = unguard(line[: trailing.start()]).strip()
            rows.append({"text": text, "share": int(trailing[1])})
        else:
            rows.append({"text": unguard(line).strip(), "share": 1})
    return rows


def pair_text(left: str, right: str) -> str:
    """A pair of a matching question: ``左 → 右``."""
    return f"{guard_pair(left)} → {guard_pair(right)}"


def guard_pair(text: str) -> str:
    """Text that holds no arrow of any kind."""
    return re.sub(r"([→>—])", r"\\\1", guard(text, ""))


def pair_of(text: str) -> tuple[str, str] | None:
    """Left and right of a pair; None when there is no arrow."""
    arrow = _ARROWS.search(text)
    if arrow is None:
        return None
    left = text[: arrow.start()] + arrow[1]
    return unguard(left).strip(), unguard(text[arrow.end() :]).strip()


def matching_of(
    pairs: Sequence[tuple[str, str]], others: Sequence[str]
) -> tuple[dict[str, object], dict[str, object]]:
    """Body and key of a matching question from its pairs and the rights nothing matches."""
    rights = list(dict.fromkeys([right for _left, right in pairs] + list(others)))
    body: dict[str, object] = {"left": [left for left, _right in pairs], "right": rights}
    return body, {"pairs": [rights.index(right) for _left, right in pairs]}


def others_of(body: dict[str, list[str]], key: dict[str, list[int]]) -> list[str]:
    """The rights of a matching question that match nothing."""
    used = set(key["pairs"])
    return [right for place, right in enumerate(body["right"]) if place not in used]
