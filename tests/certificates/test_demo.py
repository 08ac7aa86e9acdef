"""The demo's certificates are real ones: sealed, numbered, some revoked."""

from __future__ import annotations

import random
from datetime import date, timedelta

from sqlalchemy import select

from certificates.api import certificates_of, rung_held, seed_demo
from certificates.models import Certificate, NumberSeries
from certificates.publicity.queries import public_lists
from certificates.sealing import Sealed, open_facts
from lms.core.db import session
from lms.core.signing import ring
from lms.core.uow import unit_of_work
from lms.people.api import DemoAccount, DemoStaff, DemoWorld
from tests.factories.certificates import NOW
from tests.factories.issuing import publicity


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
    assert made["certificates"] == len(rows) == 5
    for row in rows.values():
        sealed = Sealed(row.facts, row.digest, row.key_id, row.seal)
        assert open_facts(sealed, ring()) is not None
    assert rows[str(made["certificate_code"])].status == "valid"
    assert rows[str(made["revoked_code"])].status == "revoked"
    assert rows[str(made["revoked_code"])].events[-1].kind == "revoked"
    assert rung_held(cast.wang, date(2026, 11, 20)) is None
    assert session().scalars(select(NumberSeries.last)).all()


def test_the_caregiver_has_a_certificate_and_the_public_list_has_people(app, cast):
    with unit_of_work():
        publicity(5)
    with unit_of_work():
        made = seed_demo(small_world(cast), random.Random(1), NOW, lambda _done, _total: None)
    (mine,) = certificates_of(cast.wang)
    assert (mine.kind, mine.status) == ("course", "valid")
    (shown,) = public_lists(date(2026, 11, 20))
    assert made["public"] == shown.people == 1  # 陈 alone holds no level and is no account's
    assert public_lists(shown.ends_on + timedelta(days=1)) == []
