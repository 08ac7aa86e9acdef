"""The pure rules, against models that are simpler than they are."""

import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.marking.rules import mark
from exams.papers import rules as papers
from exams.papers.rules import Shortage, assemble, parse, shortfalls
from exams.sittings.rules import fold, is_answer
from lms.core.errors import Invalid

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
    assert mark("multiple", key, order, answer, 20) == (20 if picked == right else 0)
    partial = mark("multiple", key, order, answer, 20, "partial")
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
    assert mark(kind, {"right": key}, [2, 0, 1], answer, 10) == tenths


def test_an_essay_is_not_marked_by_rule():
    with pytest.raises(ValueError):
        mark("essay", {}, [], {}, 10)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_only_well_formed_answers_are_answers(junk):
    assert not is_answer(junk)
    assert is_answer({"picked": junk}) is (
        isinstance(junk, list)
        and all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 10 for n in junk)
        and junk == sorted(set(junk))
    )


@dataclass(frozen=True)
class Item:
    version_id: int
    question_id: int
    kind: str
    module: str
    difficulty: str
    options: int


PLAN = {
    "rung": 2,
    "part": "theory",
    "weights": {"甲": 60, "乙": 40},
    "sections": [
        {"kind": "single", "tenths": 50, "quotas": {"甲": 8, "乙": {"easy": 2, "hard": 2}}},
        {"kind": "judge", "tenths": 100, "quotas": {"甲": 2, "乙": 2}},
    ],
}


def pool_of(rng: random.Random, factor: int) -> list[Item]:
    cells = [("single", m, d) for m in "甲乙" for d in ("easy", "medium", "hard")]
    cells += [("judge", m, d) for m in "甲乙" for d in ("easy", "medium")]
    items = [cell for cell in cells for _ in range(factor * rng.randint(4, 9))]
    return [Item(n + 1000, n, *cell, 4) for n, cell in enumerate(items)]


@given(st.integers(), st.integers(), st.integers(1, 3))
def test_a_paper_fills_its_blueprint_whatever_the_seed(rng_seed, seed, factor):
    pool, plan = pool_of(random.Random(rng_seed), factor), parse(PLAN)
    paper = assemble(pool, plan, str(seed))
    by_version = {item.version_id: item for item in pool}
    chosen = [by_version[slot.version_id] for slot in paper]
    assert len({item.question_id for item in chosen}) == len(paper) == 16
    assert sum(slot.tenths for slot in paper) == 1000
    for quota in plan.quotas:
        count = sum(papers._fits(item, quota) for item in chosen)
        assert count >= quota.count
    assert all(sorted(slot.order) == [0, 1, 2, 3] for slot in paper)
    assert assemble(list(reversed(pool)), plan, str(seed)) == paper


@given(st.integers(), st.integers())
def test_any_two_papers_have_the_same_number_of_each_difficulty(one, two):
    pool, plan = pool_of(random.Random(7), 1), parse(PLAN)
    by_version = {item.version_id: item.difficulty for item in pool}
    counts = [
        sorted(by_version[slot.version_id] for slot in assemble(pool, plan, str(seed)))
        for seed in (one, two)
    ]
    assert counts[0] == counts[1]


def test_excluded_questions_never_come_back():
    pool, plan = pool_of(random.Random(3), 3), parse(PLAN)
    by_version = {item.version_id: item.question_id for item in pool}
    first = {by_version[slot.version_id] for slot in assemble(pool, plan, "1")}
    second = {by_version[slot.version_id] for slot in assemble(pool, plan, "1", first)}
    assert not first & second


def test_a_shortage_says_what_is_missing():
    pool = [i for i in pool_of(random.Random(3), 1) if (i.module, i.difficulty) != ("乙", "hard")]
    with pytest.raises(Shortage) as caught:
        assemble(pool, parse(PLAN), "1")
    (missing,) = caught.value.shortfalls
    assert (missing.module, missing.difficulty, missing.needed, missing.available) == (
        "乙", "hard", 2, 0,
    )  # fmt: skip
    assert shortfalls(pool_of(random.Random(3), 1), parse(PLAN), papers=50)


@pytest.mark.parametrize(
    "change",
    [
        {"weights": {"甲": 60, "乙": 45}},
        {"weights": {"甲": 50, "乙": 50}},
        {"weights": {"甲": 60, "丙": 40}},
    ],
)
def test_weights_that_do_not_sum_to_100_or_do_not_fit_are_refused(app, change):
    with pytest.raises(Invalid):
        parse({**PLAN, **change})
