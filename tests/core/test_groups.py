"""Group commit: one transaction for many, everyone gets her own outcome or the group's error."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from exams.sittings.models import Attempt
from lms.core.db import brief_write, db
from lms.core.errors import Unavailable
from lms.core.groups import GroupCommit
from lms.core.turns import Turns
from tests.faults.service import foreign_writer


@pytest.fixture
def table(app):
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE jotted (n INTEGER PRIMARY KEY)"))
    return db.engine


def jot(connection, numbers):
    for n in numbers:
        connection.execute(text("INSERT INTO jotted VALUES (:n)"), {"n": n})
    return [n * 10 for n in numbers]


def kept(engine):
    with engine.connect() as connection:
        return set(connection.execute(text("SELECT n FROM jotted")).scalars())


def test_everyone_gets_her_own_outcome_and_what_is_acknowledged_is_there(table):
    group = GroupCommit(table, jot)
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(group.submit, range(200)))
    assert outcomes == [n * 10 for n in range(200)]
    assert kept(table) == set(range(200))
    table.dispose()


def test_who_comes_during_a_commit_shares_the_next_one(table):
    sizes, inside, go_on = [], threading.Event(), threading.Event()

    def write(connection, numbers):
        sizes.append(len(numbers))
        inside.set()
        assert go_on.wait(30)
        return jot(connection, numbers)

    group = GroupCommit(table, write)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(group.submit, 0)
        assert inside.wait(30)
        others = [pool.submit(group.submit, n) for n in range(1, 6)]
        while len(group._waiting) < 5:
            threading.Event().wait(0.001)
        go_on.set()
        assert [f.result(30) for f in (first, *others)] == [0, 10, 20, 30, 40, 50]
    assert sizes == [1, 5]
    table.dispose()


def test_an_error_keeps_nothing_of_its_group_and_the_next_group_goes_on(table):
    group = GroupCommit(table, jot)
    group.submit(1)
    with pytest.raises(Exception, match="jotted"):
        group.submit(1)
    assert group.submit(2) == 20
    assert kept(table) == {1, 2}
    table.dispose()


def test_a_group_waits_for_the_turn_that_another_process_holds(table):
    if table.dialect.name != "sqlite":
        assert Turns(table)._path is None  # a server has a queue of its own
        return
    path = f"{table.url.database}-turn"
    hold = f"import fcntl;f=open({path!r},'w');fcntl.flock(f,2);print('held',flush=True);input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with ThreadPoolExecutor(3) as pool:
            group = GroupCommit(table, jot)
            waiting = [pool.submit(group.submit, n) for n in range(3)]
            while len(group._waiting) < 3:
                threading.Event().wait(0.001)
            assert kept(table) == set()
            other.communicate("\n")
            assert [f.result(30) for f in waiting] == [0, 10, 20]
    table.dispose()


def test_while_the_database_is_locked_one_tries_and_all_others_are_refused_at_once(table):
    trying, go_on, locked = threading.Event(), threading.Event(), [True]

    def stubborn(connection, items):
        if not locked[0]:
            return jot(connection, items)
        if items != [0]:
            trying.set()
            go_on.wait(30)
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    group = GroupCommit(table, stubborn)
    with pytest.raises(OperationalError):
        group.submit(0)
    with ThreadPoolExecutor(1) as pool:
        probe = pool.submit(group.submit, 1)
        assert trying.wait(30)
        for n in (2, 3):
            with pytest.raises(Unavailable) as refused:
                group.submit(n)
            assert refused.value.details["retry_after"] > 0
        go_on.set()
        assert isinstance(probe.exception(30), OperationalError)
    locked[0] = False
    assert [group.submit(n) for n in (4, 5)] == [40, 50]
    assert kept(table) == {4, 5}


def test_a_leader_waits_two_seconds_for_a_lock_and_a_note_hardly_any(app, settings, tmp_path):
    """The waiting is the database's own, so it is asked."""
    group = GroupCommit(db.engine, lambda connection, items: items)
    kind = db.engine.dialect.name
    asks = {"sqlite": "PRAGMA busy_timeout", "postgresql": "SHOW lock_timeout"}[kind]
    with group._connect() as connection:
        told = connection.exec_driver_sql(asks).scalar()
    assert str(told) in ("2000", "2s")
    with brief_write() as connection:
        assert str(connection.exec_driver_sql(asks).scalar()) in ("100", "100ms")
    held = foreign_writer(settings.database_url, tmp_path / "held")
    with held, pytest.raises(OperationalError), brief_write() as connection:
        connection.execute(update(Attempt).values(left_count=1))
    with brief_write() as connection:
        connection.execute(update(Attempt).values(left_count=1))
