"""Blueprints and assembly against what they promise, over drawn pools and blueprints."""

import random
import re
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exams.papers.assembly import Assembler, assemble
from exams.papers.cells import Balance, Usage
from exams.papers.feasibility import Shortage, exposure_cap, overuse, shortfalls
from exams.papers.rules import digest, parse, split_tenths
from lms.core.errors import Invalid

LEVELS = ("easy", "medium", "hard")


@dataclass(frozen=True)
class Item:
    version_id: int
    question_id: int
    kind: str
    module: str
    difficulty: str
    orders: tuple[int, ...] = (4,)
    shares: tuple[int, ...] = ()


PLAN = {
    "rung": 2,
    "part": "theory",
    "weights": {"甲": 60, "乙": 40},
    "sections": [
        {"kind": "single", "tenths": 50, "quotas": {"甲": 4, "乙": {"easy": 2, "hard": 2}}},
        {"kind": "case", "tenths": 100, "quotas": {"甲": 2}},
        {"kind": "judge", "tenths": 100, "quotas": {"甲": 2, "乙": 2}},
    ],
}


def pool_of(rng: random.Random, factor: int) -> list[Item]:
    cells = [("single", m, d) for m in "甲乙" for d in LEVELS]
    cells += [("judge", m, d) for m in "甲乙" for d in ("easy", "medium")]
    cells += [("case", "甲", d) for d in ("medium", "hard")]
    items = []
    for cell in cells:
        for _ in range(factor * rng.randint(4, 9)):
            n = len(items)
            shares = tuple(rng.randint(1, 4) for _ in range(rng.randint(1, 4)))
            more = ((4,) * len(shares), shares) if cell[0] == "case" else ((4,), ())
            items.append(Item(n + 1000, n, *cell, *more))
    return items


def chosen_items(pool, chosen):
    by_version = {item.version_id: item for item in pool}
    return list(dict.fromkeys(by_version[slot.version_id] for slot in chosen))


@given(st.integers(), st.integers(), st.integers(1, 3))
@settings(max_examples=50, deadline=None)
def test_a_paper_meets_every_quota_exactly_and_repeats_nothing(rng_seed, seed, factor):
    pool, plan = pool_of(random.Random(rng_seed), factor), parse(PLAN)
    paper = assemble(pool, plan, str(seed))
    items = chosen_items(pool, paper)
    assert len(items) == plan.questions == 14
    assert sum(slot.tenths for slot in paper) == 1000
    by_cell = Counter((item.kind, item.module) for item in items)
    assert by_cell == {("single", "甲"): 4, ("single", "乙"): 4, ("case", "甲"): 2,
                       ("judge", "甲"): 2, ("judge", "乙"): 2}  # fmt: skip
    levels = Counter(i.difficulty for i in items if (i.kind, i.module) == ("single", "乙"))
    assert levels == {"easy": 2, "hard": 2}
    assert [slot.position for slot in paper] == list(range(1, len(paper) + 1))
    assert all(sorted(slot.order) == [0, 1, 2, 3] for slot in paper)
    assert assemble(list(reversed(pool)), plan, str(seed)) == paper


@given(st.integers(), st.integers())
@settings(max_examples=30, deadline=None)
def test_the_parts_of_a_case_stay_together_in_order_and_share_its_marks(rng_seed, seed):
    pool = pool_of(random.Random(rng_seed), 1)
    paper = assemble(pool, parse(PLAN), str(seed))
    by_version = {item.version_id: item for item in pool}
    cases = [slot for slot in paper if slot.part is not None]
    for version in {slot.version_id for slot in cases}:
        slots = [slot for slot in cases if slot.version_id == version]
        shares = by_version[version].shares
        assert [slot.part for slot in slots] == list(range(len(shares)))
        assert [s.position for s in slots] == [slots[0].position + n for n in range(len(slots))]
        assert [slot.tenths for slot in slots] == split_tenths(100, shares)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=10), st.integers(10, 400))
