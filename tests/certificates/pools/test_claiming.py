"""Numbers from a pool: in order, once, never those of a rule or the other way round."""

import threading

import pytest
from sqlalchemy import func, select

from certificates.api import NumbersExhausted
from certificates.issuing import issue
from certificates.models import Certificate
from certificates.pools.gaps import gaps_of
from certificates.pools.importing import (
    NewPool,
    NumbersRefused,
    close_pool,
    import_pool,
    void_number,
)
from certificates.pools.models import NumberPool
from certificates.pools.rules import Line
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import db, session
from lms.core.errors import Conflict, Forbidden, Invalid, NotFound
from lms.core.notify import unread
from lms.core.uow import unit_of_work
from lms.people.api import actor_of
from tests.factories.certificates import issue_now, skill_request
from tests.factories.issuing import examiner_of, pool, register_many

HEAD = "S000014000123265"


def give(cast, person):
    return issue_now(skill_request(person, cast.base)).number


def test_numbers_come_from_the_open_pool_in_order_singles_and_ranges(app, cast):
    pool(cast, f"{HEAD}900001\n{HEAD}900010 ~ {HEAD}900011")
    assert [give(cast, cast.wang) for _ in range(3)] == [
        f"{HEAD}900001", f"{HEAD}900010", f"{HEAD}900011",
    ]  # fmt: skip
    assert session().get_one(Certificate, 1).facts.count('"number_rule":"pool:1"') == 1


def test_an_exhausted_pool_refuses_and_was_announced_before(app, cast):
    pool(cast, f"{HEAD}900001 ~ {HEAD}900004")
    for person in (cast.wang, cast.zhao):
        give(cast, person)
    assert [n.kind for n in unread(cast.zhou)] == ["certificate.pool.low"]
    for person in (cast.li, cast.sun):
        give(cast, person)
    assert unread(cast.zhou)[0].kind == "certificate.pool.empty"
    with pytest.raises(NumbersExhausted):
        give(cast, cast.chen)


def test_other_levels_and_issuers_keep_to_the_rule(app, cast):
    pool(cast, f"{HEAD}900001")
    assert issue_now(skill_request(cast.wang, cast.base, rung=3)).number.startswith(
        "S000014000123264"
    )


def test_a_rule_steps_over_the_numbers_of_pools_even_closed_ones(app, cast):
    number = pool(cast, f"{HEAD}000002 ~ {HEAD}000004")
    with unit_of_work():
        row = session().get_one(NumberPool, number)
        close_pool(row, "号段收回上级", examiner_of(cast), clock.now())
    got = [give(cast, cast.wang) for _ in range(3)]
    assert [n[-6:] for n in got] == ["000001", "000005", "000006"]
    assert [gap for gap in gaps_of(cast.base) if gap.kind == "missing"] == []


def test_a_pool_may_not_hold_what_another_or_a_certificate_has(app, cast):
    taken = give(cast, cast.wang)
    pool(cast, f"{HEAD}900001 ~ {HEAD}900010")
    with pytest.raises(NumbersRefused) as refused:
        pool(cast, f"{HEAD}900010 ~ {HEAD}900020\n{taken}\n{HEAD}800001")
    assert [(fault.row, fault.column) for fault in refused.value.faults] == [
        (1, "起始编号"), (2, "起始编号"),
    ]  # fmt: skip
    assert session().scalar(select(func.count()).select_from(NumberPool)) == 1


def test_only_the_issuers_examiners_import(app, cast):
    asked = NewPool(cast.base, "skill", 2, "号段", 0)
    for stranger in (cast.county, cast.wang, cast.chen):
        actor = actor_of(stranger, clock.now())
        with pytest.raises(Forbidden), unit_of_work():
            import_pool(asked, [Line(1, f"{HEAD}900001")], actor, clock.now())
    other = NewPool(cast.gucheng, "skill", 2, "号段", 0)
    with pytest.raises(NotFound), unit_of_work():
        import_pool(other, [Line(1, f"{HEAD}900001")], examiner_of(cast), clock.now())


def test_a_number_given_back_by_a_refusal_is_used_by_the_next(app, cast):
    pool(cast, f"{HEAD}900001 ~ {HEAD}900009")
    with pytest.raises(ZeroDivisionError), unit_of_work():
        assert issue(skill_request(cast.wang, cast.base), SYSTEM, clock.now()).code[1 // 0]
    assert give(cast, cast.zhao) == f"{HEAD}900001"
    assert gaps_of(cast.base) == []


def test_a_voided_number_is_passed_over_and_reported_with_its_reason(app, cast):
    pool(cast, f"{HEAD}900001 ~ {HEAD}900003")
    with unit_of_work():
        void_number(f"{HEAD}900001", cast.base, "空白证书印坏", examiner_of(cast), clock.now())
    assert give(cast, cast.wang) == f"{HEAD}900002"
    (gap,) = gaps_of(cast.base)
    assert (gap.kind, gap.run.begins, gap.reason) == ("voided", f"{HEAD}900001", "空白证书印坏")


def test_a_borne_number_cannot_be_voided_nor_one_of_nobodys(app, cast):
    pool(cast, f"{HEAD}900001 ~ {HEAD}900003")
    give(cast, cast.wang)
    with pytest.raises(Conflict), unit_of_work():
        void_number(f"{HEAD}900001", cast.base, "空白证书印坏", examiner_of(cast), clock.now())
    with pytest.raises(Invalid), unit_of_work():
        void_number("X123456", cast.base, "空白证书印坏", examiner_of(cast), clock.now())


def test_what_was_claimed_without_a_certificate_and_what_is_missing_is_reported(app, cast):
    number = pool(cast, f"{HEAD}900001 ~ {HEAD}900009")
    give(cast, cast.wang)
    with unit_of_work():
        session().execute(
            db.text("UPDATE number_range SET used = 4 WHERE pool_id = :n"), {"n": number}
        )
        session().execute(
            db.text("INSERT INTO number_series (prefix, last) VALUES (:p, 3)"),
            {"p": "S000014000123264"},
        )
    issue_now(skill_request(cast.zhao, cast.base, rung=3))
    found = [(gap.kind, gap.run.begins[-6:], gap.run.ends[-6:]) for gap in gaps_of(cast.base)]
    assert found == [("missing", "000001", "000003"), ("claimed", "900002", "900004")]


def test_thirty_claims_at_once_take_thirty_numbers(site, cast):
    with site.app.app_context():
        pool(cast, f"{HEAD}900001 ~ {HEAD}900030", warn_at=0)
        with unit_of_work():
            people = register_many(30)
        db.session.remove()
    numbers, together = [], threading.Barrier(6)

    def work(some):
        with site.app.app_context():
            together.wait()
            for person in some:
                numbers.append(give(cast, person))
            db.session.remove()

    threads = [threading.Thread(target=work, args=(people[n::6],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [f"{HEAD}9000{n:02}" for n in range(1, 31)]
    with site.app.app_context():
        assert gaps_of(cast.base) == []
