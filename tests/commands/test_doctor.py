"""The doctor finds what was broken on purpose, and says the cure."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from lms import doctor
from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work


def finding(app, name):
    return next(f for f in doctor.examine(app) if f.name == name)


def test_a_healthy_installation_has_nothing_bad(app):
    states = {f.name: f.state for f in doctor.examine(app)}
    assert "bad" not in states.values()
    assert {"database", "migrations", "keys", "clock", "disk", "fonts", "sqlite"} <= set(states)


def test_keys_that_others_can_read_are_found(app, settings):
    os.chmod(settings.instance / "keys" / "vault.json", 0o644)
    found = finding(app, "keys")
    assert (found.state, "chmod 600" in found.cure) == ("bad", True)


def test_lost_keys_are_found(app, settings):
    (settings.instance / "keys" / "vault.json").unlink()
    assert finding(app, "keys").state == "bad"


def test_a_clock_set_back_is_found(app):
    with time_machine.travel(clock.now() - timedelta(days=365), tick=False):
        assert finding(app, "clock").state == "bad"


def test_an_old_revision_is_found(app):
    with unit_of_work():
        session().execute(text("UPDATE alembic_version SET version_num = 'ground'"))
    found = finding(app, "migrations")
    assert (found.state, "lms migrate" in found.cure) == ("bad", True)


def test_a_full_disk_is_found(app, monkeypatch):
    monkeypatch.setattr(doctor, "LEAST_FREE_MB", 10**9)
    assert finding(app, "disk").state == "bad"


def test_a_rewritten_audit_line_is_found(app):
    with unit_of_work():
        table = "audit_event"
        if session().get_bind().dialect.name == "sqlite":
            session().execute(text(f"DROP TRIGGER {table}_no_update"))
        else:
            session().execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        session().execute(text(f"UPDATE {table} SET action = 'x' WHERE id = 3"))
    found = finding(app, "audit trail")
    assert (found.state, found.seen) == ("bad", "broken at line 3")


@pytest.mark.parametrize("scheduler", [True, False])
def test_an_old_sqlite_is_safe_only_beside_the_scheduler(app, monkeypatch, scheduler):
    monkeypatch.setattr(doctor.sqlite3, "sqlite_version_info", (3, 40, 1))
    settings = replace(app.extensions["settings"], scheduler=scheduler)
    expected = "ok" if scheduler or not settings.is_sqlite else "warn"
    assert doctor.check_sqlite(settings).state == expected
