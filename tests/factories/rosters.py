"""Rosters as tables and files, and what the database says after one was applied."""

import io
from datetime import UTC, date, datetime

from sqlalchemy import select

from lms.core.access import Actor
from lms.core.db import session
from lms.core.exports import write_xlsx
from lms.core.sheets import Table, read_table
from lms.core.uow import unit_of_work
from lms.people.api import actor_of
from lms.people.models import EmploymentSpell, Person
from lms.people.operations import id_hash
from lms.people.rosters.apply import Applied, apply_roster
from lms.people.rosters.columns import HEADINGS
from lms.people.rosters.plan import RosterPlan
from lms.people.rosters.planning import plan_roster
from tests.cast import citizen_id, credit_code

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KANGNING, GUCHENG = credit_code(1), credit_code(2)
WANG = citizen_id(1)


def line(
    name: object = "任晋花",
    number: object = citizen_id(501, "19800214"),
    phone: object = "19900000501",
    home: object = KANGNING,
    post: object = "养老护理员",
    started: object = "2026-03-01",
    ended: object = "",
    level: object = "",
) -> list[object]:
    """One row with everything right unless told otherwise."""
    return [name, number, phone, home, post, started, ended, level]


def workbook(*rows: list[object], headings: list[str] | None = None) -> bytes:
    """An .xlsx with these rows under the usual headings."""
    out = io.BytesIO()
    write_xlsx(out, headings or list(HEADINGS), rows)
    return out.getvalue()


def table(*rows: list[object], headings: list[str] | None = None) -> Table:
    """The same, read."""
    return read_table(workbook(*rows, headings=headings), "名单.xlsx")


def actor(person_id: int) -> Actor:
    """The person with her roles of the day."""
    found = actor_of(person_id, NOW)
    assert found is not None
    return found


def plan(who: int, *rows: list[object], headings: list[str] | None = None) -> RosterPlan:
    """Plan rows for a person."""
    made = plan_roster(table(*rows, headings=headings), actor(who), NOW, lambda *_: None)
    session().rollback()
    return made


def carry_out(who: int, *rows: list[object], now: datetime = NOW) -> Applied:
    """Plan and apply rows."""
    made = plan(who, *rows)
    assert made.faults == []
    with unit_of_work():
        return apply_roster(made, actor(who), now)


def stays(number: str) -> list[tuple[int, str, date, date | None]]:
    """Current statements about somebody's employment: employer, post, from, to."""
    query = (
        select(
            EmploymentSpell.organisation_id,
            EmploymentSpell.post,
            EmploymentSpell.started_on,
            EmploymentSpell.ended_on,
        )
        .join(Person, Person.id == EmploymentSpell.person_id)
        .where(Person.id_hash == id_hash(number), EmploymentSpell.superseded_at.is_(None))
        .order_by(EmploymentSpell.started_on)
    )
    return [row._tuple() for row in session().execute(query)]
