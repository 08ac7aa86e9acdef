"""公示: public for working days, objections stop one person, two people decide, then one issue."""

from datetime import date

import pytest

from certificates.api import (
    EvaluatorNotOnFile,
    Group,
    Issued,
    Pending,
    award,
    certificates_of,
    withdraw,
)
from certificates.jobs import issue_after_publicity
from certificates.log.audit import faults
from certificates.publicity.ending import conclude, due
from certificates.publicity.errors import NotPublic, TextNeeded, TwoPeople
from certificates.publicity.models import PublicityEntry, PublicityList
from certificates.publicity.objecting import contact_of, decide, find, object_to
from certificates.publicity.queries import public_entries, public_list, public_lists
from certificates.publicity.rules import is_working_day, last_day
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.errors import Conflict, Forbidden, NotFound
from lms.core.notify import unread
from lms.core.rules import add_version, rule_on
from lms.core.uow import unit_of_work
from lms.people.api import actor_of
from lms.people.models import EvaluatorFiling
from tests.factories.certificates import skill_request
from tests.factories.issuing import at, publicity

CALENDAR = {"2026": {"off": [["2026-10-01", "2026-10-07"], "2026-11-26"], "on": ["2026-10-10"]}}
GROUP = Group("exams:event:7", "十一月初级工认定")
OPENED = "2026-11-20"  # a Friday
FACT = "此人工作年限不足，请核实劳动合同。"


@pytest.mark.parametrize(
    ("day", "works"),
    [("2026-09-30", True), ("2026-10-01", False), ("2026-10-08", True), ("2026-10-10", True),
     ("2026-10-11", False), ("2026-11-26", False), ("2027-01-01", True)],
)  # fmt: skip
def test_working_days_are_data(day, works):
    assert is_working_day(date.fromisoformat(day), CALENDAR) is works


def test_the_day_of_opening_does_not_count():
    assert last_day(date(2026, 11, 20), 5, {}) == date(2026, 11, 27)
    assert last_day(date(2026, 11, 20), 5, CALENDAR) == date(2026, 11, 30)
    assert last_day(date(2026, 9, 30), 2, CALENDAR) == date(2026, 10, 9)


def go_public(cast, person, day=OPENED, **changes):
    request = skill_request(person, cast.base, issued_on=date.fromisoformat(day), **changes)
    with unit_of_work():
        made = award(request, GROUP, SYSTEM, at(day))
    assert isinstance(made, Pending)
    return made


@pytest.fixture
def public(app):
    with unit_of_work():
        publicity(5)


def run_job(monkeypatch, day):
    monkeypatch.setattr("certificates.jobs.clock.now", lambda: at(day))
    return issue_after_publicity()


def test_a_certificate_follows_after_the_last_public_day_and_once(public, cast, monkeypatch):
    made = go_public(cast, cast.wang)
    assert made.ends_on == date(2026, 11, 27)
    assert certificates_of(cast.wang) == []
    assert [n.kind for n in unread(cast.wang)] == ["certificate.public"]
    assert run_job(monkeypatch, "2026-11-27") == 0
    assert run_job(monkeypatch, "2026-11-28") == 1
    assert run_job(monkeypatch, "2026-11-29") == 0
    (card,) = certificates_of(cast.wang)
    assert card.issued_on == date(2026, 11, 28)
    assert list(faults()) == []


def test_asked_again_the_award_is_the_same_before_and_after(public, cast, monkeypatch):
    made = go_public(cast, cast.wang, source="exams:result:1")
    assert go_public(cast, cast.wang, source="exams:result:1") == made
    run_job(monkeypatch, "2026-11-28")
    request = skill_request(
        cast.wang, cast.base, source="exams:result:1", issued_on=date(2026, 11, 28)
    )
    with unit_of_work():
        again = award(request, GROUP, SYSTEM, at("2026-11-28"))
    assert isinstance(again, Issued)
    assert len(certificates_of(cast.wang)) == 1


def test_without_days_in_the_rule_nothing_is_public(app, cast):
    with unit_of_work():
        made = award(skill_request(cast.wang, cast.base), GROUP, SYSTEM, at(OPENED))
    assert isinstance(made, Issued)
    assert public_lists(date(2026, 11, 20)) == []


def test_who_may_not_evaluate_does_not_publish_either(public, cast):
    with pytest.raises(EvaluatorNotOnFile), unit_of_work():
        award(skill_request(cast.wang, cast.kangning), GROUP, SYSTEM, at(OPENED))
    assert public_lists(date(2026, 11, 20)) == []


def test_the_evaluator_is_asked_again_on_the_day_of_issue(public, cast, monkeypatch):
    go_public(cast, cast.wang)
    with unit_of_work():
        session().query(EvaluatorFiling).update({"valid_to": date(2026, 11, 25)})
    assert run_job(monkeypatch, "2026-11-28") == 0
    entry = session().query(PublicityEntry).populate_existing().one()
    assert (entry.state, entry.note != "") == ("public", True)
    with unit_of_work():
        session().query(EvaluatorFiling).update({"valid_to": date(2027, 11, 25)})
    assert run_job(monkeypatch, "2026-11-29") == 1


def test_a_list_shows_masked_names_while_it_lasts(public, cast):
    made = go_public(cast, cast.wang)
    shown = public_list(made.ref, date(2026, 11, 27))
    assert (shown.people, shown.title, shown.days) == (1, GROUP.title, 5)
    (entry,) = public_entries(shown.id)
    assert (entry.name, entry.id_masked) == ("王*兰", "140105************")
    assert public_list(made.ref, date(2026, 11, 28)) is None


