"""Questions of all ten kinds: sound shapes, neutral orders, digests that stand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.bank import rules
from exams.bank.kinds import SIMPLE, media_of, neutral, parts_of, shuffled_of, texts_of
from exams.bank.models import Kind
from exams.bank.rules import Draft, digest, faults, tidy
from tests.factories.kinds import one_of_each, simple_questions


def draft(kind: str, body: dict, key: dict, stem: str = "问什么？") -> Draft:
    return tidy(Draft(kind, stem, body, key, "生活照护", "easy", 2))


@given(simple_questions())
def test_every_kind_is_sound_and_tidying_twice_changes_nothing(question):
    made = draft(question.kind, question.body, question.key, question.stem)
    assert faults(made) == []
    assert tidy(made) == made
    case = draft(
        "case",
        {"parts": [{"kind": made.kind, "stem": made.stem, "body": made.body, "share": 2}]},
        {"parts": [made.key]},
    )
    assert faults(case) == []
    assert tidy(case) == case
    (part,) = parts_of(case.kind, case.stem, case.body, case.key)
    assert (part.kind, part.body, part.key) == (made.kind, made.body, made.key)


@given(simple_questions((Kind.MATCHING, Kind.ORDERING)), st.randoms())
def test_what_is_stored_does_not_depend_on_the_order_it_was_written_in(question, rng):
    name, pointer = ("right", "pairs") if question.kind == "matching" else ("items", "sequence")
    texts = question.body[name]
    shuffled = rng.sample(range(len(texts)), len(texts))
    body = question.body | {name: [texts[n] for n in shuffled]}
    key = {pointer: [shuffled.index(index) for index in question.key[pointer]]}
    assert draft(question.kind, body, key) == draft(question.kind, question.body, question.key)
    assert neutral(texts) == list(range(len(texts)))


def test_one_of_each_is_sound_and_says_what_it_holds(app):
    drafts = one_of_each([{"digest": "a" * 64, "kind": "picture", "alt": "一张图"}])
    assert [d.kind for d in drafts] == [*SIMPLE, "case"]
    assert [faults(d) for d in drafts] == [[]] * 10
    assert [shuffled_of(d.body) for d in drafts] == [4, 4, 0, 0, 0, 3, 3, 0, 0, 0]
    assert media_of(drafts[0].body) == ["a" * 64]
    assert "小题：先___，再___。" in texts_of(drafts[-1].body)
    assert len({digest(d) for d in drafts}) == 10


def test_the_digest_of_a_caregivers_question_is_what_it_was_before_occupations():
    known = Draft("judge", "水温。", {}, {"right": True}, "生活照护", "easy", 2)
    assert digest(known) == "68d61788555b33524685ec8498ceff188189a23bf50df766c0390ac459f47ec0"
    assert digest(replace(known, occupation="director")) != digest(known)


WRONG = [
    ("single", {"options": ["甲"]}, {"right": [0]}, "选项应有 2 到 10 个"),
    ("single", {"options": ["甲", "乙"], "right": [0]}, {"right": [0]}, "不该有的部分"),
    ("single", {"options": ["甲", "乙"]}, {"right": [0, 1]}, "只能有一个答案"),
    ("multiple", {"options": ["甲", "乙"]}, {"right": [2]}, "不存在的选项"),
    ("multiple", {"options": ["甲", "乙"]}, {"right": [True]}, "请给出答案"),
    ("judge", {}, {"right": 1}, "正确 或 错误"),
    ("numeric", {}, {"right": "很多", "within": "0"}, "应是一个数"),
    ("numeric", {}, {"right": "1", "within": "-1"}, "不小于 0"),
    ("fill", {}, {"blanks": [["甲"]]}, "下划线"),
    ("matching", {"left": ["甲", "乙"], "right": ["丙", "丁"]}, {"pairs": [0]}, "指定右边"),
    ("matching", {"left": ["甲", "乙"], "right": ["丙", "丙"]}, {"pairs": [0, 1]}, "文字相同"),
    ("ordering", {"items": ["甲", "乙"]}, {"sequence": [0, 0]}, "正确顺序"),
    ("ordering", {"items": ["甲", *"abcdefghij"]}, {"sequence": []}, "2 到 10 个"),
    ("short", {"longest": 0}, {"reference": "甲"}, "字数上限"),
    ("essay", {"longest": 10}, {"reference": "", "rubric": []}, "评卷的人要用"),
    ("essay", {"longest": 10}, {"rubric": [{"text": "甲", "share": 0}]}, "评分要点"),
    ("case", {"parts": []}, {"parts": []}, "1 到 10 道小题"),
    ("case", {"parts": [{"kind": "case", "stem": "x", "body": {}, "share": 1}]}, {"parts": [{}]},
     "不认识的题型"),
    ("case", {"parts": [{"kind": "judge", "stem": "", "body": {}, "share": 0}]},
     {"parts": [{"right": True}]}, "第 1 小题：题干不能为空"),
    ("judge", {"media": [{"digest": "b" * 64, "kind": "picture", "alt": ""}]}, {"right": True},
     "写一句说明"),
    ("judge", {"media": [{"digest": "../x", "kind": "audio", "alt": ""}]}, {"right": True},
     "写法不对"),
    ("judge", {"media": [{"digest": "b" * 64, "kind": "audio", "alt": ""}] * 5}, {"right": True},
     "最多 4 个"),
    ("drawing", {}, {}, "不认识的题型"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "body", "key", "reason"), WRONG)
def test_an_unsound_question_is_refused_in_words(app, kind, body, key, reason):
    assert any(reason in fault for fault in faults(draft(kind, body, key)))


def test_items_not_in_their_neutral_order_are_refused(app):
    made = draft("ordering", {"items": ["甲", "乙", "丙"]}, {"sequence": [0, 1, 2]})
    turned = replace(made, body={"items": made.body["items"][::-1]})
    assert faults(turned) == [faults(turned)[0]]
    assert "透露答案" in faults(turned)[0]


def test_no_occupation_and_unseen_letters(app):
    made = rules.tidy(Draft("judge", " 水\x00温\x07。 ", {}, {"right": True}, "模块", "easy", 2))
    assert made.stem == "水温。"
    assert faults(replace(made, occupation=" "))
