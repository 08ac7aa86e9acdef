"""What evidence shows does not depend on the order in which it arrived."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.enrolment.rules import (
    LessonNeed,
    ReadingRule,
    Seen,
    Stay,
    due_on,
    fold,
    is_complete,
    resume_at,
    seconds_to_wait,
)

T = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
RULE = ReadingRule(share_percent=25, cap_seconds=180)
NEEDS = [LessonNeed(1, 1, 45, 2), LessonNeed(2, 2, 4, 1)]
OBLIGATIONS = {
    "onboarding": {"days": 30, "counts_from": "present", "existing_due": "2024-12-31"},
    "refresher": {"due": "12-31", "new_staff_days": 30},
}
SINCE = date(2024, 7, 12)


def seen(lesson, kind, seconds, **value):
    return Seen(lesson, kind, T + timedelta(seconds=seconds), value)


def whole(lesson, checks, start=0, until=200):
    return [
        seen(lesson, "opened", start + 5, opened=(T + timedelta(seconds=start)).isoformat()),
        seen(lesson, "position", start + 60, percent=80),
        *(seen(lesson, "check", start + 90 + n, right=[n], answers={str(n): "A"}) for n in checks),
        seen(lesson, "finished", start + until),
    ]


ALL = [*whole(1, (1, 2)), *whole(2, (1,), 300)]


@pytest.mark.parametrize(
    ("evidence", "done"),
    [
        ([], False),
        (ALL, True),
        (whole(1, (1, 2)), False),
        ([*whole(1, (1,)), *whole(2, (1,), 300)], False),
        ([item for item in ALL if item.kind != "finished"], False),
        ([*whole(1, (1, 2), until=179), *whole(2, (1,), 300)], False),
        ([*whole(1, (1, 2), until=180), *whole(2, (1,), 300, until=60)], True),
        ([*whole(1, (1, 2)), *whole(2, (1,), 300, until=59)], False),
        ([*ALL, seen(1, "check", 500, right=[], answers={"1": "C"})], True),
    ],
)
def test_a_course_is_complete_when_every_lesson_is(evidence, done):
    assert is_complete(fold(NEEDS, evidence, RULE)) is done


def test_a_course_without_lessons_is_never_complete():
    assert not is_complete({})


@given(st.permutations(ALL))
def test_order_of_evidence_does_not_matter(shuffled):
    assert fold(NEEDS, shuffled, RULE) == fold(NEEDS, ALL, RULE)


@given(st.lists(st.sampled_from(ALL), max_size=12))
def test_more_evidence_never_undoes_a_lesson(some):
    before = fold(NEEDS, some, RULE)
    after = fold(NEEDS, [*some, *ALL], RULE)
    assert all(after[lesson].done for lesson, state in before.items() if state.done)
    assert is_complete(after)


@given(st.lists(st.sampled_from(ALL), max_size=12))
def test_evidence_twice_is_evidence_once(some):
    assert fold(NEEDS, some + some, RULE) == fold(NEEDS, some, RULE)


def test_the_last_place_read_is_where_one_goes_on():
    states = fold(
        NEEDS, [seen(1, "position", 9, percent=70), seen(1, "position", 5, percent=90)], RULE
    )
    assert states[1].percent == 70
    assert resume_at(NEEDS, states) == NEEDS[0]
    assert resume_at(NEEDS, fold(NEEDS, whole(1, (1, 2)), RULE)) == NEEDS[1]
    assert resume_at(NEEDS, fold(NEEDS, ALL, RULE)) is None


def test_waiting_is_a_share_of_the_minutes_up_to_a_cap():
    assert RULE.seconds(4) == 60
    assert RULE.seconds(45) == 180
    assert seconds_to_wait(NEEDS[1], T, T + timedelta(seconds=20), RULE) == 40
    assert seconds_to_wait(NEEDS[1], T, T + timedelta(hours=2), RULE) == 0
    assert seconds_to_wait(NEEDS[1], None, T, RULE) == 60


TODAY = date(2026, 11, 23)


def stay(start, end=None, post="caregiver"):
    return Stay(post, date.fromisoformat(start), date.fromisoformat(end) if end else None)


@pytest.mark.parametrize(
    ("kind", "year", "stays", "on", "due"),
    [
        ("onboarding", None, [stay("2026-11-02")], TODAY, date(2026, 12, 2)),
        ("onboarding", None, [stay("2026-11-02", post="cook")], TODAY, None),
        ("onboarding", None, [stay("2020-01-01")], TODAY, date(2024, 12, 31)),
        ("onboarding", None, [stay("2025-01-01", "2025-06-01")], TODAY, None),
        (
            "onboarding", None,
            [stay("2023-01-01", "2026-10-01"), stay("2026-11-02")], TODAY, date(2026, 12, 2),
        ),
        ("onboarding", None, [stay("2026-11-24")], TODAY, None),
        ("refresher", 2026, [stay("2020-01-01")], TODAY, date(2026, 12, 31)),
        ("refresher", 2026, [stay("2026-12-20")], date(2026, 12, 25), date(2027, 1, 19)),
        ("refresher", 2025, [stay("2020-01-01")], TODAY, None),
        ("special", None, [stay("2020-01-01")], TODAY, None),
    ],
)  # fmt: skip
def test_what_is_owed_and_when(kind, year, stays, on, due):
    assert due_on(kind, ["caregiver"], year, stays, on, OBLIGATIONS, SINCE) == due


def test_the_rule_may_count_from_the_first_post():
    rule = OBLIGATIONS | {"onboarding": OBLIGATIONS["onboarding"] | {"counts_from": "first"}}
    stays = [
        Stay("caregiver", date(2025, 1, 1), date(2026, 10, 1)),
        Stay("caregiver", date(2026, 11, 2), None),
    ]
    due = due_on("onboarding", ["caregiver"], None, stays, date(2026, 11, 23), rule, SINCE)
    assert due == date(2025, 1, 31)