@settings(deadline=None)
def test_marks_are_split_by_largest_remainder_and_no_part_is_worth_nothing(shares, tenths):
    split = split_tenths(tenths, shares)
    assert sum(split) == tenths
    assert min(split) >= 1
    exact = [tenths * share / sum(shares) for share in shares]
    if min(exact) >= 1:
        assert all(abs(got - due) < 1 for got, due in zip(split, exact, strict=True))
        ups = [due % 1 for got, due in zip(split, exact, strict=True) if got > due]
        downs = [due % 1 for got, due in zip(split, exact, strict=True) if got < due]
        assert not ups or not downs or min(ups) >= max(downs) - 1e-9


@given(st.integers(), st.integers())
@settings(max_examples=30, deadline=None)
def test_any_two_papers_have_the_same_number_of_each_difficulty(one, two):
    pool, plan = pool_of(random.Random(7), 1), parse(PLAN)
    counts = [
        Counter(item.difficulty for item in chosen_items(pool, assemble(pool, plan, str(seed))))
        for seed in (one, two)
    ]
    assert counts[0] == counts[1]


def test_excluded_questions_never_come_back_neither_alone_nor_in_a_case():
    pool, plan = pool_of(random.Random(3), 3), parse(PLAN)
    first = {item.question_id for item in chosen_items(pool, assemble(pool, plan, "1"))}
    second = {i.question_id for i in chosen_items(pool, assemble(pool, plan, "1", first))}
    assert not first & second


@given(st.integers(0, 10_000), st.integers(0, 40), st.integers(1, 12))
@settings(max_examples=50, deadline=None)
def test_the_tolerance_is_kept_or_the_paper_says_that_it_is_not(rng_seed, tolerance, papers):
    rng = random.Random(rng_seed)
    pool = pool_of(rng, 1)
    shares = {item.version_id: rng.randint(300, 950) for item in pool}
    plan = parse(PLAN)
    target = Assembler(pool, plan, Balance(shares)).target()
    assembler = Assembler(pool, plan, Balance(shares, target, tolerance))
    usage, figures = Usage(), []
    for n in range(papers):
        paper = assembler.paper(f"{rng_seed}:{n}", usage=usage)
        by_hand = sum(
            slot.tenths * shares[slot.version_id] for slot in paper.chosen
        )  # fmt: skip
        assert paper.expected == (by_hand + 500) // 1000
        assert paper.balanced == (2 * abs(paper.expected - target) <= tolerance)
        usage.here.update(paper.questions)
        figures += [paper.expected] if paper.balanced else []
    assert not figures or max(figures) - min(figures) <= tolerance
    assert len(figures) == papers or tolerance < 20


def test_exchanges_bring_papers_together_that_the_lot_would_set_apart():
    rng = random.Random(11)
    pool = pool_of(rng, 3)
    shares = {item.version_id: rng.randint(200, 990) for item in pool}
    plan = parse(PLAN)
    target = Assembler(pool, plan, Balance(shares)).target()

    def spread(balance):
        found = [Assembler(pool, plan, balance).paper(str(n)).expected for n in range(40)]
        return max(found) - min(found)

    assert spread(Balance(shares)) > 100
    assert spread(Balance(shares, target, 10)) <= 10


@given(st.integers(0, 10_000), st.integers(2, 14), st.integers(20, 100))
@settings(max_examples=50, deadline=None)
def test_no_question_is_in_more_papers_than_the_limit_where_the_pool_allows(
    rng_seed, papers, percent
):
    rng = random.Random(rng_seed)
    pool, plan = pool_of(rng, 1), parse(PLAN)
    shares = {item.version_id: rng.randint(300, 950) for item in pool}
    tight = Assembler(pool, plan)
    cap = exposure_cap(papers, percent)
    for (kind, module), wanted in tight.cells.wanted.items():
        cells = tight.cells.groups[kind, module]
        if (kind, module) == ("single", "乙"):
            assume(all(2 * papers <= len(cells[level]) * cap for level in ("easy", "hard")))
        else:
            held = sum(map(len, cells.values()))
            needed = sum(map(len, wanted.fixed.values())) + len(wanted.left)
            assume(needed * papers <= held * cap)
    target = Assembler(pool, plan, Balance(shares)).target()
    assembler = Assembler(pool, plan, Balance(shares, target, 30))
    usage = Usage(cap=cap)
    for n in range(papers):
        usage.to_come = papers - n - 1
        usage.here.update(assembler.paper(str(n), usage=usage).questions)
    assert max(usage.here.values()) <= cap
    assert overuse(pool, plan, papers, percent) == []


