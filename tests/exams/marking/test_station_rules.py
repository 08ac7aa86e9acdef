"""Checklists as pure rules: deductions, vetoes, taps in any order, modules."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from exams.marking.stations import library
from exams.marking.stations.rules import Checklist, Tap, counts_of, module_marks, score

BODY = {
    "way": "deduct",
    "items": [
        {"text": "没有核对", "step": 10, "most": 1},
        {"text": "动作粗", "step": 5, "most": 3},
    ],
    "vetoes": ["坠床"],
}
LIST = Checklist.of(BODY, 20)


@pytest.mark.parametrize(
    ("counts", "veto", "tenths"),
    [({}, "", 20), ({0: 1}, "", 10), ({1: 1}, "", 15), ({0: 1, 1: 3}, "", 0), ({1: 99}, "", 5),
     ({}, "坠床", 0), ({7: 3}, "", 20), ({0: -4}, "", 20)],
)  # fmt: skip
def test_deductions_stop_at_their_count_and_at_nothing(counts, veto, tenths):
    assert score(LIST, counts, veto) == tenths


taps = st.lists(st.tuples(st.integers(-1, 1), st.integers(0, 3)), max_size=12).map(
    lambda rows: [Tap(n, item, count, "坠床") for n, (item, count) in enumerate(rows, 1)]
)


@given(taps, st.randoms(use_true_random=False))
def test_taps_count_by_their_sequence_whatever_order_they_arrive_in(given_taps, rng):
    counts, veto = counts_of(given_taps)
    shuffled = [*given_taps, *given_taps]
    rng.shuffle(shuffled)
    assert counts_of(shuffled) == (counts, veto)
    model: dict[int, int] = {}
    for tap in given_taps:
        model[tap.item] = tap.count
    assert counts == {item: count for item, count in model.items() if item >= 0 and count}
    assert bool(veto) == bool(model.get(-1))
    assert 0 <= score(LIST, counts, veto) <= 20


def test_a_module_is_weighed_by_its_stations():
    stations = [("生活照护", 150, 200), ("生活照护", 50, 200), ("基础照护", 90, 100)]
    weights = {"生活照护": 60, "基础照护": 25, "康复服务": 15}
    assert module_marks(weights, stations) == {"生活照护": 300, "基础照护": 225}


def test_the_checklists_that_ship_are_sound_and_cover_the_junior_modules():
    entries = [
        entry
        for path in Path(library.STARTER).glob("*.yaml")
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    for entry in entries:
        assert Checklist.of(entry, entry["tenths"]).faults() == [], entry["code"]
        assert "示例" in entry["source"]
    assert {e["module"] for e in entries if e["rung"] == 2} == {"生活照护", "基础照护", "康复服务"}
    assert {e["module"] for e in entries if e["rung"] == 5} == {
        "康复服务", "照护评估", "质量管理", "培训指导", "工作总结", "答辩",
    }  # fmt: skip


@pytest.mark.parametrize(
    "change", [{"way": "guess"}, {"items": []}, {"items": [{"text": "", "step": 3, "most": 1}]}]
)
def test_a_checklist_that_cannot_be_is_refused(change):
    assert Checklist.of(BODY | change, 20).faults()
