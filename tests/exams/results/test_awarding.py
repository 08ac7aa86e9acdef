"""What happens between a passed exam and its certificate: publicity, corrections, batches."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from certificates import api as certificates
from certificates.batches.models import BatchLine
from certificates.batches.operations import begin, keep_plan
from certificates.batches.planning import plan_eligible
from certificates.batches.running import run_chunk
from certificates.batches.sources import source_of
from certificates.publicity.ending import conclude
from certificates.publicity.models import PublicityEntry
from certificates.revoking.choosing import Chosen, meant
from exams.entries.models import Entry
from exams.invigilation.expelling import last_attempt, put_out, reinstate
from exams.marking.operations import record_skills
from exams.results.awarding import note_awards
from exams.results.concluding import supersede
from exams.results.models import LevelAward, Result
from exams.results.rules import Marked
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import actor_of
from tests.exams.test_level import GOOD, PANEL, pass_theory, skills_entry
from tests.factories.certificates import issue_now, skill_request
from tests.factories.exams import examiner
from tests.factories.issuing import examiner_of, publicity, run_all


@pytest.fixture
def passed(site, cast, sign_in):
    """王桂兰 passed both parts of 初级工, with five working days of publicity to come."""
    with site.app.app_context(), unit_of_work():
        publicity(5)
    pass_theory(site, cast, sign_in)
    with site.app.app_context():
        with unit_of_work():
            entry = skills_entry(cast)
        with unit_of_work():
            record_skills(entry, GOOD, examiner(cast), clock.now(), PANEL)
        yield


def later(days=14):
    return time_machine.travel(clock.now() + timedelta(days=days), tick=False)


def skills_result():
    return session().scalars(select(Result).where(Result.part == "skills")).one()


def planned(cast):
    """A batch with her one line, ready to be issued."""
    source = source_of("exams")
    with unit_of_work():
        certificates.withdraw(cast.wang, 2, "成绩更正", SYSTEM, clock.now())
        publicity(0, clock.today())
    choice = source.one(examiner_of(cast), skills_result().event_id)
    awards = list(source.eligible(choice, clock.today()))
    plan = plan_eligible(choice.issuer_id, awards, clock.today())
    plan = replace(plan, lines=[replace(one, outcome="ready", publish=False) for one in plan.lines])
    assert len(plan.lines) == 1
    with unit_of_work():
        return keep_plan(choice.issuer_id, "exams", "考试", plan, examiner_of(cast), clock.now())


def test_a_passed_level_is_public_first_and_certified_afterwards(passed, cast):
    assert certificates.certificates_of(cast.wang) == []
    source = f"exams:result:{skills_result().id}"
    assert certificates.awardings_of([source])[source].state == "public"
    with later():
        assert certificates.issue_after_publicity() == 1
        assert note_awards() == 1
        assert note_awards() == 0
    award = session().scalars(select(LevelAward)).one()
    (card,) = certificates.certificates_of(cast.wang)
    assert award.certificate_id == card.id
    assert award.result_ids == {"theory": 1, "skills": 2}


@pytest.mark.parametrize(("tenths", "issued"), [(500, 0), (700, 1)])
def test_a_result_corrected_meanwhile_starts_anew_or_falls_away(passed, cast, tenths, issued):
    old = session().get_one(Result, 1)
    module = next(iter(old.by_module))
    with unit_of_work():
        supersede(old, [Marked(module, tenths, 1000)], examiner(cast), clock.now())
    states = {entry.state for entry in session().scalars(select(PublicityEntry))}
    assert ("public" in states) == bool(issued)
    with later():
        assert certificates.issue_after_publicity() == issued
        assert note_awards() == issued
    assert len(certificates.certificates_of(cast.wang)) == issued


def test_a_voided_result_is_not_certified_after_publicity_unless_it_counts_again(passed, cast):
    attempt = session().get_one(Attempt, session().get_one(Result, 1).attempt_id)  # of theory
    entry = session().get_one(Entry, attempt.entry_id)
    with unit_of_work():
        put_out(
            entry, attempt, "替考，查证属实", {}, actor_of(cast.admin, clock.now()), clock.now()
        )
    assert [one.state for one in session().scalars(select(PublicityEntry))] == ["withdrawn"]
    with later():
        assert certificates.issue_after_publicity() == 0
    assert certificates.certificates_of(cast.wang) == []
    with unit_of_work():
        reinstate(entry, "监控显示是本人", examiner(cast), clock.now())
    assert [one.state for one in session().scalars(select(PublicityEntry))] == ["public"]
    with later():
        assert certificates.issue_after_publicity() == 1


def test_a_plan_whose_ground_fell_away_meanwhile_issues_nothing(passed, cast):
    """A batch may lie planned for months; what it rests on is asked again when it runs."""
    batch = planned(cast)
    with unit_of_work():
        session().get_one(Attempt, skills_result().attempt_id).state = "expelled"
    run_all(batch, cast)
    assert session().scalars(select(BatchLine.outcome)).all() == ["failed"]
    assert certificates.certificates_of(cast.wang) == []


def test_a_batch_finds_who_is_eligible_in_an_event_and_skips_who_is_public(passed, cast):
    source = source_of("exams")
    event_id = skills_result().event_id
    assert event_id in {choice.id for choice in source.choices(examiner_of(cast))}
    choice = source.one(examiner_of(cast), event_id)
    awards = source.eligible(choice, clock.today())
    assert [(one.person_id, one.rung) for one in awards] == [(cast.wang, 2)]
    plan = plan_eligible(choice.issuer_id, awards, clock.today())
    assert plan.counts == {"already": 1}


def test_certificates_are_revoked_by_any_exam_that_went_into_them(passed, cast):
    with later():
        certificates.issue_after_publicity()
        note_awards()
    (card,) = certificates.certificates_of(cast.wang)
    issue_now(skill_request(cast.zhao, cast.base))  # from no exam
    county = actor_of(cast.county, clock.now())
    events = {result.part: result.event_id for result in session().scalars(select(Result))}
    for part in ("theory", "skills"):
        assert meant(Chosen(event_id=events[part]), county) == [card.id], part
    assert meant(Chosen(event_id=999), county) == []
    held = {choice.id for choice in source_of("exams").held([cast.base])}
    assert set(events.values()) <= held
    assert source_of("exams").held([cast.gucheng]) == []


def by_batch(cast):
    batch = planned(cast)
    with unit_of_work():
        begin(batch.id, examiner_of(cast), clock.now(), queue=False)
    return lambda: run_chunk(batch.id, examiner_of(cast), clock.now())


def after_publicity(_cast):
    entry = session().scalars(select(PublicityEntry)).one()
    return lambda: conclude(entry.id, clock.now())


def expel():
    attempt = session().get_one(Attempt, skills_result().attempt_id)
    with unit_of_work():
        entry = session().get_one(Entry, attempt.entry_id)
        put_out(entry, last_attempt(entry), "替考", {}, SYSTEM, clock.now())


def correct():
    with unit_of_work():
        old = skills_result()
        module = next(iter(old.by_module))
        supersede(old, [Marked(module, 100, 1000)], SYSTEM, clock.now())


@pytest.mark.parametrize("issuing", [by_batch, after_publicity])
@pytest.mark.parametrize("taking_back", [expel, correct])
def test_who_takes_a_result_back_waits_for_who_is_just_issuing_from_it(
    passed, site, cast, issuing, taking_back
):
    def elsewhere():
        with site.app.app_context():
            taking_back()

    with later():
        issue = issuing(cast)
        other = threading.Thread(target=elsewhere)
        with unit_of_work():
            issue()
            session().flush()
            other.start()
            # It ends by itself where it does not wait; it must not.
            other.join(timeout=0.5)
            assert other.is_alive()
        other.join()
    (card,) = certificates.certificates_of(cast.wang)
    assert card.status == certificates.Status.SUSPENDED
