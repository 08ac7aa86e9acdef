"""The demo's certificates are real ones: sealed, numbered, some revoked."""

from __future__ import annotations

import random
from datetime import date

from sqlalchemy import select

from certificates.api import rung_held, seed_demo
from certificates.models import Certificate, NumberSeries
from certificates.sealing import Sealed, open_facts
from lms.core.db import session
from lms.core.signing import ring
from lms.core.uow import unit_of_work
from lms.people.api import DemoAccount, DemoStaff, DemoWorld
from tests.factories.certificates import NOW


def small_world(cast) -> DemoWorld:
    people = [cast.wang, cast.zhao, cast.li, cast.sun, cast.chen]
    staff = [
        DemoStaff(person, cast.kangning, "140105", "caregiver", date(2026, 2, 1), rung)
        for person, rung in zip(people, (1, 2, 3, 4, None), strict=True)
    ]
    accounts = [DemoAccount("caregiver", "caregiver", cast.wang)]
    bases = {"1401": cast.base}
    today = date(2026, 11, 20)
    return DemoWorld(2026, today, 1, [], bases, cast.base, cast.base, staff, accounts)


def test_demo_certificates_are_sealed_and_the_samples_are_what_they_say(app, cast):
    with unit_of_work():
        made = seed_demo(small_world(cast), random.Random(1), NOW, lambda _done, _total: None)
    rows = {row.code: row for row in session().scalars(select(Certificate))}
    assert made["certificates"] == len(rows) == 4
    for row in rows.values():
        sealed = Sealed(row.facts, row.digest, row.key_id, row.seal)
        assert open_facts(sealed, ring()) is not None
    assert rows[str(made["certificate_code"])].status == "valid"
    assert rows[str(made["revoked_code"])].status == "revoked"
    assert rows[str(made["revoked_code"])].events[-1].kind == "revoked"
    assert rung_held(cast.wang, date(2026, 11, 20)) is None
    assert session().scalars(select(NumberSeries.last)).all()
