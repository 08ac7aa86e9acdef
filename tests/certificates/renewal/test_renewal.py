"""Certificates that end: their last day by rule, notices once a stage, a way to renew, the link."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from certificates.jobs import tell_expiring
from certificates.models import Certificate
from certificates.operations import revoke
from certificates.renewal.offers import Offer, renew_by
from certificates.renewal.queries import chain_of
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.notify import Notice
from lms.core.rules import add_version
from lms.core.uow import unit_of_work
from lms.portal.notices import notice_text
from tests.factories.certificates import NOW, course_request, issue_now, skill_request

END = date(2027, 11, 19)


def central(person, base, on=date(2026, 11, 20), **more):
    return course_request(person, base, kind="central", valid_to=None, issued_on=on, **more)


def told():
    query = select(Notice.key).where(Notice.kind == "certificate.expiring").order_by(Notice.id)
    return [key.rsplit(":", 1)[-1] for key in session().scalars(query)]


def on(day):
    return time_machine.travel(clock.start_of(day) + timedelta(hours=7), tick=False)


def test_a_kind_ends_by_rule_unless_its_issue_says_when_and_a_level_never_does(app, cast):
    ends = {}
    for name, request in {
        "central": central(cast.wang, cast.base),
        "said": course_request(cast.zhao, cast.base, valid_to=date(2030, 1, 1)),
        "course": course_request(cast.li, cast.base, valid_to=None),
        "skill": skill_request(cast.wang, cast.base),
    }.items():
        issued = issue_now(request)
        ends[name] = session().get_one(Certificate, issued.certificate_id).valid_to
    assert ends == {"central": END, "said": date(2030, 1, 1), "course": None, "skill": None}
    with unit_of_work():
        value = {"months": {"course": 24}}
        add_version(SYSTEM, "certificates.validity", value, date(2026, 11, 20), "省厅 2026 年通知")
    issued = issue_now(course_request(cast.sun, cast.base, valid_to=None))
    assert session().get_one(Certificate, issued.certificate_id).valid_to == date(2028, 11, 19)


def test_the_holder_is_told_at_ninety_thirty_and_seven_days_once_each_whatever_restarts(app, cast):
    issue_now(central(cast.wang, cast.base))
    issue_now(skill_request(cast.wang, cast.base))
    for days, sofar in ((91, 0), (90, 1), (60, 1), (30, 2), (7, 3), (0, 3), (-1, 3)):
        with on(END - timedelta(days=days)):
            tell_expiring()
            tell_expiring()  # started again
        assert told() == ["90", "30", "7"][:sofar]
    notice = session().scalars(select(Notice).where(Notice.kind == "certificate.expiring")).first()
    assert notice.person_id == cast.wang
    with app.test_request_context():
        assert "2027-11-19" in notice_text(notice.kind, notice.facts)


def test_who_comes_late_is_told_only_the_stage_she_is_in(app, cast):
    issue_now(central(cast.wang, cast.base))
    with on(END - timedelta(days=5)):
        tell_expiring()
    assert told() == ["7"]


def test_a_run_that_died_goes_on_and_more_than_a_batch_is_told(app, cast, monkeypatch):
    monkeypatch.setattr("certificates.renewal.operations.BATCH", 2)
    for n in range(5):
        issue_now(central(cast.wang, cast.base, facts={"subject": f"{n}", "tenths": 10}))
    seen, real = [], __import__("certificates.jobs").jobs.tell_some

    def dies(today, after):
        seen.append(after)
        if len(seen) == 2:
            raise RuntimeError("killed")
        return real(today, after)

    with on(END - timedelta(days=80)):
        monkeypatch.setattr("certificates.jobs.tell_some", dies)
        with pytest.raises(RuntimeError):
            tell_expiring()
        monkeypatch.setattr("certificates.jobs.tell_some", real)
        tell_expiring()
    keys = session().scalars(select(Notice.key).where(Notice.kind == "certificate.expiring")).all()
    assert len(keys) == len(set(keys)) == 5


def test_a_renewed_or_revoked_one_is_not_told_of(app, cast):
    first = issue_now(central(cast.wang, cast.base))
    issue_now(central(cast.wang, cast.base, date(2027, 9, 1)))
    other = issue_now(central(cast.zhao, cast.base))
    with unit_of_work():
        revoke(other.certificate_id, "培训未完成", SYSTEM, NOW)
    with on(END - timedelta(days=10)):
        tell_expiring()
    assert told() == []
    assert chain_of(first.certificate_id).renewed_by is not None


def test_a_renewal_links_to_the_one_before_and_only_to_its_own_kind_person_and_name(app, cast):
    old = issue_now(course_request(cast.wang, cast.base))
    issue_now(course_request(cast.zhao, cast.base))
    elsewhere = {"subject": "急救", "tenths": 80}
    other = issue_now(course_request(cast.wang, cast.base, facts=elsewhere))
    later = {"issued_on": date(2027, 11, 1), "valid_to": date(2028, 10, 31)}
    new = issue_now(course_request(cast.wang, cast.base, **later))
    newest = issue_now(course_request(cast.wang, cast.base, issued_on=date(2028, 10, 1),
                                      valid_to=date(2029, 9, 30)))  # fmt: skip
    assert chain_of(old.certificate_id).renewed_by.number == new.number
    assert chain_of(new.certificate_id).renews.code == old.code
    assert chain_of(new.certificate_id).renewed_by.code == newest.code
    assert chain_of(other.certificate_id) == chain_of(-1)


def test_the_page_leads_to_where_it_can_be_renewed_and_then_to_the_new_one(
    site, sign_in, cast, monkeypatch
):
    monkeypatch.setattr("certificates.renewal.offers._finders", {})
    renew_by("central", lambda facts, person, on: Offer(f"2027 {facts['subject']}", "/central", on))
    with site.app.app_context():
        old = issue_now(central(cast.wang, cast.base))
    browser = sign_in(cast.wang)
    page = browser.get(f"/certificates/{old.code}").text
    assert 'href="/central"' in page
    assert "去续证" in page
    with site.app.app_context():
        new = issue_now(central(cast.wang, cast.base, date(2027, 9, 1)))
    page = browser.get(f"/certificates/{old.code}").text
    assert "去续证" not in page
    assert f"/certificates/{new.code}" in page
    assert f"/certificates/{old.code}" in browser.get(f"/certificates/{new.code}").text
