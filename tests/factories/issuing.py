"""Sheets, pools and publicity for tests."""

from __future__ import annotations

import io
from datetime import date, datetime

from certificates.batches.models import Batch
from certificates.batches.operations import begin, keep_plan
from certificates.batches.planning import Plan, plan_sheet
from certificates.batches.running import run
from certificates.batches.sheet import asked_in
from certificates.pools.importing import NewPool, import_pool
from certificates.pools.rules import lines_of
from lms.core import clock
from lms.core.access import SYSTEM, Actor
from lms.core.exports import write_csv
from lms.core.rules import add_version
from lms.core.sheets import read_table
from lms.core.uow import unit_of_work
from lms.people.api import NewPerson, actor_of, register_person
from tests.cast import THEN, Cast, citizen_id

SERIAL = 300


def sheet_of(headings: list[str], *rows: list[object]) -> bytes:
    """A .csv upload."""
    out = io.StringIO()
    write_csv(out, headings, rows)
    return out.getvalue().encode()


def examiner_of(cast: Cast) -> Actor:
    """周考官 as an actor."""
    actor = actor_of(cast.zhou, clock.now())
    assert actor is not None
    return actor


def register_many(count: int) -> list[int]:
    """So many people more, in the present unit of work."""
    return [
        register_person(NewPerson(name_of(n), person_id(n), ""), SYSTEM, THEN).id
        for n in range(count)
    ]


def _name(number: int) -> str:
    return "".join("零一二三四五六七八九"[int(digit)] for digit in str(number))


def name_of(number: int) -> str:
    """The name of the nth of ``register_many``."""
    return f"学员{_name(number)}号"


def person_id(number: int) -> str:
    """Her citizen id."""
    return citizen_id(number % 900 + 1, born=f"{1970 + number // 900}0303")


def planned(cast: Cast, content: bytes, on: date | None = None) -> Plan:
    """The plan of a sheet of the base's."""
    return plan_sheet(cast.base, asked_in(read_table(content, "a.csv")), on or clock.today())


def kept(cast: Cast, content: bytes) -> Batch:
    """A batch planned from a sheet."""
    plan = planned(cast, content)
    with unit_of_work():
        return keep_plan(cast.base, "sheet", "a.csv", plan, examiner_of(cast), clock.now())


def run_all(batch: Batch, cast: Cast) -> int:
    """Run a batch to its end."""
    with unit_of_work():
        begin(batch.id, examiner_of(cast), clock.now(), queue=False)
    return run(batch.id, examiner_of(cast), lambda _done, _total: None)


def pool(cast: Cast, text: str, **changes: object) -> int:
    """Import a pool of junior numbers at the base; returns its id."""
    values: dict[str, object] = {
        "issuer_id": cast.base, "kind": "skill", "rung": 2, "title": "省下发号段", "warn_at": 2,
    }  # fmt: skip
    with unit_of_work():
        asked = NewPool(**(values | changes))
        return import_pool(asked, lines_of(text), examiner_of(cast), clock.now()).id


def publicity(days: int, since: date = date(2026, 1, 1)) -> None:
    """Let skill certificates be public for so many working days, in the present unit of work."""
    add_version(SYSTEM, "certificates.publicity", {"working_days": {"skill": days}}, since, "test")


def at(day: str) -> datetime:
    """Noon of a day."""
    return datetime.fromisoformat(f"{day}T04:00:00+00:00")
