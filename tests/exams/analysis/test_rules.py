"""The statistics against definitions, the standard library and published values."""

import random
from statistics import correlation, pvariance, variance

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exams.analysis import rules
from exams.analysis.rules import Flag, Sitting, Sums


def sums(marks: list[int], totals: list[int], most: int = 10) -> Sums:
    return Sums(
        len(marks),
        sum(marks),
        sum(x * x for x in marks),
        sum(totals),
        sum(t * t for t in totals),
        sum(x * t for x, t in zip(marks, totals, strict=True)),
        most * len(marks),
    )


def test_wilsons_interval_is_newcombes_published_one():
    found = rules.wilson(81 / 263, 263)  # Newcombe 1998, Statistics in Medicine 17
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)


def test_fishers_interval_is_the_textbook_one():
    found = rules.fisher(0.5, 30)
    assert (round(found.low, 3), round(found.high, 3)) == (0.170, 0.729)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([0, 5, 10]), st.integers(0, 900)), min_size=30, max_size=80)
)
def test_discrimination_is_the_correlation_with_the_rest_of_the_paper(pairs):
    marks, rest = [x for x, _r in pairs], [r for _x, r in pairs]
    found = rules.discrimination(sums(marks, [x + r for x, r in pairs]))
    if pvariance(marks) == 0 or pvariance(rest) == 0:
        assert found is None
    else:
        assert found is not None
        assert found.value == pytest.approx(correlation(marks, rest), abs=1e-9)
        assert found.low <= found.value <= found.high


def matrix(n: int, k: int, seed: int = 3) -> list[list[int]]:
    rng = random.Random(seed)
    people = [rng.gauss(0, 1) for _ in range(n)]
    return [[10 * (rng.gauss(a, 1) > 0) for _ in range(k)] for a in people]


def test_alpha_is_cronbachs_definition():
    rows = matrix(120, 20)
    totals = [sum(row) for row in rows]
    columns = list(zip(*rows, strict=True))
    items = [sums(list(column), totals) for column in columns]
    expected = 20 / 19 * (1 - sum(map(variance, columns)) / variance(totals))
    assert rules.alpha(items, totals) == pytest.approx(expected)


def test_on_a_common_paper_the_nested_figure_is_near_alpha_and_below_it():
    rows = matrix(400, 40)
    totals = [sum(row) for row in rows]
    items = [sums(list(column), totals) for column in zip(*rows, strict=True)]
    sittings = [
        Sitting(sum(r), len(r), sum(100 * x for x in r), sum((100 * x) ** 2 for x in r))
        for r in rows
    ]
    alpha, nested = rules.alpha(items, totals), rules.nested_reliability(sittings)
    assert alpha is not None
    assert nested is not None
    assert nested <= alpha
    assert nested == pytest.approx(alpha, abs=0.05)


def test_nothing_is_claimed_of_a_small_sample():
    few = sums([0, 10] * 14, list(range(28)))
    assert rules.discrimination(few) is None
    assert rules.flags(few) == []
    assert rules.alpha([few, few], list(range(28))) is None
    assert rules.nested_reliability([Sitting(1, 2, 3, 4)] * 29) is None


def test_an_item_not_everybody_got_has_no_alpha():
    item = sums([0, 10] * 20, list(range(40)))
    assert rules.alpha([item, item], list(range(41))) is None


@pytest.mark.parametrize(
    ("marks", "totals", "expected"),
    [
        ([0] * 35 + [10] * 5, list(range(0, 400, 10)), [Flag.TOO_HARD]),
        ([0] * 1 + [10] * 39, [0] + [100 + n for n in range(39)], [Flag.TOO_EASY]),
        ([10] * 20 + [0] * 20, list(range(0, 800, 20)), [Flag.REVERSED]),
        ([0, 10] * 20, [500 + n // 2 % 7 + n % 2 * 10 for n in range(40)], [Flag.WEAK]),
        ([0] * 20 + [10] * 20, list(range(0, 800, 20)), []),
    ],
)
def test_what_stands_out_is_flagged(marks, totals, expected):
    assert [
        f for f in rules.flags(sums(marks, totals)) if f in expected or not expected
    ] == expected


def test_the_error_of_measurement_needs_a_sensible_reliability():
    assert rules.error_of_measurement([1, 2, 3], None) is None
    assert rules.error_of_measurement([1, 2, 3], -0.2) is None
    assert rules.error_of_measurement([600, 700, 800], 0.75) == pytest.approx(50)


def test_full_marks_lie_in_the_last_band():
    assert rules.distribution([0, 99, 100, 999, 1000]) == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]


def test_the_distractor_table_counts_options_groups_and_blanks():
    answers = [(n, frozenset("A" if n < 20 else "B")) for n in range(59)] + [(59, frozenset())]
    table = {row.label: row for row in rules.choices(answers, "ABC", frozenset("A"))}
    assert (table["A"].count, table["B"].count, table["C"].count, table[""].count) == (20, 39, 0, 1)
    assert (table["A"].upper, table["A"].lower) == (0, 1)
    assert table["A"].is_right
    assert rules.is_tempting(table["B"], 60)
    assert rules.is_idle(table["C"], 60)
    assert not rules.is_idle(table["C"], 20)
