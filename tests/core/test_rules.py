"""Rules are versioned rows: the day picks the version, and the past keeps its own."""

from datetime import date

import pytest

from lms.core import clock, rules
from lms.core.access import SYSTEM
from lms.core.errors import Invalid
from lms.core.uow import unit_of_work


def add(value, day):
    with unit_of_work():
        return rules.add_version(SYSTEM, "test.rule", {"hours": value}, day, "测试文件")


def test_the_day_picks_the_version(app):
    add(10, date(2025, 1, 1))
    add(20, date(2026, 7, 1))
    assert rules.rule_on("test.rule", date(2026, 6, 30)).value == {"hours": 10}
    newer = rules.rule_on("test.rule", date(2026, 7, 1))
    assert newer.value == {"hours": 20}
    assert newer.stamp == "test.rule@2"


def test_what_was_recorded_later_is_not_known_earlier(app):
    add(10, date(2025, 1, 1))
    before = clock.now()
    add(20, date(2025, 1, 1))
    assert rules.rule_on("test.rule", date(2026, 1, 1)).value == {"hours": 20}
    assert rules.rule_on("test.rule", date(2026, 1, 1), before).value == {"hours": 10}


def test_a_rule_needs_a_source_and_a_day_in_force(app):
    with pytest.raises(Invalid):
        rules.add_version(SYSTEM, "test.rule", {}, date(2026, 1, 1), "  ")
    with pytest.raises(rules.RuleMissing):
        rules.rule_on("test.rule", date(2026, 1, 1))
