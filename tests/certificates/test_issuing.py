"""Issue: one certificate per source, numbered by rule, only by an evaluator on file."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from certificates.api import (
    EvaluatorNotOnFile,
    NoNumberRule,
    NumbersExhausted,
    SourceTaken,
    certificates_of,
    issue,
    revoke,
    rung_held,
    rungs_held,
)
from certificates.models import Certificate, CertificateEvent, NumberSeries
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.errors import Invalid, NotFound
from lms.core.uow import unit_of_work
from lms.people.models import EvaluatorFiling
from tests.factories.certificates import NOW, course_request, issue_now, skill_request


def test_a_skill_certificate_is_numbered_by_the_evaluators_filing(app, cast):
    issued = issue_now(skill_request(cast.wang, cast.base))
    assert issued.number == "S000014000123265000001"
    assert len(issued.code) == 26
    assert issue_now(skill_request(cast.zhao, cast.base)).number == "S000014000123265000002"
    assert issue_now(skill_request(cast.zhao, cast.base, rung=3)).number.endswith("264000001")


def test_asking_again_for_the_same_source_gives_the_same_certificate(app, cast):
    request = skill_request(cast.wang, cast.base)
    assert issue_now(request) == issue_now(request)
    assert session().scalar(select(func.count()).select_from(Certificate)) == 1
    assert session().scalar(select(func.count()).select_from(CertificateEvent)) == 1


def test_a_source_awarded_to_one_person_is_refused_for_another(app, cast):
    request = skill_request(cast.wang, cast.base, source="exams:result:1")
    issue_now(request)
    with pytest.raises(SourceTaken):
        issue_now(skill_request(cast.zhao, cast.base, source="exams:result:1"))


def test_eight_requests_at_once_make_one_certificate_and_waste_no_number(site, cast):
    with site.app.app_context():
        request = skill_request(cast.wang, cast.base)
    gate, results = threading.Barrier(8), []

    def run() -> None:
        with site.app.app_context():
            gate.wait()
            results.append(issue_now(request))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert len(set(results)) == 1
    with site.app.app_context():
        assert session().scalar(select(NumberSeries.last)) == 1


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2029, 1, 1)])
def test_an_evaluator_whose_filing_is_not_valid_that_day_cannot_issue(app, cast, day):
    with pytest.raises(EvaluatorNotOnFile):
        issue_now(skill_request(cast.wang, cast.base, issued_on=day))
    assert session().scalar(select(func.count()).select_from(NumberSeries)) == 0


def test_an_evaluator_cannot_issue_a_rung_its_filing_does_not_cover(app, cast):
    with unit_of_work():
        session().scalars(select(EvaluatorFiling)).one().highest_rung = 4
    issue_now(skill_request(cast.wang, cast.base, rung=4))
    with pytest.raises(EvaluatorNotOnFile):
        issue_now(skill_request(cast.wang, cast.base, rung=5))


def test_a_home_that_is_no_evaluator_cannot_issue_skill_certificates(app, cast):
    with pytest.raises(EvaluatorNotOnFile):
        issue_now(skill_request(cast.wang, cast.kangning))


def test_appointed_rungs_have_their_own_rule_and_the_highest_none(app, cast):
    with unit_of_work():
        session().scalars(select(EvaluatorFiling)).one().highest_rung = 8
    assert issue_now(skill_request(cast.wang, cast.base, rung=7)).number[15] == "T"
    with pytest.raises(NoNumberRule):
        issue_now(skill_request(cast.wang, cast.base, rung=8))


def test_course_certificates_have_their_own_numbers(app, cast):
    issued = issue_now(course_request(cast.wang, cast.base))
    assert issued.number == "KC14010520260000001"
    central = issue_now(course_request(cast.wang, cast.base, kind="central"))
    assert central.number == "JZ14010520260000001"


def test_a_series_that_is_used_up_says_so_and_keeps_its_numbers(app, cast):
    issue_now(skill_request(cast.wang, cast.base))
    with unit_of_work():
        session().scalars(select(NumberSeries)).one().last = 999_999
    with pytest.raises(NumbersExhausted):
        issue_now(skill_request(cast.wang, cast.base))
    session().rollback()
    assert session().scalar(select(NumberSeries.last)) == 999_999


def test_a_rolled_back_issue_gives_its_number_back(app, cast):
    with suppress(RuntimeError), unit_of_work():
        issue(skill_request(cast.wang, cast.base), SYSTEM, NOW)
        raise RuntimeError
    assert issue_now(skill_request(cast.wang, cast.base)).number.endswith("000001")


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "diploma"},
        {"source": ""},
        {"rung": None},
        {"rung": 9},
        {"facts": {"mark": 61.5}},
        {"facts": {"marks": [1]}},
        {"valid_to": date(2020, 1, 1)},
    ],
)
def test_a_request_that_cannot_be_sealed_is_refused(app, cast, changes):
    with pytest.raises(Invalid):
        issue_now(skill_request(cast.wang, cast.base, **changes))


def test_nothing_is_issued_to_nobody_or_by_nobody(app, cast):
    with pytest.raises(NotFound):
        issue_now(skill_request(999_999, cast.base))
    with pytest.raises(NotFound):
        issue_now(course_request(cast.wang, 999_999))


def test_the_database_itself_refuses_to_rewrite_a_certificate(app, cast):
    issue_now(skill_request(cast.wang, cast.base))
    for statement in (
        "UPDATE certificate SET facts = '{}'",
        "UPDATE certificate SET number = 'X'",
        "DELETE FROM certificate",
        "UPDATE certificate_event SET reason = 'x'",
        "DELETE FROM certificate_event",
    ):
        with pytest.raises(DatabaseError), unit_of_work():
            session().execute(text(statement))


def test_the_highest_rung_held_follows_what_happened_until_that_day(app, cast):
    issue_now(skill_request(cast.wang, cast.base, rung=2, issued_on=date(2026, 3, 1)))
    third = issue_now(skill_request(cast.wang, cast.base, rung=3, issued_on=date(2026, 6, 1)))
    with unit_of_work():
        revoke(third.certificate_id, "成绩造假，查实", SYSTEM, NOW)
    held = [rung_held(cast.wang, date(2026, *day)) for day in ((2, 1), (3, 1), (6, 1), (11, 20))]
    assert held == [None, 2, 3, 2]
    assert rung_held(cast.zhao, date(2026, 11, 20)) is None


def test_a_rung_as_known_leaves_out_what_was_recorded_later(app, cast):
    day, later = date(2026, 12, 31), NOW + timedelta(days=60)
    second = issue_now(skill_request(cast.wang, cast.base, rung=2, issued_on=date(2026, 3, 1)))
    issue_now(skill_request(cast.wang, cast.base, rung=3, issued_on=date(2026, 6, 1)), now=later)
    with unit_of_work():
        revoke(second.certificate_id, "成绩造假，查实", SYSTEM, NOW + timedelta(days=1))
    known = [NOW - timedelta(seconds=1), NOW, NOW + timedelta(days=1), later, None]
    found = [rungs_held([cast.wang], day, moment).get(cast.wang) for moment in known]
    assert found == [None, 2, None, 3, 3]


def test_the_wallet_shows_what_is_valid(app, cast):
    second = issue_now(skill_request(cast.wang, cast.base, rung=2))
    issue_now(course_request(cast.wang, cast.base))
    with unit_of_work():
        revoke(second.certificate_id, "成绩造假，查实", SYSTEM, NOW)
    assert {card.status.value for card in certificates_of(cast.wang)} == {"valid", "revoked"}
