"""Marking by rule: bounded, monotone, full for the right answer in every order of every kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.bank.kinds import AUTOMATIC, Simple
from exams.bank.models import Kind
from exams.marking.rules import Markable, Policy, mark
from exams.marking.wording import lines_of
from exams.sittings.rules import is_answer, is_answered
from tests.factories.kinds import orders, right_answer, simple_questions

MARKED = tuple(sorted(AUTOMATIC - {Kind.CASE}))
POLICIES = [
    Policy(multiple, fill, matching, ordering)
    for multiple in ("all_or_nothing", "partial")
    for fill in ("all_or_nothing", "per_blank")
    for matching in ("all_or_nothing", "per_pair")
    for ordering in ("all_or_nothing", "per_place")
]
policies = st.sampled_from(POLICIES)
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)
answers = st.one_of(
    st.sets(st.integers(0, 9)).map(lambda places: {"picked": sorted(places)}),
    st.sampled_from([{"value": True}, {"value": False}, {"value": None}, {}, {"flag": True}]),
    st.decimals(-9999, 9999, places=2).map(lambda number: {"number": str(number)}),
    texts.map(lambda text: {"number": text}),
    st.lists(texts, max_size=10).map(lambda blanks: {"blanks": blanks}),
    st.lists(st.none() | st.integers(0, 11), max_size=10).map(lambda pairs: {"pairs": pairs}),
    st.integers(0, 10).flatmap(lambda n: st.permutations(range(n))).map(
        lambda places: {"sequence": list(places)}
    ),
    texts.map(lambda text: {"text": text}),
)  # fmt: skip


@st.composite
def asked(draw: st.DrawFn) -> tuple[Simple, tuple[int, ...]]:
    question = draw(simple_questions(MARKED))
    return question, draw(orders(question))


@given(asked(), policies, st.integers(1, 200))
def test_the_right_answer_brings_full_marks_in_every_order(case, policy, tenths):
    question, order = case
    answer = right_answer(question, order)
    assert is_answer(answer)
    assert is_answered(answer)
    assert mark(Markable(question.kind, question.key, order), answer, tenths, policy) == tenths


@given(asked(), policies, st.integers(1, 200), answers)
def test_whatever_is_sent_is_marked_within_bounds(case, policy, tenths, answer):
    question, order = case
    assert is_answer(answer)
    marked = Markable(question.kind, question.key, order)
    tenths_given = mark(marked, answer, tenths, policy)
    assert 0 <= tenths_given <= tenths
    if not is_answered(answer):
        assert tenths_given == 0
    lines_of(question.kind, question.body, question.key, order, answer)


@given(asked(), st.integers(1, 200), answers)
def test_a_kinder_policy_never_gives_less(case, tenths, answer):
    question, order = case
    marked = Markable(question.kind, question.key, order)
    strict = Policy(*["all_or_nothing"] * 4)
    kind = Policy("partial", "per_blank", "per_pair", "per_place")
    assert mark(marked, answer, tenths, strict) <= mark(marked, answer, tenths, kind)


@given(asked(), st.integers(1, 200), st.data())
def test_mending_one_mistake_never_costs_marks(case, tenths, data):
    """Monotone: with one more blank, pair or place right the marks do not fall."""
    question, order = case
    right = right_answer(question, order)
    name, value = next(iter(right.items()))
    if not isinstance(value, list) or name not in ("blanks", "pairs"):
        return
    wrong = ["—" if name == "blanks" else None] * len(value)
    marked = Markable(question.kind, question.key, order)
    policy = data.draw(policies)
    before = mark(marked, {name: list(wrong)}, tenths, policy)
    for place in data.draw(st.permutations(range(len(value)))):
        wrong[place] = value[place]
        after = mark(marked, {name: list(wrong)}, tenths, policy)
        assert after >= before
        before = after
    assert before == tenths


@pytest.mark.parametrize(
    ("typed", "marks"),
    [
        ("37.5", 10), ("37.4", 10), ("37.6", 10), ("37.61", 0), ("37.39", 0), ("３７．５", 10),
        ("37。5", 10), (" 37.5 ", 10), ("+37.50", 10), ("37,5", 0), ("", 0), ("3.75e1", 0),
        ("NaN", 0), ("Infinity", 0), ("-37.5", 0), ("−37.5", 0), ("0x25", 0), ("三十七", 0),
        ("٣٧.٥", 0), ("37.500000000000000000", 0),
    ],
)  # fmt: skip
def test_numbers_are_compared_exactly_as_people_type_them(typed, marks):
    question = Markable("numeric", {"right": "37.5", "within": "0.1"})
    assert mark(question, {"number": typed}, 10) == marks


def test_a_number_with_thousands_and_one_without_tolerance():
    question = Markable("numeric", {"right": "1500", "within": "0"})
    assert [mark(question, {"number": n}, 10) for n in ("1,500", "1500.0", "1500.0001")] == [
        10,
        10,
        0,
    ]


@pytest.mark.parametrize(
    ("typed", "loose", "exact"),
    [
        ("CPR", 10, 10), ("cpr", 10, 0), ("ＣＰＲ", 10, 0), ("C P R", 10, 0), (" CPR ", 10, 10),
        ("", 0, 0),
    ],
)  # fmt: skip
def test_blanks_are_compared_without_spaces_width_and_case_unless_exact(typed, loose, exact):
    for flag, marks in ((False, loose), (True, exact)):
        question = Markable("fill", {"blanks": [["心肺复苏", "CPR"]], "exact": flag})
        assert mark(question, {"blanks": [typed]}, 10) == marks


def test_shares_are_rounded_down_in_tenths():
    question = Markable("fill", {"blanks": [["甲"], ["乙"], ["丙"]]})
    given = [["甲", "", ""], ["甲", "乙", ""], ["甲", "乙", "丙"]]
    assert [mark(question, {"blanks": blanks}, 10) for blanks in given] == [3, 6, 10]
    none = Policy(fill="all_or_nothing")
    assert [mark(question, {"blanks": blanks}, 10, none) for blanks in given] == [0, 0, 10]


def test_pairs_and_sequences_by_each_policy():
    pairs = Markable("matching", {"pairs": [2, 0]}, [0, 2, 1])
    assert mark(pairs, {"pairs": [1, 0]}, 10) == 10
    assert mark(pairs, {"pairs": [1, None]}, 10) == 5
    assert mark(pairs, {"pairs": [1, None]}, 10, Policy(matching="all_or_nothing")) == 0
    steps = Markable("ordering", {"sequence": [2, 0, 1]}, [1, 0, 2])
    assert mark(steps, {"sequence": [2, 1, 0]}, 10) == 10
    assert mark(steps, {"sequence": [2, 0, 1]}, 10) == 0
    assert mark(steps, {"sequence": [2, 0, 1]}, 10, Policy(ordering="per_place")) == 3


@pytest.mark.parametrize("kind", ["short", "essay", "case"])
def test_people_mark_the_rest(kind):
    with pytest.raises(ValueError):
        mark(Markable(kind, {"reference": "", "rubric": []}), {"text": "x"}, 10)


def test_an_events_own_rule_goes_before_the_fields():
    rule = {"grace_seconds": 120, "multiple": "all_or_nothing", "fill": "all_or_nothing"}
    assert Policy.of(rule) == Policy("all_or_nothing", "all_or_nothing")
    assert Policy.of(rule, multiple="partial", fill="") == Policy("partial", "all_or_nothing")