def test_where_the_pool_does_not_allow_the_limit_it_says_the_least_there_can_be():
    pool = [i for i in pool_of(random.Random(3), 1) if i.kind != "case" or i.question_id % 3]
    cases = sum(item.kind == "case" for item in pool)
    (found,) = [f for f in overuse(pool, parse(PLAN), 10, 10) if f.kind == "case"]
    assert (found.per_paper, found.available) == (2, cases)
    assert found.least == 10 * -(-20 // cases)


def test_questions_used_in_recent_events_are_left_for_those_that_were_not():
    pool, plan = pool_of(random.Random(5), 3), parse(PLAN)
    lately = {item.question_id: item.question_id % 2 for item in pool}
    paper = Assembler(pool, plan).paper("s", usage=Usage(recent=lately))
    assert not any(lately[question] for question in paper.questions)


def test_a_shortage_says_what_is_missing():
    pool = [i for i in pool_of(random.Random(3), 1) if (i.module, i.difficulty) != ("乙", "hard")]
    with pytest.raises(Shortage) as caught:
        assemble(pool, parse(PLAN), "1")
    (missing,) = caught.value.shortfalls
    assert (missing.module, missing.difficulty, missing.needed, missing.available) == (
        "乙", "hard", 2, 0,
    )  # fmt: skip
    assert shortfalls(pool_of(random.Random(3), 1), parse(PLAN), papers=50)


def test_a_quota_with_a_difficulty_and_one_without_do_not_count_the_same_questions_twice():
    value = {
        "rung": 2, "part": "theory", "weights": {"甲": 100},
        "sections": [
            {"kind": "single", "tenths": 100, "quotas": {"甲": 4}},
            {"kind": "single", "tenths": 200, "quotas": {"甲": {"hard": 3}}},
        ],
    }  # fmt: skip
    pool = [Item(n, n, "single", "甲", "hard") for n in range(6)]
    (missing,) = shortfalls(pool, parse(value))
    assert (missing.difficulty, missing.needed, missing.available) == (None, 7, 6)
    paper = assemble([*pool, Item(9, 9, "single", "甲", "easy")], parse(value), "1")
    assert sorted(slot.tenths for slot in paper) == [100] * 4 + [200] * 3


def test_the_same_seed_pool_and_blueprint_give_the_paper_they_always_gave():
    """A changed figure means that papers on record can no longer be made again from their seed."""
    pool, plan = pool_of(random.Random(2026), 2), parse(PLAN)
    paper = assemble(pool, plan, "6a1f")
    assert digest(paper) == FROZEN
    assert assemble(pool, plan, "6a1f") == paper
    assert digest(assemble(pool, plan, "6a20")) != FROZEN


FROZEN = "97b34f77d258551c2fdbd06c5868f70928f3564da553f0f0d4ae57418de92966"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weights": {"甲": 60, "乙": 45}}, "现在是 105（甲 60 + 乙 45）"),
        ({"weights": {"甲": 50, "乙": 50}}, "“甲”应占 50 分，按题量算是 60 分"),
        ({"weights": {"甲": 60, "丙": 40}}, "“乙”没有写权重"),
        ({"draft": True, "circulated_total": 125}, "合计 125"),
    ],
)
def test_weights_that_do_not_sum_to_100_or_do_not_fit_are_refused(app, change, said):
    with pytest.raises(Invalid, match=re.escape(said)):
        parse({**PLAN, **change})
