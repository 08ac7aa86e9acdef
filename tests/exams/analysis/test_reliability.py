"""Reliability against numpy and scipy, and against published worked examples."""

import random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from exams.analysis import reliability, rules
from exams.analysis.figures import figures_of
from exams.analysis.reliability import Method
from exams.analysis.tally import MOST_FORMS, Met, Tally

#: Shrout & Fleiss 1979, Psychological Bulletin 86, table 2: six targets, four judges.
#: They print ICC(3,4) = .91, which is alpha, and ICC(1,4) = .44, the one-way figure.
SHROUT_FLEISS = [
    [9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7],
]  # fmt: skip

#: Wuensch, East Carolina University, KR20.txt: ten students, ten questions. He prints each
#: question's pq, which sum to 2.18, and the variance of the marks, 5.84.
WUENSCH = (
    "1111110110", "1011011101", "1111011001", "0010001000", "0000010010",
    "1110111111", "1101110111", "1111111101", "0101111101", "1101101110",
)  # fmt: skip


def tally_of(rows, most=10, paper=lambda n: 1):
    made = Tally()
    for n, row in enumerate(rows):
        made.add(paper(n), [Met((k + 1, 0), int(x), most) for k, x in enumerate(row)])
    return made


def matrix(n: int, k: int, seed: int = 3, steps: int = 1) -> np.ndarray:
    """Marks of 10 that depend on ability; with steps > 1 partial marks too."""
    rng = np.random.default_rng(seed)
    ability, hardness = rng.normal(size=(n, 1)), rng.normal(size=(1, k))
    chance = 1 / (1 + np.exp(hardness - ability))
    return rng.binomial(steps, chance) * (10 // steps)


def numpy_alpha(rows: np.ndarray) -> float:
    k = rows.shape[1]
    items = rows.var(axis=0, ddof=1).sum()
    return k / (k - 1) * (1 - items / rows.sum(axis=1).var(ddof=1))


def numpy_one_way(rows: np.ndarray) -> float:
    n, k = rows.shape
    between = k * rows.mean(axis=1).var(ddof=1)
    within = ((rows - rows.mean(axis=1, keepdims=True)) ** 2).sum() / (n * (k - 1))
    return 1 - within / between


def test_the_published_example_of_shrout_and_fleiss(monkeypatch):
    monkeypatch.setattr(reliability, "LEAST", 2)
    made = tally_of(SHROUT_FLEISS)
    told = reliability.of_forms(made.forms)
    assert round(told.value, 2) == 0.91
    assert round(reliability.nested_reliability(made.sittings), 2) == 0.44


def test_the_published_example_of_wuensch(monkeypatch):
    monkeypatch.setattr(reliability, "LEAST", 2)
    (form,) = tally_of([[int(x) for x in row] for row in WUENSCH], most=1).forms
    assert sum(x / 10 * (1 - x / 10) for x, _xx in form.items) == pytest.approx(2.18)
    assert (10 * form.tt - form.t**2) / 100 == pytest.approx(5.84)
    told = reliability.of_forms([form])
    assert told.method == Method.KR20
    assert told.value == pytest.approx(10 / 9 * (1 - 2.18 / 5.84))


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_alpha_and_its_interval_are_numpys_and_scipys(steps):
    rows = matrix(150, 25, steps=steps)
    told = reliability.of_forms(tally_of(rows).forms)
    expected = numpy_alpha(rows)
    assert told.value == pytest.approx(expected, abs=1e-12)
    assert told.method == (Method.KR20 if steps == 1 else Method.ALPHA)
    df = (149, 149 * 24)
    assert told.low == pytest.approx(1 - (1 - expected) * stats.f.ppf(0.975, *df), abs=1e-9)
    assert told.high == pytest.approx(1 - (1 - expected) * stats.f.ppf(0.025, *df), abs=1e-9)


def test_for_right_and_wrong_alpha_is_kuder_and_richardsons_formula_20():
    rows = matrix(200, 30) / 10
    p = rows.mean(axis=0)
    total = rows.sum(axis=1).var()
    kr20 = 30 / 29 * (1 - (p * (1 - p)).sum() / total)
    assert reliability.of_forms(tally_of(rows * 10).forms).value == pytest.approx(kr20, abs=1e-12)


@pytest.mark.parametrize(
    ("share", "above", "below"),
    [(0.975, 29, 29 * 99), (0.025, 29, 29), (0.975, 9999, 9999 * 99), (0.5, 3, 7), (0.9, 1, 500)],
)
def test_quantiles_of_the_variance_ratio_are_scipys(share, above, below):
    found = reliability.f_quantile(share, above, below)
    assert found == pytest.approx(stats.f.ppf(share, above, below), rel=1e-8)


def test_own_papers_are_judged_between_and_within_candidates():
    rows = matrix(120, 40)
    made = tally_of(rows, paper=lambda n: n)
    assert made.forms is None
    told = reliability.of_own_papers(made.sittings)
    expected = numpy_one_way(rows)
    assert told.value == pytest.approx(expected, abs=1e-9)
    assert told.method == Method.NESTED
    bound = 1 - (1 - expected) * stats.f.ppf(0.975, 119, 120 * 39)
    assert told.low == pytest.approx(bound, abs=1e-9)


def test_forms_are_judged_each_by_itself_and_weighted():
    first, second = matrix(60, 20, seed=1), matrix(90, 20, seed=2)
    made = tally_of([*first, *second], paper=lambda n: 1 if n < 60 else 2)
    told = reliability.of_forms(made.forms)
    expected = (60 * numpy_alpha(first) + 90 * numpy_alpha(second)) / 150
    assert told.value == pytest.approx(expected)
    assert told.method == Method.FORMS
    assert told.low < told.value < told.high


def test_forms_are_forms_up_to_a_number_of_papers():
    rows = matrix(40, 5)
    assert len(tally_of(rows, paper=lambda n: n % MOST_FORMS).forms) == MOST_FORMS
    assert tally_of(rows, paper=lambda n: n % (MOST_FORMS + 1)).forms is None


def test_nothing_is_claimed_of_twenty_nine():
    rows = matrix(29, 20)
    assert reliability.of_forms(tally_of(rows).forms) is None
    assert reliability.of_own_papers(tally_of(rows).sittings) is None
    assert reliability.of_forms(tally_of(matrix(30, 20)).forms) is not None


def test_where_nobody_differs_nothing_is_claimed():
    assert reliability.of_forms(tally_of([[10, 0]] * 40).forms) is None
    assert reliability.of_forms(tally_of([[10]] * 20 + [[0]] * 20).forms) is None


def test_the_error_of_measurement_is_the_textbooks():
    rows = matrix(150, 25)
    found = figures_of(tally_of(rows), 150)
    totals = rows.sum(axis=1)
    expected = totals.std(ddof=1) * np.sqrt(1 - numpy_alpha(rows))
    assert found.error == pytest.approx(expected)
    assert reliability.error_of_measurement([1, 2, 3], None) is None
    assert reliability.error_of_measurement([1, 2, 3], -0.2) is None


def test_every_figure_of_every_item_is_numpys():
    rows = matrix(150, 12, steps=2)
    found = figures_of(tally_of(rows), 60)
    totals = rows.sum(axis=1)
    assert (found.n, found.mean) == (150, totals.mean())
    assert found.median == np.median(totals)
    assert found.deviation == pytest.approx(totals.std(ddof=1))
    assert found.passed == (totals >= 60).sum()
    for item, column in zip(found.items, rows.T, strict=True):
        assert item.facility.value == pytest.approx(column.mean() / 10)
        link = stats.pearsonr(column, totals - column)
        interval = link.confidence_interval(0.95)
        assert item.discrimination.value == pytest.approx(link.statistic, abs=1e-12)
        assert item.discrimination.low == pytest.approx(interval.low, abs=1e-9)
        assert item.discrimination.high == pytest.approx(interval.high, abs=1e-9)
        wilson = stats.binomtest(round(column.mean() * 15), 150).proportion_ci(method="wilson")
        if float(column.mean() * 15).is_integer():
            assert item.facility.low == pytest.approx(wilson.low)


def test_a_question_struck_out_counts_for_the_candidate_and_tells_nothing():
    made = Tally()
    for n in range(40):
        made.add(1, [Met((1, 0), 10 * (n % 2), 10), Met((2, 0), 10 * (n % 3 > 0), 10)], beside=10)
    found = figures_of(made, 10)
    assert found.mean == np.mean([10 * (n % 2) + 10 * (n % 3 > 0) + 10 for n in range(40)])
    assert [item.version_id for item in found.items] == [1, 2]
    assert found.items[0].sums.t == sum(10 * (n % 2) + 10 * (n % 3 > 0) for n in range(40))


@settings(deadline=None, max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(2, 6))
def test_neither_order_nor_scale_changes_reliability(rng: random.Random, scale: int):
    rows = [[rng.randrange(11) for _ in range(6)] for _ in range(35)]
    shuffled = rng.sample(rows, len(rows))
    plain = reliability.of_forms(tally_of(rows).forms)
    assume(plain is not None)
    moved = reliability.of_forms(tally_of(shuffled).forms)
    scaled = reliability.of_forms(
        tally_of([[x * scale for x in r] for r in rows], 10 * scale).forms
    )
    assert plain.value == pytest.approx(moved.value, abs=1e-12)
    assert plain.value == pytest.approx(scaled.value, abs=1e-12)
    assert plain.low <= plain.value <= plain.high
    assert rules.LEAST == 30
