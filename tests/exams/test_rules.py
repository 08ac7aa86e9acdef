"""The pure rules, against models that are simpler than they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.marking.rules import Markable, Policy, mark
from exams.sittings.rules import fold, is_answer

steps = st.lists(
    st.tuples(st.integers(1, 500), st.integers(1, 9), st.integers(0, 3)), unique_by=lambda s: s[0]
)


@given(steps, st.randoms())
def test_folding_gives_the_last_answer_whatever_the_order_of_arrival(taken, rng):
    log = [(seq, position, {"picked": [place]}) for seq, position, place in taken]
    expected = {}
    for _seq, position, answer in sorted(log, key=lambda row: row[0]):
        expected[position] = answer
    rng.shuffle(log)
    assert fold(log) == expected


@given(
    st.integers(2, 8).flatmap(
        lambda n: st.tuples(
            st.permutations(range(n)),
            st.sets(st.integers(0, n - 1), min_size=1),
            st.sets(st.integers(0, n - 1)),
        )
    )
)
def test_multiple_choice_is_all_or_nothing_and_partial_never_rewards_a_wrong_pick(case):
    order, right, places = case
    picked = {order[place] for place in places}
    answer, key = {"picked": sorted(places)}, {"right": sorted(right)}
    question = Markable("multiple", key, order)
    assert mark(question, answer, 20) == (20 if picked == right else 0)
    partial = mark(question, answer, 20, Policy(multiple="partial"))
    assert partial == (20 * len(picked) // len(right) if picked <= right else 0)
    assert 0 <= partial <= 20


@pytest.mark.parametrize(
    ("kind", "key", "answer", "tenths"),
    [
        ("single", [2], {"picked": [0]}, 10),
        ("single", [2], {"picked": [1]}, 0),
        ("single", [2], {"picked": [0, 1]}, 0),
        ("single", [2], {"picked": []}, 0),
        ("single", [2], {"picked": [9]}, 0),
        ("single", [2], None, 0),
        ("judge", True, {"value": True}, 10),
        ("judge", False, {"value": False}, 10),
        ("judge", False, {"value": True}, 0),
        ("judge", False, {"flag": True}, 0),
        ("judge", True, {"picked": [0]}, 0),
    ],
)
def test_single_and_true_or_false(kind, key, answer, tenths):
    assert mark(Markable(kind, {"right": key}, [2, 0, 1]), answer, 10) == tenths


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_only_well_formed_answers_are_answers(junk):
    assert not is_answer(junk)
    assert is_answer({"picked": junk}) is (
        isinstance(junk, list)
        and all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 10 for n in junk)
        and junk == sorted(set(junk))
    )
