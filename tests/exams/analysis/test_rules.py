"""The statistics against definitions, the standard library and published values."""

import random
from statistics import correlation, pvariance

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exams.analysis import curves, rules
from exams.analysis.answers import labels_of, right_labels, seconds_by_position
from exams.analysis.curves import Answer, Group
from exams.analysis.rules import Flag, Sums
from exams.analysis.tally import ItemTally, Met
from tests.factories.bank import NOW


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


def test_nothing_is_claimed_of_a_small_sample():
    few = sums([0, 10] * 14, list(range(28)))
    assert rules.discrimination(few) is None
    assert rules.flags(few, blank=28, seconds=900, usual=10) == []


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


@pytest.mark.parametrize(
    ("blank", "seconds", "usual", "expected"),
    [
        (8, None, 0, [Flag.BLANK]), (7, None, 0, []),
        (0, 91, 30, [Flag.SLOW]), (0, 90, 30, []), (0, 59, 5, []), (0, 500, 0, []),
    ],
)  # fmt: skip
def test_empty_and_slow_questions_are_flagged(blank, seconds, usual, expected):
    good = sums([0] * 20 + [10] * 20, list(range(0, 800, 20)))
    assert rules.flags(good, blank, seconds, usual) == expected


def test_full_marks_lie_in_the_last_band():
    assert curves.distribution([0, 99, 100, 999, 1000]) == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]


def test_groups_part_the_candidates_as_equally_as_ties_allow():
    people = [0] * 101
    for mark, count in ((10, 5), (40, 20), (41, 5), (60, 30), (90, 40)):
        people[mark] = count
    assert curves.cuts(people, 3) == [(10, 60), (90, 90)]
    assert curves.cuts(people, 5) == [(10, 40), (41, 60), (90, 90)]
    assert curves.cuts([1] * 100 + [0], 5) == [(0, 19), (20, 39), (40, 59), (60, 79), (80, 99)]


def tallied(rows: list[tuple[int, int, str]], typed: bool = False) -> ItemTally:
    """(marks of 10, whole marks of 100, label) of every candidate."""
    made = ItemTally()
    for x, total, label in rows:
        made.add(Met((1, 0), x, 10, (label,), typed), total * 10, total)
    return made


def test_the_curve_rises_with_the_marks_and_needs_a_sample():
    rows = [(10 * (n >= 50), n, "A" if n >= 50 else "B") for n in range(100)]
    groups = curves.groups_of(tallied(rows))
    assert [g.share.value for g in groups] == [0, 0, 0.5, 1, 1]
    assert all(g.share.low <= g.share.value <= g.share.high for g in groups)
    assert curves.groups_of(tallied(rows[:29])) == []


def test_the_distractor_table_counts_options_groups_and_blanks():
    rows = [(0, n, "A") for n in range(20)] + [(10, n, "B") for n in range(20, 59)]
    item = tallied([*rows, (0, 59, "")])
    groups = curves.groups_of(item)
    answers = curves.answers_of(item, groups)
    table = {
        row.label: row for row in curves.choices(answers, groups, item.n, "ABC", frozenset("A"))
    }
    assert (table["A"].count, table["B"].count, table["C"].count, table[""].count) == (20, 39, 0, 1)
    assert (table["A"].upper, table["A"].lower) == (0, 1)
    assert table["A"].is_right
    assert curves.is_tempting(table["B"], 60)
    assert curves.is_idle(table["C"], 60)
    assert not curves.is_idle(table["C"], 20)


def test_typed_answers_are_counted_and_the_rare_ones_forgotten_when_they_are_too_many():
    rows = [(10, 50, "37.5")] * 300 + [(0, 50, str(n)) for n in range(2000)]
    item = tallied(rows, typed=True)
    assert curves.answers_of(item, [])[0] == Answer("37.5", 300, ())
    assert len(item.typed) <= 401


def test_the_median_time_is_robust_and_needs_a_sample():
    item = ItemTally()
    for seconds in [20] * 20 + [30] * 20 + [40] * 20 + [5000]:
        item.add(Met((1, 0), 0, 10, (), False, seconds), 0, 0)
    found = curves.seconds_of(item)
    assert (found.n, found.median, found.low, found.high) == (61, 30, 20, 40)
    few = ItemTally()
    few.add(Met((1, 0), 0, 10, (), False, 20), 0, 0)
    assert curves.seconds_of(few) is None


def moment(seconds: float):
    return NOW.fromtimestamp(NOW.timestamp() + seconds, NOW.tzinfo)


