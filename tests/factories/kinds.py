"""Questions of all ten kinds: for hypothesis, and a fixed set with a canary in every secret."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from exams.bank.kinds import SIMPLE, Simple, blanks_in, tidied
from exams.bank.models import Kind
from exams.bank.rules import Draft, tidy

_words = st.text("甲乙丙丁戊abcXYZ１２3 ", min_size=1, max_size=6).map(str.strip).filter(bool)
_numbers = st.decimals(-9999, 9999, places=3).map(str)


def _lists(least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(_words, min_size=least, max_size=most, unique=True)


@st.composite
def simple_questions(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(SIMPLE)) -> Simple:
    """A sound question of one of these kinds, tidied."""
    kind, stem = draw(st.sampled_from(kinds)), "问什么？"
    body: dict[str, Any] = {}
    key: dict[str, Any] = {}
    match kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            body["options"] = draw(_lists(2, 10))
            places = st.sets(st.integers(0, len(body["options"]) - 1), min_size=1)
            right = draw(places)
            key["right"] = sorted(right)[:1] if kind == Kind.SINGLE else sorted(right)
        case Kind.JUDGE:
            key["right"] = draw(st.booleans())
        case Kind.NUMERIC:
            body |= draw(st.sampled_from([{}, {"unit": "毫升"}]))
            key |= {"right": draw(_numbers), "within": draw(_numbers).lstrip("-")}
        case Kind.FILL:
            key["blanks"] = draw(st.lists(_lists(1, 4), min_size=1, max_size=5))
            key["exact"] = draw(st.booleans())
            stem = "空___" * len(key["blanks"])
            body["blanks"] = blanks_in(stem)
        case Kind.MATCHING:
            body |= {"left": draw(_lists(2, 6)), "right": draw(_lists(2, 8))}
            place = st.integers(0, len(body["right"]) - 1)
            key["pairs"] = [draw(place) for _left in body["left"]]
        case Kind.ORDERING:
            body["items"] = draw(_lists(2, 8))
            key["sequence"] = list(draw(st.permutations(range(len(body["items"])))))
        case _:
            body["longest"] = draw(st.integers(1, 5000))
            key |= {"reference": draw(_words), "rubric": []}
    return Simple(kind, stem, *tidied(kind, body, key))


@st.composite
def orders(draw: st.DrawFn, question: Simple) -> tuple[int, ...]:
    """An order in which a paper may show the question."""
    for name in ("options", "right", "items"):
        if name in question.body:
            return tuple(draw(st.permutations(range(len(question.body[name])))))
    return ()


def right_answer(question: Simple, order: tuple[int, ...]) -> dict[str, Any]:
    """What somebody who knows sends."""
    key = question.key
    match question.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            return {"picked": sorted(order.index(index) for index in key["right"])}
        case Kind.JUDGE:
            return {"value": key["right"]}
        case Kind.NUMERIC:
            return {"number": key["right"]}
        case Kind.FILL:
            return {"blanks": [accepted[-1] for accepted in key["blanks"]]}
        case Kind.MATCHING:
            return {"pairs": [order.index(index) for index in key["pairs"]]}
        case Kind.ORDERING:
            return {"sequence": [order.index(index) for index in key["sequence"]]}
    return {"text": "写了几句。"}


#: Plain ASCII, so that it looks the same in a page and in JSON.
SECRET = "GOLDFINCH"
_COMMON: dict[str, Any] = {"module": "生活照护", "difficulty": "medium", "rung": 2}


def canary(number: int) -> str:
    """A text that must never reach a candidate before release."""
    return f"{SECRET}-{number:03d}-qX7"


def one_of_each(media: list[dict[str, str]] | None = None) -> list[Draft]:
    """One question of every kind, with canaries in key, explanation, note and everything else
    that is not to be seen; the case has a part of every other kind."""
    simple = [_secretive(kind) for kind in SIMPLE]
    parts = [
        {"kind": d.kind, "stem": f"小题：{d.stem}", "body": d.body, "share": 1} for d in simple
    ]
    case = Draft(
        Kind.CASE, "张奶奶，78 岁，偏瘫。", {"parts": parts},
        {"parts": [d.key for d in simple]}, **_COMMON,
    )  # fmt: skip
    drafts = [*simple, case]
    if media:
        drafts[0] = replace(drafts[0], body=drafts[0].body | {"media": media})
    return [
        tidy(replace(d, explanation=canary(n), note=canary(100 + n), source=canary(200 + n)))
        for n, d in enumerate(drafts)
    ]


def _secretive(kind: str) -> Draft:
    stem, body, key = f"{kind} 问什么？", {}, {}  # type: str, dict[str, Any], dict[str, Any]
    match kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            body, key = {"options": ["甲项", "乙项", "丙项", "丁项"]}, {"right": [1]}
        case Kind.JUDGE:
            key = {"right": True}
        case Kind.NUMERIC:
            body, key = {"unit": "毫升"}, {"right": "98765.4321", "within": "0.0625"}
        case Kind.FILL:
            stem = "先___，再___。"
            key = {"blanks": [[canary(301)], [canary(302), canary(303)]], "exact": False}
        case Kind.MATCHING:
            body = {"left": ["左一", "左二"], "right": ["右一", "右二", "右三"]}
            key = {"pairs": [1, 0]}
        case Kind.ORDERING:
            body, key = {"items": ["第一步做", "然后做", "最后做"]}, {"sequence": [0, 1, 2]}
        case _:
            rubric = [{"text": canary(304), "share": 2}, {"text": canary(305), "share": 1}]
            body, key = {"longest": 300}, {"reference": canary(306), "rubric": rubric}
    return tidy(Draft(kind, stem, body, key, **_COMMON))


#: Keys that are no text of their own: these must not be seen either.
NUMBERS = ("98765.4321", "0.0625")
