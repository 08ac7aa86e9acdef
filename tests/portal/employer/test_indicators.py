"""Staffing indicators: who is there against what the rule asks."""

import pytest

from lms.portal.employer.indicators import Staffing, indicators

VALUE = {
    "residents_per_caregiver": "3.5", "beds_per_social_worker": 100, "certified_percent": 80,
}  # fmt: skip


def of(**changed):
    known = {
        "beds": 100, "residents": 70, "for_destitute": True, "certified": 16,
        "posts": {"caregiver": 20, "social_worker": 1},
    }  # fmt: skip
    return {i.code: i for i in indicators(VALUE, Staffing(**(known | changed)))}


@pytest.mark.parametrize(
    ("residents", "needed"), [(0, 0), (1, 1), (3, 1), (4, 2), (7, 2), (8, 3), (70, 20), (71, 21)]
)
def test_one_caregiver_for_three_and_a_half_residents(residents, needed):
    assert of(residents=residents)["caregivers"].needed == needed


def test_only_homes_for_the_destitute_are_asked_for_it():
    found = of(for_destitute=False)["caregivers"]
    assert (found.needed, found.met, found.short) == (None, None, 0)


@pytest.mark.parametrize(
    ("beds", "workers", "met"), [(100, 1, True), (101, 1, False), (101, 2, True), (0, 0, True)]
)
def test_one_social_worker_for_a_hundred_beds(beds, workers, met):
    assert of(beds=beds, posts={"social_worker": workers})["social_workers"].met is met


@pytest.mark.parametrize(
    ("caregivers", "certified", "short"), [(20, 16, 0), (20, 15, 1), (1, 0, 1), (0, 0, 0)]
)
def test_four_of_five_caregivers_are_certified(caregivers, certified, short):
    found = of(posts={"caregiver": caregivers}, certified=certified)["certified"]
    assert found.short == short
    assert found.met is (short == 0)
