"""Running a batch: each line once, in chunks, whatever interrupts it."""

import threading

import pytest
from sqlalchemy import func, select

from certificates.batches import running
from certificates.batches.models import Batch, BatchLine
from certificates.batches.operations import begin, stop
from certificates.batches.queries import counts_of
from certificates.batches.running import run
from certificates.issuing import issue
from certificates.log.audit import faults
from certificates.models import Certificate
from certificates.pools.gaps import gaps_of
from certificates.verification import verify
from lms.core import clock, tasks
from lms.core.access import SYSTEM
from lms.core.db import db, session
from lms.core.errors import Conflict, Forbidden
from lms.core.uow import unit_of_work
from lms.jobs import all_runners
from lms.people.api import actor_of
from tests.cast import citizen_id
from tests.factories.certificates import NOW, issue_now, skill_request
from tests.factories.issuing import (
    examiner_of,
    kept,
    name_of,
    person_id,
    pool,
    register_many,
    run_all,
    sheet_of,
)

HEADINGS = ["姓名", "证件号码", "等级"]
QUIET = lambda _done, _total: None  # noqa: E731


def many(count: int) -> bytes:
    with unit_of_work():
        register_many(count)
    return sheet_of(HEADINGS, *([name_of(n), person_id(n), "初级工"] for n in range(count)))


def certificates() -> int:
    return session().scalar(select(func.count()).select_from(Certificate)) or 0


def test_a_planned_batch_is_run_by_the_scheduler_and_says_how_far_it_is(app, cast, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 2)
    batch = kept(cast, many(5))
    assert certificates() == 0
    with unit_of_work():
        begin(batch.id, examiner_of(cast), clock.now())
    ref = session().get_one(Batch, batch.id).task
    assert tasks.run_next(all_runners())
    task = tasks.with_ref(ref)
    assert (task.state, task.done, task.total, task.result) == ("done", 5, 5, {"lines": 5})
    assert counts_of(batch.id) == {"issued": 5}
    assert session().get_one(Batch, batch.id, populate_existing=True).state == "done"
    assert list(faults()) == []


def test_a_stopped_batch_is_continued_where_it_was(app, cast, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 2)
    batch = kept(cast, many(5))
    actor = examiner_of(cast)
    with unit_of_work():
        begin(batch.id, actor, clock.now(), queue=False)

    def stop_soon(done: int, _total: int) -> None:
        if done == 2:
            with unit_of_work():
                stop(batch.id, actor)

    assert run(batch.id, actor, stop_soon) == 2
    assert counts_of(batch.id) == {"ready": 3, "issued": 2}
    assert run_all(batch, cast) == 3
    assert certificates() == 5


def test_one_refused_line_takes_nothing_from_the_others_and_can_be_tried_again(app, cast):
    pool(cast, "S000014000123265900001 ~ S000014000123265900002", warn_at=0)
    batch = kept(cast, many(3))
    run_all(batch, cast)
    assert counts_of(batch.id) == {"issued": 2, "failed": 1}
    pool(cast, "S000014000123265900003", warn_at=0)
    run_all(batch, cast)
    assert counts_of(batch.id) == {"issued": 3}
    assert gaps_of(cast.base) == []
    with pytest.raises(Conflict), unit_of_work():
        begin(batch.id, examiner_of(cast), clock.now())


def test_what_was_issued_meanwhile_is_not_issued_again(app, cast):
    batch = kept(cast, sheet_of(HEADINGS, ["王桂兰", citizen_id(1), "初级工"]))
    line = session().scalars(select(BatchLine)).one()
    known = issue_now(skill_request(cast.wang, cast.base, source=line.source))
    run_all(batch, cast)
    session().expire_all()
    assert session().scalars(select(BatchLine)).one().certificate_id == known.certificate_id
    assert certificates() == 1


def test_who_lost_her_role_since_the_plan_issues_nothing(app, cast):
    batch = kept(cast, many(1))
    with unit_of_work():
        begin(batch.id, examiner_of(cast), clock.now(), queue=False)
    with pytest.raises(Forbidden):
        run(batch.id, actor_of(cast.wang, clock.now()), QUIET)
    assert certificates() == 0


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize(
    "where",
    ["numbers.next_number", "sealed_row", "audit.record", "log_events", "tell"],
)
def test_a_batch_killed_anywhere_ends_with_one_good_certificate_each(app, cast, monkeypatch, where):
    monkeypatch.setattr(running, "CHUNK", 3)
    batch = kept(cast, many(7))
    holder, _, name = f"certificates.issuing.{where}".rpartition(".")
    real = {"calls": 0}
    original = _at(holder, name)

    def dying(*args: object, **more: object) -> object:
        real["calls"] += 1
        if real["calls"] in {1, 6, 9}:
            raise Killed
        return original(*args, **more)

    monkeypatch.setattr(f"{holder}.{name}", dying)
    for _ in range(8):
        try:
            run_all(batch, cast)
            break
        except Killed:
            session().rollback()
            with unit_of_work():
                session().get_one(Batch, batch.id, populate_existing=True).task = ""
    rows = session().scalars(select(Certificate)).all()
    assert counts_of(batch.id) == {"issued": 7}
    assert len({row.source for row in rows}) == len(rows) == 7
    assert {str(verify(row.code, clock.now()).status) for row in rows} == {"valid"}
    assert list(faults()) == []
    assert gaps_of(cast.base) == []
    assert real["calls"] > 2


def _at(holder: str, name: str) -> object:
    place: object = __import__("certificates.issuing", fromlist=["x"])
    for part in holder.removeprefix("certificates.issuing").strip(".").split("."):
        place = getattr(place, part) if part else place
    return getattr(place, name)


def test_a_hundred_identical_requests_give_one_certificate(site, cast):
    request = skill_request(cast.wang, cast.base)
    together, issued = threading.Barrier(20), []

    def ask() -> None:
        with site.app.app_context():
            together.wait()
            for _ in range(5):
                with unit_of_work():
                    issued.append(issue(request, SYSTEM, NOW))
            db.session.remove()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with site.app.app_context():
        assert len(issued) == 100
        assert len(set(issued)) == certificates() == 1
        assert list(faults()) == []
        assert gaps_of(cast.base) == []
