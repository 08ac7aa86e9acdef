"""Flags written, listed, reported: the same verdict everywhere."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from courses import central
from courses.api import duties_of, flag_totals, materialise
from courses.cli import flags as flags_command
from courses.compliance import operations
from courses.compliance.flags import row_of
from courses.compliance.models import DutyFlag
from courses.compliance.operations import ExemptionRequest
from courses.compliance.report import Asked, as_csv, as_json, lines
from lms.core.access import SYSTEM, Actor, Grant, Role
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.core.uow import unit_of_work
from lms.people.api import NewPerson, add_organisation, employ, register_person, restate_spell
from lms.people.models import EmploymentSpell
from tests.cast import THEN, citizen_id, credit_code
from tests.factories.central import NINE, book, close, come, hr, open_session, teacher
from tests.statements import count_statements

TODAY = date(2026, 11, 23)
ASKED = date(2026, 12, 31)


@pytest.fixture
def world(app, cast):
    """Caregivers in both counties in every state, and materialised flags."""
    people = []
    with unit_of_work():
        for serial in range(200, 212):
            home = cast.kangning if serial % 2 else cast.gucheng
            person = register_person(NewPerson(f"护理{serial}", citizen_id(serial)), SYSTEM, THEN)
            start = date(2026, 11, 1) if serial == 211 else date(2025, 2, 1)
            employ(person.id, home, "caregiver", start, SYSTEM, THEN)
            people.append(person.id)
    done = open_session(cast, start=NINE - timedelta(days=60), region="14")
    book(done, people[:6], cast, NINE - timedelta(days=65))
    for person_id in people[:4]:
        come(done, person_id, cast, done.starts_at)
    close(done, cast)
    book(open_session(cast, start=NINE + timedelta(days=9)), [people[7]], cast, NINE)
    approved(cast, people[8])
    materialise(2026, TODAY, NINE)
    return people


def officer(cast, person_id=None):
    return Actor(person_id or cast.county, 0, "officer", (Grant(Role.OFFICER, region="14"),))


def asking(cast, person_id, **more):
    values = {"kind": "elsewhere", "evidence": "省厅培训证明 2026-12"}
    return ExemptionRequest(person_id, cast.kangning, 2026, **values | more)


def approved(cast, person_id, now=NINE):
    with unit_of_work():
        number = central.propose_exemption(asking(cast, person_id), hr(cast), now)
    with unit_of_work():
        central.decide_exemption(number, "approved", "", officer(cast), now)
    return number


def stored(person_id, year=2026):
    query = select(DutyFlag).where(DutyFlag.person_id == person_id, DutyFlag.year == year)
    return session().scalar(query.execution_options(populate_existing=True))


def test_live_and_written_verdicts_agree_for_everybody(world, cast):
    session().expire_all()
    for person_id in [*world, cast.wang, cast.zhao]:
        live = row_of(duties_of(person_id, 2026, TODAY)[0], NINE)
        flag = stored(person_id)
        assert {key: getattr(flag, key) for key in live} == live


def test_every_state_is_there(world, cast):
    found = {stored(person_id).state for person_id in world}
    assert found == {"done", "at_risk", "scheduled", "exempt"}


def test_clerks_have_no_flag(world, cast):
    assert stored(cast.li) is None


def test_closing_a_session_clears_the_flag_at_once(world, cast):
    assert stored(cast.wang).state == "at_risk"
    row = open_session(cast, start=NINE)
    book(row, [cast.wang], cast, NINE - timedelta(days=1))
    assert stored(cast.wang).state == "scheduled"
    come(row, cast.wang, cast, NINE)
    close(row, cast)
    assert stored(cast.wang).state == "done"


def test_cancelling_a_session_brings_the_flag_back(world, cast):
    row = open_session(cast, start=NINE + timedelta(days=5))
    book(row, [cast.wang], cast, NINE)
    with unit_of_work():
        central.cancel_session(row.id, "停电", teacher(cast), NINE)
    assert stored(cast.wang).state in {"at_risk", "scheduled"}
    materialise(2026, TODAY, NINE)
    assert stored(cast.wang).state == "at_risk"


def test_a_person_no_longer_owing_loses_the_flag(world, cast):
    spell = (
        session()
        .scalars(select(EmploymentSpell).where(EmploymentSpell.person_id == cast.wang))
        .one()
    )
    with unit_of_work():
        restate_spell(spell, SYSTEM, NINE, post="cook")
    materialise(2026, TODAY, NINE)
    assert stored(cast.wang) is None


def test_writing_twice_changes_nothing(world, cast):
    before = {f.person_id: f.id for f in session().scalars(select(DutyFlag))}
    materialise(2026, TODAY, NINE)
    assert {f.person_id: f.id for f in session().scalars(select(DutyFlag))} == before


def test_totals_reconcile_from_county_to_province(world, cast):
    province, one, other = (flag_totals(code, 2026) for code in ("14", "140105", "140728"))
    assert province.owing == one.owing + other.owing
    assert province.done == one.done + other.done == 4
    assert province.owing == province.done + province.at_risk + province.scheduled + province.missed


def test_facts_of_a_hundred_people_need_no_more_statements_than_of_two(world, cast):
    session().rollback()
    with count_statements() as few:
        list(lines(Asked(2026, TODAY, NINE, "140728", ())))
    with unit_of_work():
        for serial in range(300, 400):
            person = register_person(NewPerson(f"护理{serial}", citizen_id(serial)), SYSTEM, THEN)
            employ(person.id, cast.gucheng, "caregiver", THEN.date(), SYSTEM, THEN)
    with count_statements() as many:
        assert len(list(lines(Asked(2026, TODAY, NINE, "140728", ())))) > 100
    assert len(many) == len(few) <= 10


# exemptions


def test_the_one_who_asked_cannot_approve(world, cast):
    both = Actor(
        cast.li, 0, "li", (Grant(Role.HR, cast.kangning), Grant(Role.OFFICER, region="14"))
    )
    with unit_of_work():
        number = central.propose_exemption(asking(cast, cast.wang), both, NINE)
    with pytest.raises(operations.SamePerson), unit_of_work():
        central.decide_exemption(number, "approved", "", both, NINE)
    assert stored(cast.wang).state == "at_risk"


def test_nobody_approves_an_exemption_of_herself(world, cast):
    with unit_of_work():
        number = central.propose_exemption(asking(cast, cast.wang), hr(cast), NINE)
    with pytest.raises(operations.SamePerson), unit_of_work():
        central.decide_exemption(number, "approved", "", officer(cast, cast.wang), NINE)


def test_an_approval_can_be_revoked_once_with_a_reason(world, cast):
    number = approved(cast, cast.wang)
    assert stored(cast.wang).state == "exempt"
    with pytest.raises(Invalid), unit_of_work():
        central.decide_exemption(number, "revoked", "", officer(cast), NINE)
    with unit_of_work():
        central.decide_exemption(number, "revoked", "证明不实", officer(cast), NINE)
    assert stored(cast.wang).state == "at_risk"


def test_a_decided_request_is_not_decided_otherwise(world, cast):
    number = approved(cast, cast.wang)
    with pytest.raises(Conflict), unit_of_work():
        central.decide_exemption(number, "refused", "材料不齐", officer(cast), NINE)


def test_a_request_needs_evidence_and_dates(world, cast):
    for bad in ({"evidence": " "}, {"kind": "holiday"}, {"kind": "illness"}):
        with pytest.raises(Invalid), unit_of_work():
            central.propose_exemption(asking(cast, cast.wang, **bad), hr(cast), NINE)


def test_one_request_waits_at_a_time(world, cast):
    with unit_of_work():
        central.propose_exemption(asking(cast, cast.wang), hr(cast), NINE)
    with pytest.raises(Conflict), unit_of_work():
        central.propose_exemption(asking(cast, cast.wang), hr(cast), NINE)


# as known


def test_the_report_of_a_moment_is_the_same_bytes_after_later_corrections(world, cast):
    known = NINE + timedelta(days=1)
    asked = [
        Asked(2026, ASKED, known, code, states)
        for code in ("14", "140105")
        for states in ((), ("missed",))
    ]

    def printed():
        session().expire_all()
        return [(as_csv(a, lines(a)), as_json(a, lines(a))) for a in asked]

    before = printed()
    assert before[0][0].count("\n") > 5
    later = known + timedelta(days=30)
    with unit_of_work():
        home = add_organisation(credit_code(77), "新家园", "home", "140105", later)
        for person_id in world:
            spell = (
                session()
                .scalars(
                    select(EmploymentSpell).where(
                        EmploymentSpell.person_id == person_id,
                        EmploymentSpell.superseded_at.is_(None),
                    )
                )
                .one()
            )
            if person_id % 3 == 0:
                restate_spell(spell, SYSTEM, later, ended_on=date(2026, 11, 20))
                employ(person_id, home.id, "caregiver", date(2026, 11, 21), SYSTEM, later)
            elif person_id % 3 == 1:
                restate_spell(spell, SYSTEM, later, post="cook")
    make_up = open_session(cast, start=NINE + timedelta(days=32), year=2026, now=later, region="14")
    book(make_up, world[4:10], cast, later)
    for person_id in world[4:10]:
        come(make_up, person_id, cast, make_up.starts_at)
    close(make_up, cast)
    approved(cast, cast.wang, later)
    assert printed() == before
    now = Asked(2026, ASKED, later + timedelta(days=60), "14", ())
    assert as_csv(now, lines(now)) != before[0][0]


def run(app, *args):
    return app.test_cli_runner().invoke(flags_command, args)


def test_the_command_prints_who_has_not_done_it(world, site, cast):
    result = run(
        site.app, "--year", "2026", "--on", "2026-11-23", "--region", "140105", "--format", "json"
    )
    assert result.exit_code == 0, result.output
    document = json.loads(result.output)
    people = {line["person"]: line for line in document["flags"]}
    assert people[cast.wang]["state"] == "at_risk"
    assert people[cast.wang]["missing_hours"] == "8.0"
    assert "集中培训" in people[cast.wang]["explanation"]
    assert cast.zhao not in people


def test_the_command_refuses_an_instant_without_zone_and_says_the_cure(world, site):
    result = run(site.app, "--year", "2026", "--as-known", "2027-01-05T00:00")
    assert result.exit_code == 2
    assert "+08:00" in result.output


@pytest.mark.parametrize(
    "wrong", [("--region", "99"), ("--on", "soon"), ("--year", "12"), ("--format", "pdf")]
)
def test_the_command_refuses_what_it_does_not_understand(world, site, wrong):
    args = ("--year", "2026", *wrong) if wrong[0] != "--year" else wrong
    assert run(site.app, *args).exit_code == 2


def test_the_command_prints_a_table_and_csv(world, site):
    assert "尚未参加" in run(site.app, "--year", "2026", "--on", "2026-11-23").output
    csv = run(site.app, "--year", "2026", "--on", "2026-12-31", "--format", "csv").output
    assert csv.startswith("year,requirement,on,as_known_at,region,employer,person")
    assert ",missed," in csv
