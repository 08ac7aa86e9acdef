"""Where somebody stands with the hours of a cycle. Amounts in tenths of a class hour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.credits.balance import CreditTerms, Movement, balance, read_credit_terms


def terms(required=200, professional=100, years=1, carry=0, caps=None):
    return CreditTerms(
        "credits.hours@1", "caregiver", required, professional, years, carry, caps or {}
    )


def did(tenths, year=2026, category="professional", origin="course"):
    return Movement(year, category, tenths, origin)


@pytest.mark.parametrize(
    ("name", "asked", "moved", "total", "missing", "professional"),
    [
        ("nothing done", terms(), [], 0, 200, 200),
        ("half done", terms(), [did(100)], 100, 100, 100),
        ("all done", terms(), [did(200)], 200, 0, 0),
        ("more than all", terms(), [did(250)], 250, 0, 0),
        ("last year's hours are last year's", terms(), [did(200, 2025)], 0, 200, 200),
        ("public hours alone", terms(professional=67), [did(200, category="public")], 200, 0, 134),
        ("two thirds professional", terms(professional=67), [did(134), did(66, category="public")],
         200, 0, 0),
        ("an entry taken back", terms(), [did(200), did(-200)], 0, 200, 200),
        ("external hours above their cap", terms(caps={"claim": 50}), [did(150, origin="claim")],
         100, 100, 100),
        ("external hours within their cap", terms(caps={"claim": 50}), [did(100, origin="claim")],
         100, 100, 100),
        ("a cap of nothing", terms(caps={"claim": 0}), [did(80, origin="claim")], 0, 200, 200),
        ("carried from last year", terms(carry=50), [did(280, 2025), did(150)], 200, 0, 50),
        ("carried up to the limit", terms(carry=30), [did(280, 2025)], 30, 170, 200),
        ("nothing to carry", terms(carry=50), [did(190, 2025)], 0, 200, 200),
        ("three years together", terms(900, years=3),
         [did(300, 2024), did(300, 2025), did(200, 2026)], 800, 100, 100),
        ("the cycle before does not count", terms(900, years=3), [did(900, 2023)], 0, 900, 900),
    ],
)  # fmt: skip
def test_case(name, asked, moved, total, missing, professional):
    found = balance(asked, moved, 2026, 2024)
    assert (found.total, found.missing, found.professional_missing) == (
        total,
        missing,
        professional,
    )
    assert found.met == (missing == 0 and professional == 0)


@pytest.mark.parametrize(
    ("year", "began", "cycle"),
    [(2026, 2024, (2024, 2026)), (2027, 2024, (2027, 2029)), (2024, 2024, (2024, 2026)),
     (2026, 2026, (2026, 2028)), (2026, 2020, (2026, 2028))],
)  # fmt: skip
def test_a_long_cycle_is_counted_from_taking_up_the_post(year, began, cycle):
    found = balance(terms(years=3), [], year, began)
    assert (found.first_year, found.last_year) == cycle


def test_what_is_over_a_cap_is_said_and_taken_from_public_subjects_first():
    moved = [did(80, origin="claim"), did(60, category="public", origin="claim")]
    found = balance(terms(professional=50, caps={"claim": 50}), moved, 2026, 2024)
    assert found.counted == {"professional": 80, "public": 20}
    assert found.over_cap == {"claim": 40}


def test_a_post_without_a_line_asks_for_nothing():
    hours = ("credits.hours@1", {"posts": {}})
    assert read_credit_terms("cook", hours, ("credits.ledger@1", {})) is None


movements = st.lists(
    st.builds(
        Movement, st.integers(2022, 2026), st.sampled_from(("professional", "public")),
        st.integers(1, 300), st.sampled_from(("course", "central", "claim")),
    ),
    max_size=12,
)  # fmt: skip
any_terms = st.builds(
    terms, st.integers(1, 900), st.integers(0, 100), st.integers(1, 3), st.integers(0, 100),
    st.dictionaries(st.just("claim"), st.integers(0, 100)),
)  # fmt: skip


@given(any_terms, movements, st.randoms(use_true_random=False))
def test_the_order_of_entries_changes_nothing(asked, moved, shuffler):
    mixed = list(moved)
    shuffler.shuffle(mixed)
    assert balance(asked, moved, 2026, 2022) == balance(asked, mixed, 2026, 2022)


@given(any_terms, movements, st.integers(1, 300))
def test_more_hours_never_make_it_worse(asked, moved, tenths):
    before = balance(asked, moved, 2026, 2022)
    after = balance(asked, [*moved, did(tenths)], 2026, 2022)
    assert after.missing <= before.missing
    assert after.professional_missing <= before.professional_missing


@given(any_terms, movements)
def test_nothing_is_counted_that_was_not_done(asked, moved):
    found = balance(asked, moved, 2026, 2022)
    done = sum(m.tenths for m in moved if found.first_year <= m.year <= 2026)
    assert sum(found.counted.values()) + sum(found.over_cap.values()) == done
