"""Applying: all or nothing, history kept, former employers told, stale plans refused."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.core.notify import Notice
from lms.core.uow import unit_of_work
from lms.core.vault import vault
from lms.people.api import claimed_rungs, spells_as_known
from lms.people.models import Account, Person
from lms.people.operations import id_hash
from lms.people.rosters.apply import apply_roster
from tests.cast import citizen_id
from tests.factories.rosters import GUCHENG, NOW, WANG, actor, carry_out, line, plan, stays

pytestmark = pytest.mark.usefixtures("app")
NUMBER = citizen_id(501, "19800214")
ZHAO = citizen_id(2)
BEFORE = datetime(2026, 11, 22, tzinfo=UTC)
HERE = date(2024, 3, 1)


def known(number: str) -> Person:
    return session().scalars(select(Person).where(Person.id_hash == id_hash(number))).one()


def test_a_new_person_is_registered_sealed_with_a_waiting_account(cast):
    done = carry_out(cast.li, line(level="中级工"))
    person = known(NUMBER)
    assert done.registered == [person.id]
    assert (person.name, person.sex, person.born_on) == ("任晋花", "m", date(1980, 2, 14))
    assert vault().open_text(person.id_sealed, f"person.id:{person.ref}") == NUMBER
    assert vault().open_text(person.phone_sealed, f"person.phone:{person.ref}") == "19900000501"
    assert (person.id_masked, person.phone_masked) == (
        "140105********" + NUMBER[-4:],
        "199****0501",
    )
    account = session().scalars(select(Account).where(Account.person_id == person.id)).one()
    assert account.status == "waiting"
    assert stays(NUMBER) == [(cast.kangning, "caregiver", date(2026, 3, 1), None)]
    assert claimed_rungs([person.id]) == {person.id: 3}


def test_the_same_file_again_changes_nothing(cast):
    carry_out(cast.li, line(level="中级工"))
    assert plan(cast.li, line(level="中级工")).counts["unchanged"] == 1
    carry_out(cast.li, line(level="中级工"))
    assert len(stays(NUMBER)) == 1


def test_a_move_ends_the_old_stay_the_day_before_and_tells_the_old_employer(cast):
    carry_out(cast.li, line("赵秀英", ZHAO, "", started="2026-05-01"))
    assert stays(ZHAO) == [
        (cast.gucheng, "caregiver", HERE, date(2026, 4, 30)),
        (cast.kangning, "caregiver", date(2026, 5, 1), None),
    ]
    notice = session().scalars(select(Notice)).one()
    assert (notice.person_id, notice.kind) == (cast.sun, "people.moved_away")
    assert notice.facts == {"number": 1, "organisation": "古城养老院"}
    as_it_was = spells_as_known([cast.zhao], as_known_at=BEFORE)
    assert [(fact.organisation_id, fact.ended_on) for fact in as_it_was] == [(cast.gucheng, None)]


def test_a_move_within_the_importers_scope_needs_no_notice(cast):
    carry_out(cast.province, line("赵秀英", ZHAO, "", started="2026-05-01"))
    assert session().scalar(select(func.count()).select_from(Notice)) == 0


def test_history_follows_a_person_through_three_homes(cast):
    carry_out(cast.admin, line("赵秀英", ZHAO, "", started="2025-01-01"))
    carry_out(cast.admin, line("赵秀英", ZHAO, "", GUCHENG, started="2026-01-01"))
    assert [(place, start.year, end and end.year) for place, _post, start, end in stays(ZHAO)] == [
        (cast.gucheng, 2024, 2024), (cast.kangning, 2025, 2025), (cast.gucheng, 2026, None),
    ]  # fmt: skip


def test_leaving_and_changing_are_said_anew_not_overwritten(cast):
    carry_out(
        cast.li,
        line(
            "王桂兰", WANG, "13811112222", post="院长", started="", ended="2026-10-31", level="技师"
        ),
    )
    assert stays(WANG) == [(cast.kangning, "director", HERE, date(2026, 10, 31))]
    [old] = spells_as_known([cast.wang], as_known_at=BEFORE)
    assert (old.post, old.ended_on) == ("caregiver", None)
    person = known(WANG)
    assert person.phone_masked == "138****2222"
    assert vault().open_text(person.phone_sealed, f"person.phone:{person.ref}") == "13811112222"
    assert claimed_rungs([cast.wang]) == {cast.wang: 5}


def test_a_returning_person_keeps_her_record(cast):
    carry_out(cast.li, line("王桂兰", WANG, "", started="", ended="2026-09-30"))
    done = carry_out(cast.li, line("王桂兰", WANG, "", started="2026-11-01"))
    assert done.registered == []
    assert [end for *_more, end in stays(WANG)] == [date(2026, 9, 30), None]


def test_a_plan_with_faults_writes_nothing(cast):
    made = plan(cast.li, line(), line(number="x"))
    with pytest.raises(Invalid), unit_of_work():
        apply_roster(made, actor(cast.li), NOW)
    assert stays(NUMBER) == []


def test_a_stale_plan_is_refused_and_writes_nothing(cast):
    made = plan(cast.li, line(), line("王桂兰", WANG, "", started="", ended="2026-10-31"))
    carry_out(cast.li, line("王桂兰", WANG, "", started="", ended="2026-11-20"))
    with pytest.raises(Conflict), unit_of_work():
        apply_roster(made, actor(cast.li), NOW)
    assert stays(NUMBER) == []


def test_applying_twice_is_refused(cast):
    made = plan(cast.li, line())
    with unit_of_work():
        apply_roster(made, actor(cast.li), NOW)
    with pytest.raises(Conflict), unit_of_work():
        apply_roster(made, actor(cast.li), NOW)
    assert len(stays(NUMBER)) == 1


def test_an_import_leaves_one_line_in_the_trail_without_personal_data(cast):
    carry_out(cast.li, line(), line("马秀兰", citizen_id(88), "", post="护工"))
    events = session().scalars(select(AuditEvent).where(AuditEvent.actor_id == cast.li)).all()
    assert [(e.action, e.details["counts"]["new"]) for e in events] == [("roster.import", 2)]
    assert "任晋花" not in str(events[0].details)
