"""Spread, the third marker, panels and voided questions as pure rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.marking.agreement import Terms, agreed, apart, mean, panel_of, panel_score, with_third
from exams.marking.corrections.rules import void_marks, void_share
from exams.marking.rubrics import points_of, split

VALUE = {
    "spread_tenths": 50, "least_spread_tenths": 10, "third": "adjudicator", "claim_minutes": 30,
    "panel_least": 3, "panel_score": "mean", "recuse": ["self", "taught", "colleague"],
}  # fmt: skip
marks = st.integers(0, 1000)
sheets = st.lists(marks, min_size=1, max_size=7)


def terms(spread=None, **changes):
    return Terms.of(VALUE | changes, "exams.marking@1", spread)


@pytest.mark.parametrize(
    ("most", "spread", "limit"), [(1000, None, 50), (200, None, 10), (1000, 80, 80), (400, 50, 20)]
)
def test_the_limit_follows_the_marks_at_stake(most, spread, limit):
    assert terms(spread).limit(most) == limit


@pytest.mark.parametrize(
    ("tenths", "final"),
    [([800, 850], 825), ([800, 851], None), ([700, 700], 700), ([701, 702], 702)],
)
def test_two_sheets_agree_up_to_five_marks(tenths, final):
    assert agreed(tenths, 1000, terms()) == final


@pytest.mark.parametrize(
    ("third", "final"), [("adjudicator", 500), ("nearest", 550), ("mean", 567)]
)
def test_the_third_word(third, final):
    assert with_third([800, 400], 500, terms(third=third)) == (450 if third == "nearest" else final)


@given(sheets, st.sampled_from(["mean", "trimmed"]), st.randoms(use_true_random=False))
def test_a_panels_score_lies_between_its_sheets_and_ignores_their_order(tenths, way, rng):
    score = panel_score(tenths, terms(panel_score=way))
    assert min(tenths) <= score <= max(tenths)
    rng.shuffle(tenths)
    assert panel_score(tenths, terms(panel_score=way)) == score


def test_trimmed_leaves_out_the_ends():
    assert panel_score([0, 700, 720, 740, 1000], terms(panel_score="trimmed")) == 720


@given(sheets)
def test_the_mean_is_the_nearest_whole_tenth(tenths):
    assert abs(mean(tenths) * len(tenths) - sum(tenths)) * 2 <= len(tenths)
    assert agreed(tenths, 1000, terms(apart(tenths))) == mean(tenths)


@given(st.sets(st.integers(1, 30), max_size=9), st.frozensets(st.integers(1, 30), max_size=9))
def test_a_panel_is_odd_free_of_conflict_and_at_least_three(members, barred):
    chosen = panel_of(sorted(members), barred, 3)
    assert not set(chosen) & barred
    assert chosen == () or (len(chosen) % 2 and len(chosen) >= 3)
    assert len(chosen) >= len(members - barred) - 1 or len(members - barred) < 3


@given(st.integers(1, 2000), st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_a_rubric_adds_up_to_the_marks_of_its_question(most, shares):
    assert sum(split(most, shares)) == most
    key = {"rubric": [{"text": str(n), "share": s} for n, s in enumerate(shares)]}
    assert [p.most for p in points_of(key, most)] == split(most, shares)
    assert points_of({"rubric": []}, most)[0].most == most


@given(st.dictionaries(st.integers(1, 50), st.tuples(st.integers(0, 20), st.just(20)), min_size=1))
def test_a_voided_question_keeps_the_candidates_share_of_the_rest(given_marks):
    got = sum(tenths for tenths, _most in given_marks.values())
    most = 20 * len(given_marks)
    share = void_marks({99: 100}, given_marks)[99]
    assert 0 <= share <= 100
    assert abs(share * most - 100 * got) * 2 <= most
    assert void_share(100, 0, 0) == 100