def test_time_is_counted_from_the_answer_before_and_by_the_phone_through_an_outage():
    steps = [
        (1, moment(30), moment(31)),
        (2, moment(75), moment(400)),  # typed offline, delivered together
        (3, moment(100), moment(400)),
        (1, moment(130), moment(400)),
        (4, moment(2000), moment(2000)),  # a long break is nobody's time
        (5, moment(99_999), moment(2040)),  # the claim is no moment of this sitting
        (6, None, moment(2050)),
    ]
    assert seconds_by_position(NOW, steps) == {1: 60, 2: 45, 3: 25, 5: 40, 6: 10}


@pytest.mark.parametrize(
    ("kind", "answer", "order", "expected"),
    [
        ("single", {"picked": [1]}, [2, 0, 1], ("A",)),
        ("multiple", {"picked": [0, 2]}, [2, 0, 1], ("C", "B")),
        ("single", {"picked": [9]}, [2, 0, 1], ("?",)),
        ("single", None, [2, 0, 1], ("",)),
        ("judge", {"value": False}, [], ("false",)),
        ("judge", {"flag": True}, [], ("",)),
        ("numeric", {"number": "３７．５"}, [], ("37.5",)),
        ("fill", {"blanks": ["洗手", ""]}, [], ("1: 洗手", "2: ")),
        ("fill", {"blanks": ["", ""]}, [], ("",)),
        ("matching", {"pairs": [1, None]}, [1, 0], ("1→A",)),
        ("ordering", {"sequence": [1, 0]}, [1, 0], ("1:A", "2:B")),
        ("essay", {"text": "翻身"}, [], ()),
        ("essay", {}, [], ("",)),
    ],
)
def test_answers_are_named_in_the_questions_own_terms(kind, answer, order, expected):
    assert labels_of(kind, answer, order) == expected


@pytest.mark.parametrize(
    ("kind", "key", "labels", "right"),
    [
        ("single", {"right": [1]}, "ABC", {"B"}),
        ("judge", {"right": True}, ["true", "false"], {"true"}),
        ("numeric", {"right": "37.5", "within": "0.1"}, ["37.6", "38", ""], {"37.6"}),
        (
            "fill", {"blanks": [["七步洗手法"], ["右"]], "exact": False},
            ["1: 七步洗手法", "1: 右", "2: 右"], {"1: 七步洗手法", "2: 右"},
        ),
        ("fill", {"blanks": [["Rh"]], "exact": False}, ["rh", "x"], {"rh"}),
        ("matching", {"pairs": [2, 0]}, ["1→C", "2→C", "2→A"], {"1→C", "2→A"}),
        ("ordering", {"sequence": [1, 0]}, ["1:B", "1:A", "2:A"], {"1:B", "2:A"}),
        # The room takes more of them than the question asked for; they are wrong, no more.
        ("fill", {"blanks": [["Rh"]]}, ["1: rh", "2: Rh", "10: Rh"], {"1: rh"}),
        ("matching", {"pairs": [0]}, ["1→A", "2→A"], {"1→A"}),
        ("ordering", {"sequence": [0]}, ["1:A", "2:A", "2:?"], {"1:A"}),
    ],
)  # fmt: skip
def test_right_answers_are_known_by_their_names(kind, key, labels, right):
    assert right_labels(kind, key, labels) == right


@settings(deadline=None, max_examples=40)
@given(st.permutations(range(40)), st.randoms(use_true_random=False))
def test_the_order_of_candidates_changes_nothing(order, rng):
    rows = [(rng.choice((0, 5, 10)), rng.randrange(101), rng.choice("AB")) for _ in range(40)]
    first, second = tallied(rows), tallied([rows[n] for n in order])
    assert first.exact == second.exact
    groups = curves.groups_of(first)
    assert groups == curves.groups_of(second)
    assert curves.answers_of(first, groups) == curves.answers_of(second, groups)
    assert sum(group.n for group in groups) == 40


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 90)), min_size=30, max_size=60),
    st.integers(2, 9),
)
def test_scaling_all_marks_changes_neither_facility_nor_discrimination(pairs, scale):
    marks, totals = [x for x, _r in pairs], [x + r for x, r in pairs]
    plain = sums(marks, totals)
    scaled = sums([x * scale for x in marks], [t * scale for t in totals], 10 * scale)
    assert rules.facility(plain) == rules.facility(scaled)
    one, other = rules.discrimination(plain), rules.discrimination(scaled)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.value == pytest.approx(other.value, abs=1e-9)


def test_a_group_is_what_its_numbers_say():
    share = rules.wilson(0.5, 10)
    assert Group(0, 9, 10, share).share.value == 0.5


def test_random_answers_do_not_discriminate():
    rng = random.Random(2)
    marks = [10 * rng.randrange(2) for _ in range(2000)]
    found = rules.discrimination(sums(marks, [x + 10 * rng.randrange(60) for x in marks]))
    assert found is not None
    assert found.low < 0 < found.high
