"""Answers as phones send them: every shape, nothing malformed, nothing oversized; and what the
room shows of a question, which never holds anything of its key."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.bank.kinds import SIMPLE
from exams.bank.queries import Face, Scene
from exams.sittings.rules import answers_digest, is_answer, is_answered
from exams.sittings.showing import show
from tests.factories.kinds import NUMBERS, SECRET, one_of_each, orders, simple_questions

GOOD = [
    {}, {"flag": True}, {"picked": [0, 3]}, {"picked": []}, {"value": True}, {"value": None},
    {"number": "37.5"}, {"number": ""}, {"blanks": ["甲", ""]}, {"pairs": [0, None, 0]},
    {"pairs": [11]}, {"sequence": [2, 0, 1]}, {"sequence": []}, {"text": "写" * 5000},
    {"text": "第一行\n第二行", "flag": False}, {"blanks": ["写" * 100] * 10},
]  # fmt: skip
BAD = [
    None, [], "x", {"picked": [1, 0]}, {"picked": [1, 1]}, {"picked": [10]}, {"picked": [-1]},
    {"picked": [True]}, {"picked": "01"}, {"picked": [0], "value": True}, {"value": 1},
    {"value": "true"}, {"flag": 1}, {"flag": None}, {"number": 37.5}, {"number": "1" * 21},
    {"number": "1\0"}, {"blanks": "甲"}, {"blanks": [1]}, {"blanks": ["写" * 101]},
    {"blanks": ["甲"] * 11}, {"pairs": [12]}, {"pairs": [None] * 11}, {"pairs": [False]},
    {"pairs": {"0": 1}}, {"sequence": [0, 0]}, {"sequence": [1]}, {"sequence": [0, 2]},
    {"sequence": list(range(11))}, {"text": "写" * 5001}, {"text": ["x"]}, {"text": "\ud800"},
    {"text": "a\0b"}, {"blanks": ["\udfff"]}, {"mark": 10}, {"text": "x", "tenths": 10},
    {"picked": [[0]]}, {"picked": [0.0]}, {"sequence": [None]},
]  # fmt: skip


@pytest.mark.parametrize("answer", GOOD)
def test_answers_of_every_kind_are_taken(answer):
    assert is_answer(answer)
    assert len(answers_digest(1, {1: answer})) == 64


@pytest.mark.parametrize("answer", BAD)
def test_anything_else_is_no_answer(answer):
    assert not is_answer(answer)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 15) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
NAMES = ["picked", "value", "number", "blanks", "pairs", "sequence", "text", "flag", "x"]


@given(st.dictionaries(st.sampled_from(NAMES), json_values, max_size=3))
def test_what_is_taken_can_be_counted_and_digested_and_the_rest_is_refused_quietly(answer):
    if is_answer(answer):
        assert is_answered(answer) in (True, False)
        answers_digest(1, {1: answer})
        assert len(set(answer) - {"flag"}) <= 1


@pytest.mark.parametrize(
    "answer",
    [None, {}, {"flag": True}, {"picked": []}, {"value": None}, {"number": " "},
     {"blanks": ["", " "]}, {"pairs": [None, None]}, {"sequence": []}, {"text": "\n"}],
)  # fmt: skip
def test_empty_answers_do_not_count(answer):
    assert not is_answered(answer)
    assert answers_digest(1, {1: answer or {}}) == answers_digest(1, {})


@pytest.mark.parametrize(
    "answer",
    [{"picked": [0]}, {"value": False}, {"number": "0"}, {"blanks": ["", "x"]},
     {"pairs": [None, 0]}, {"sequence": [0]}, {"text": "x"}],
)  # fmt: skip
def test_answers_count_and_each_has_its_digest(answer):
    assert is_answered(answer)
    assert answers_digest(1, {1: answer}) == answers_digest(1, {1: answer | {"flag": True}})
    assert answers_digest(1, {1: answer}) != answers_digest(1, {})
    assert answers_digest(1, {1: answer}) != answers_digest(2, {1: answer})


@dataclass(frozen=True)
class Place:
    position: int
    tenths: int
    order: tuple[int, ...]


@given(st.data())
def test_a_question_is_shown_in_the_papers_order_and_complete(data):
    question = data.draw(simple_questions())
    order = data.draw(orders(question))
    face = Face(1, question.kind, question.stem, question.body, "模块")
    sent = show(Place(3, 20, order), face).as_json()
    assert (sent["position"], sent["tenths"], sent["kind"]) == (3, 20, question.kind)
    for name in ("options", "right", "items"):
        if name in question.body:
            assert sent[name] == [question.body[name][index] for index in order]
    for name in ("left", "blanks", "longest"):
        assert sent.get(name) == question.body.get(name)
    assert set(question.body) <= set(sent)
    json.dumps(sent)


def test_nothing_of_a_key_is_ever_shown():
    media = [{"digest": "a" * 64, "kind": "picture", "alt": "一张图"}]
    for draft in one_of_each(media):
        whole = Face(1, draft.kind, draft.stem, draft.body, draft.module)
        parts = range(len(draft.body["parts"])) if draft.kind == "case" else [None]
        for part in parts:
            face = whole.part(part)
            order = next(
                (range(len(face.body[n])) for n in ("options", "right", "items") if n in face.body),
                (),
            )
            sent = json.dumps(show(Place(1, 10, tuple(order)), face).as_json(), ensure_ascii=False)
            assert SECRET not in sent
            assert not any(number in sent for number in NUMBERS)


def test_a_part_of_a_case_brings_its_case_and_the_media_of_both():
    media = {"digest": "a" * 64, "kind": "picture", "alt": "图"}
    sound = {"digest": "b" * 64, "kind": "audio", "alt": ""}
    parts = [
        {"kind": kind, "stem": f"小题 {kind}", "share": 1, "body": {"media": [sound]}}
        for kind in ("judge", "numeric")
    ]
    whole = Face(1, "case", "张奶奶偏瘫。", {"parts": parts, "media": [media]}, "模块")
    assert whole.part(1).scene == Scene("张奶奶偏瘫。", 2, 2, (media,))
    assert show(Place(5, 10, ()), whole.part(1)).as_json() == {
        "position": 5, "kind": "numeric", "stem": "小题 numeric", "options": [], "tenths": 10,
        "unit": "", "case": {"stem": "张奶奶偏瘫。", "part": 2, "parts": 2},
        "media": [
            {"url": "/exams/media/" + "a" * 64, "kind": "picture", "alt": "图"},
            {"url": "/exams/media/" + "b" * 64, "kind": "audio", "alt": ""},
        ],
    }  # fmt: skip
    assert {"judge", "numeric"} < set(SIMPLE)