def test_those_of_one_event_and_day_share_a_list_the_next_day_has_its_own(public, cast):
    first, second = go_public(cast, cast.wang), go_public(cast, cast.zhao)
    third = go_public(cast, cast.li, "2026-11-23")
    assert first.ref == second.ref != third.ref
    assert third.ends_on == date(2026, 11, 30)


def test_a_calendar_completed_later_lengthens_a_running_period(public, cast, monkeypatch):
    go_public(cast, cast.wang)
    with unit_of_work():
        calendar = rule_on("calendar.working_days", date(2026, 11, 20)).value
        year = calendar["2026"] | {"off": [*calendar["2026"]["off"], "2026-11-25"]}
        add_version(SYSTEM, "calendar.working_days", calendar | {"2026": year},
                    date(2026, 11, 1), "test")  # fmt: skip
    assert run_job(monkeypatch, "2026-11-28") == 0
    assert run_job(monkeypatch, "2026-12-01") == 1


def objection(made, contact=""):
    with unit_of_work():
        return object_to(made.entry_id, FACT, contact, at("2026-11-24"))


def test_an_objection_stops_one_person_only(public, cast, monkeypatch):
    made, _other = go_public(cast, cast.wang), go_public(cast, cast.zhao)
    row = objection(made, "13900000000")
    assert contact_of(row) == "13900000000"
    assert b"139" not in (row.contact_sealed or b"")
    assert run_job(monkeypatch, "2026-11-28") == 1
    assert certificates_of(cast.wang) == []
    assert len(certificates_of(cast.zhao)) == 1
    assert unread(cast.zhou)[0].kind == "certificate.objection"


@pytest.mark.parametrize(("outcome", "issued"), [("dismissed", 1), ("upheld", 0)])
def test_two_people_decide(public, cast, monkeypatch, outcome, issued):
    made = go_public(cast, cast.wang)
    row, day = objection(made), at("2026-11-25")
    examiner, officer = actor_of(cast.zhou, day), actor_of(cast.county, day)
    with unit_of_work():
        finding = find(row.id, outcome, "劳动合同已核对，年限属实或不足。", examiner, day)
    assert run_job(monkeypatch, "2026-11-28") == 0
    with pytest.raises(TwoPeople), unit_of_work():
        decide(row.id, finding.id, examiner, day)
    with unit_of_work():
        decide(row.id, finding.id, officer, day)
    assert run_job(monkeypatch, "2026-11-28") == issued
    assert len(certificates_of(cast.wang)) == issued
    with pytest.raises(Conflict), unit_of_work():
        decide(row.id, finding.id, officer, day)
    entry = session().query(PublicityEntry).populate_existing().one()
    assert entry.state == ("issued" if issued else "barred")


def test_a_decision_agrees_with_the_newest_finding_only(public, cast):
    row, day = objection(go_public(cast, cast.wang)), at("2026-11-25")
    examiner, officer = actor_of(cast.zhou, day), actor_of(cast.county, day)
    with unit_of_work():
        old = find(row.id, "upheld", "年限不足，拟不予发证。", examiner, day)
        find(row.id, "dismissed", "补交证明后年限属实。", examiner, day)
    with pytest.raises(Conflict), unit_of_work():
        decide(row.id, old.id, officer, day)


@pytest.mark.parametrize(
    ("who", "refusal"), [("other_county", NotFound), ("li", Forbidden), ("wang", Forbidden)]
)
def test_strangers_decide_nothing(public, cast, who, refusal):
    row, day = objection(go_public(cast, cast.wang)), at("2026-11-25")
    stranger = actor_of(getattr(cast, who), day)
    with pytest.raises(refusal), unit_of_work():
        find(row.id, "upheld", "年限不足，拟不予发证。", stranger, day)


def test_nobody_decides_about_herself(public, cast):
    row, day = objection(go_public(cast, cast.zhou)), at("2026-11-25")
    with pytest.raises(NotFound), unit_of_work():
        find(row.id, "dismissed", "本人年限属实，没有问题。", actor_of(cast.zhou, day), day)


def test_objections_say_something_and_come_in_time(public, cast):
    made = go_public(cast, cast.wang)
    with pytest.raises(TextNeeded), unit_of_work():
        object_to(made.entry_id, "不行", "", at("2026-11-24"))
    with pytest.raises(NotPublic), unit_of_work():
        object_to(made.entry_id, FACT, "", at("2026-11-28"))
    with pytest.raises(NotFound), unit_of_work():
        object_to(99_999, FACT, "", at("2026-11-24"))


def test_what_fell_away_is_not_issued_and_may_go_public_anew(public, cast, monkeypatch):
    go_public(cast, cast.wang, source="exams:result:1")
    with unit_of_work():
        assert withdraw(cast.wang, 2, "成绩更正", SYSTEM, at("2026-11-24")) == 1
    assert run_job(monkeypatch, "2026-11-28") == 0
    again = go_public(cast, cast.wang, "2026-11-30", source="exams:result:1")
    assert (again.state, again.ends_on) == ("public", date(2026, 12, 7))
    assert run_job(monkeypatch, "2026-12-08") == 1
    assert session().query(PublicityList).count() == 2


def test_two_jobs_at_once_issue_once(public, cast):
    made = go_public(cast, cast.wang)
    now = at("2026-11-28")
    assert due(now) == [made.entry_id]
    with unit_of_work():
        first = conclude(made.entry_id, now)
        second = conclude(made.entry_id, now)
    assert (first is not None, second) == (True, None)
    assert len(certificates_of(cast.wang)) == 1
