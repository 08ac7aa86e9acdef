"""A certificate falls and rises with the results it rests on."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from certificates import api as certificates
from certificates.errors import GroundLost
from certificates.grounds.models import LostGround, RegainedGround
from certificates.log.audit import faults
from certificates.models import Certificate, CertificateEvent
from certificates.register import entry_of
from exams.entries.models import Entry
from exams.invigilation import voiding
from exams.invigilation.expelling import reinstate
from exams.marking.operations import record_skills
from exams.results.concluding import supersede
from exams.results.models import LevelAward, Result
from exams.results.rules import Marked
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.access import SYSTEM, Role
from lms.core.db import session
from lms.core.notify import Notice
from lms.core.uow import unit_of_work
from lms.people.api import actor_of, grant_role
from tests.exams.test_level import GOOD, PANEL, pass_theory, skills_entry
from tests.factories.certificates import issue_now, skill_request
from tests.factories.exams import examiner
from tests.factories.issuing import publicity
from tests.forms import post
from tests.statements import count_statements

WHY = "替考，查证属实"


@pytest.fixture
def level(site, cast, sign_in):
    """王桂兰 holds 初级工 by two results; 陈 is a second examiner."""
    pass_theory(site, cast, sign_in)
    with site.app.app_context():
        with unit_of_work():
            entry = skills_entry(cast)
        with unit_of_work():
            record_skills(entry, GOOD, examiner(cast), clock.now(), PANEL)
            now = clock.now()
            grant_role(
                cast.chen, Role.EXAMINER, SYSTEM, now, clock.local_date(now),
                organisation_id=cast.base,
            )  # fmt: skip


@pytest.fixture
def certified(level, site):
    """Her certificate, seen from inside the application."""
    with site.app.app_context():
        yield session().scalars(select(Certificate)).one().id


def theory():
    attempt = session().get_one(Attempt, session().get_one(Result, 1).attempt_id)
    return session().get_one(Entry, attempt.entry_id)


def second(cast):
    return actor_of(cast.chen, clock.now())


def void(cast):
    with unit_of_work():
        before = kinds()
        voiding.propose(theory(), WHY, examiner(cast), clock.now())
    assert kinds() == before  # nothing happens on one person's word
    with unit_of_work():
        voiding.decide(theory(), True, "同意作废", second(cast), clock.now())


def undo(cast):
    with unit_of_work():
        reinstate(theory(), "监控显示是本人", examiner(cast), clock.now())


def mark(result_id, tenths, cast):
    old = session().get_one(Result, result_id)
    module = next(iter(old.by_module))
    with unit_of_work():
        return supersede(old, [Marked(module, tenths, 1000)], examiner(cast), clock.now()).id


def card(cast):
    (found,) = certificates.certificates_of(cast.wang)
    return found


def kinds():
    return list(session().scalars(select(CertificateEvent.kind).order_by(CertificateEvent.id)))


def notices(person_id):
    query = select(Notice.kind).where(Notice.person_id == person_id)
    return [kind for kind in session().scalars(query) if kind.startswith("certificate.")]


def test_a_voided_part_suspends_the_certificate_and_taken_back_it_is_reinstated(certified, cast):
    void(cast)
    assert card(cast).status == "suspended"
    assert kinds() == ["issued", "suspended"]
    lost = session().scalars(select(LostGround)).one()
    assert (lost.certificate_id, lost.cause, lost.by) == (certified, "voided", cast.chen)
    assert lost.url == f"/events/1/entries/{theory().id}/watch"
    assert "certificate.suspended" in notices(cast.wang)
    assert notices(cast.zhou) == ["certificate.ground.lost"]
    with pytest.raises(GroundLost), unit_of_work():
        certificates.reinstate(certified, "我看没有问题", examiner(cast), clock.now())
    undo(cast)
    assert card(cast).status == "valid"
    assert kinds() == ["issued", "suspended", "reinstated"]
    back = session().scalars(select(RegainedGround)).one()
    assert (back.lost_id, back.event_id is not None, back.by) == (lost.id, True, cast.zhou)
    assert "certificate.reinstated" in notices(cast.wang)
    assert notices(cast.zhou)[-1] == "certificate.ground.regained"
    assert list(faults()) == []


def test_a_result_that_passes_no_more_suspends_and_passing_again_reinstates(certified, cast):
    number = mark(1, 700, cast)
    assert card(cast).status == "valid"
    number = mark(number, 500, cast)
    assert card(cast).status == "suspended"
    number = mark(number, 400, cast)  # still a fail: nothing more happens
    assert kinds() == ["issued", "suspended"]
    assert session().scalars(select(LostGround.cause)).all() == ["corrected"]
    mark(number, 650, cast)
    assert card(cast).status == "valid"


def test_two_causes_must_both_be_taken_back(certified, cast):
    mark(2, 300, cast)
    void(cast)  # the certificate is suspended already; no second event
    assert kinds() == ["issued", "suspended"]
    undo(cast)
    assert card(cast).status == "suspended"
    mark(3, 800, cast)
    assert card(cast).status == "valid"


def test_what_somebody_suspended_for_another_reason_stays_so(certified, cast):
    with unit_of_work():
        certificates.suspend(certified, "照片疑似他人", examiner(cast), clock.now())
    void(cast)
    undo(cast)
    assert card(cast).status == "suspended"
    with unit_of_work():
        certificates.reinstate(certified, "照片已经核实", examiner(cast), clock.now())
    assert card(cast).status == "valid"


def test_the_corrected_certificate_is_suspended_and_a_revoked_one_left_alone(certified, cast):
    with unit_of_work():
        new = certificates.correct(certified, "姓名写错更正", examiner(cast), clock.now())
    void(cast)
    by_id = {one.id: one.status for one in session().scalars(select(Certificate))}
    assert by_id == {certified: "corrected", new.certificate_id: "suspended"}
    with unit_of_work():
        certificates.revoke(new.certificate_id, "查实替考，吊销", examiner(cast), clock.now())
    undo(cast)
    assert session().get_one(Certificate, new.certificate_id).status == "revoked"


def test_a_certificate_after_publicity_falls_before_its_award_is_noted(site, cast, sign_in):
    with site.app.app_context(), unit_of_work():
        publicity(5)
    pass_theory(site, cast, sign_in)
    with site.app.app_context():
        with unit_of_work():
            record_skills(skills_entry(cast), GOOD, examiner(cast), clock.now(), PANEL)
        with time_machine.travel(clock.now() + timedelta(days=14), tick=False):
            assert certificates.issue_after_publicity() == 1
            assert session().scalars(select(LevelAward)).all() == []
            mark(1, 100, cast)
            assert card(cast).status == "suspended"


def test_other_peoples_certificates_and_other_parts_are_left_alone(certified, cast, site):
    award = session().scalars(select(LevelAward)).one()
    assert sorted(award.result_ids.values()) == [1, 2]
    other = issue_now(skill_request(cast.zhao, cast.base))
    void(cast)
    assert entry_of(other.code).status == "valid"


def test_the_page_lists_what_waits_and_says_it_in_the_readers_language(level, site, cast, sign_in):
    with site.app.app_context():
        void(cast)
        row = session().scalars(select(Certificate)).one()
        code, number, watch = row.code, row.id, f"/events/1/entries/{theory().id}/watch"
    client = sign_in(cast.zhou)
    with count_statements() as seen:
        page = client.get("/register/waiting").text
    assert sum("certificate_lost_ground" in statement for statement in seen) == 1
    assert "王桂兰" in page
    assert f'href="{watch}"' in page
    assert "等您决定" in client.get("/register").text
    detail = client.get(f"/register/{code}").text
    assert "所依据的考试成绩已作废，证书随之暂停。" in detail
    assert "恢复证书" not in detail
    assert "吊销证书" in detail
    county = sign_in(cast.county).get("/register/waiting").text
    assert "王桂兰" in county
    assert "/watch" not in county  # she may not see the exam
    held = sign_in(cast.wang)
    post(held, "/preferences/language", {"lang": "en"}, page="/certificates")
    assert "rests on was made void" in held.get(f"/certificates/{code}").text
    with site.app.app_context(), unit_of_work():
        certificates.revoke(number, "查实替考，吊销", examiner(cast), clock.now())
    assert "没有等您决定的证书" in client.get("/register/waiting").text
