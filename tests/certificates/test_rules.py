"""The register's pure rules: codes, numbers, folding of events."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates import rules
from certificates.rules import EventFact, Status, fold

T0 = datetime(2026, 3, 1, 2, tzinfo=UTC)
DAY = date(2026, 11, 20)


def happened(*kinds: str) -> list[EventFact]:
    return [EventFact(kind, T0 + timedelta(days=10 * n)) for n, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        (["issued"], Status.VALID),
        (["issued", "reprinted"], Status.VALID),
        (["issued", "suspended"], Status.SUSPENDED),
        (["issued", "suspended", "reinstated"], Status.VALID),
        (["issued", "revoked"], Status.REVOKED),
        (["issued", "suspended", "revoked"], Status.REVOKED),
        (["issued", "revoked", "reinstated"], Status.REVOKED),
        (["issued", "corrected"], Status.CORRECTED),
        (["issued", "corrected", "reinstated", "revoked"], Status.CORRECTED),
    ],
)
def test_events_fold_to_a_status(kinds, status):
    assert fold(happened(*kinds), None, DAY).status is status


def test_a_certificate_past_its_last_day_has_expired_unless_something_worse_happened():
    assert fold(happened("issued"), DAY, DAY).status is Status.VALID
    assert fold(happened("issued"), DAY, DAY + timedelta(days=1)).status is Status.EXPIRED
    revoked = fold(happened("issued", "revoked"), DAY, DAY + timedelta(days=1))
    assert revoked.status is Status.REVOKED


def test_final_steps_allow_nothing_more():
    assert rules.steps_from(Status.REVOKED) == rules.steps_from(Status.CORRECTED) == []
    assert set(rules.steps_from(Status.SUSPENDED)) == {"reinstated", "revoked"}


@pytest.mark.parametrize(
    ("day", "valid"),
    [
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), True),
        (date(2026, 3, 10), True),
        (date(2026, 3, 11), False),
        (date(2026, 3, 15), False),
        (date(2026, 3, 21), False),
        (date(2026, 3, 22), True),
        (date(2026, 6, 30), True),
        (date(2026, 7, 1), False),
    ],
)
def test_was_it_valid_on_a_day_counts_whole_days_only(day, valid):
    events = happened("issued", "suspended", "reinstated")
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
    period = (date(2026, 3, 1), date(2026, 6, 30))
    whole = (day, begins, begins + timedelta(days=1))
    assert rules.valid_throughout(events, period, whole) is valid


def test_a_code_carries_130_random_bits_and_never_looks_alike():
    codes = {rules.new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(len(code) == 26 and set(code).isdisjoint("ILOU") for code in codes)


@given(st.text(alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=26, max_size=26))
def test_a_code_is_known_however_it_is_written(code):
    grouped = rules.grouped(code)
    for written in (code, code.lower(), grouped, f" {grouped.lower()} ", code.replace("0", "o")):
        assert rules.normal_code(written) == code
    assert rules.normal_code(code.replace("1", "l")) == code


@given(st.text(max_size=60))
def test_whatever_is_typed_gives_a_code_or_nothing(text):
    code = rules.normal_code(text)
    assert code is None or (len(code) == 26 and code.isascii())


def test_a_number_has_its_category_site_year_level_and_serial():
    rule = {
        "pattern": "{category}000014{site}{yy}{level}{serial}",
        "serial_digits": 6,
        "levels": {"3": "4"},
    }
    parts = {"category": "S", "site": "000123", "yy": "26"}
    prefix = rules.number_prefix(rule, 3, parts)
    assert prefix == "S000014000123264"
    assert rules.full_number(rule, prefix, 1) == "S000014000123264000001"
    assert rules.full_number(rule, prefix, 1_000_000) is None
    assert rules.number_prefix(rule, 8, parts) is None


def test_a_pattern_that_does_not_end_with_its_serial_is_refused():
    with pytest.raises(ValueError, match="serial"):
        rules.number_prefix({"pattern": "{serial}X"}, None, {})
