"""Papers of before the batch: what they become when the database is brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from flask_migrate import upgrade
from sqlalchemy import Boolean, Connection, DateTime, Integer, MetaData, Table, insert, text
from sqlalchemy.exc import DBAPIError

from lms.core.config import load_settings
from lms.core.db import db
from tests.site import Site

BEFORE = "analysis_and_reviews"
MOMENT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def old(template, tmp_path):
    """An empty database as it was before this migration, without foreign keys."""
    (tmp_path / "old").mkdir()
    with template.copy_empty(tmp_path / "old") as url:
        names = {"LMS_INSTANCE": str(tmp_path / "old"), "LMS_DATABASE_URL": url}
        with Site.open(load_settings(names)) as site, site.app.app_context():
            upgrade(revision=BEFORE)
            yield site


def put(connection: Connection, name: str, **values: Any) -> None:
    """A row; columns that are not named get something of their type."""
    table = Table(name, MetaData(), autoload_with=connection)
    for column in table.columns:
        needed = not column.nullable and column.server_default is None and not column.primary_key
        if needed and column.name not in values:
            values[column.name] = something(column.type, column.name)
    connection.execute(insert(table), values)


def something(kind: Any, name: str) -> Any:
    for of_type, value in ((Boolean, False), (Integer, 1), (DateTime, MOMENT)):
        if isinstance(kind, of_type):
            return value
    return [] if name == "order" else {} if "JSON" in str(kind) else "x"


def event(connection: Connection, number: int, per_candidate: bool) -> None:
    put(
        connection, "exam_event", id=number, per_candidate=per_candidate, part="theory",
        status="published", release="at_once", feedback="marks", minutes=90, attempts=1,
        opens_at=MOMENT, closes_at=MOMENT.replace(month=12),
    )  # fmt: skip


def paper(connection: Connection, number: int, event_id: int, entries: list[int]) -> None:
    put(connection, "paper", id=number, event_id=event_id, seed=f"seed{number}")
    for position in (1, 2, 3):
        put(connection, "slot", paper_id=number, position=position, tenths=10)
    for entry in entries:
        put(
            connection, "attempt", entry_id=entry, number=1, paper_id=number, state="concluded",
            handed_in_at=MOMENT,
        )  # fmt: skip


def test_old_papers_belong_to_their_sittings_and_a_shared_one_is_the_only_form(old):
    with db.engine.connect() as connection, loose(connection), connection.begin():
        event(connection, 1, per_candidate=True)
        event(connection, 2, per_candidate=False)
        for entry, of_event in ((1, 1), (2, 1), (3, 2), (4, 2)):
            put(connection, "exam_entry", id=entry, event_id=of_event, person_id=entry,
                ticket=f"T{entry}", extra_minutes=0)  # fmt: skip
        paper(connection, 1, 1, [1])
        paper(connection, 2, 1, [2])
        paper(connection, 3, 2, [3, 4])
    upgrade(revision="papers")
    with db.engine.begin() as connection:
        modes = connection.execute(text("SELECT paper_mode, forms FROM exam_event ORDER BY id"))
        assert [tuple(row) for row in modes] == [("own", 2), ("forms", 1)]
        query = "SELECT entry_id, number, form, size FROM paper ORDER BY id"
        papers = [tuple(row) for row in connection.execute(text(query))]
        assert papers == [(1, 1, None, 3), (2, 1, None, 3), (None, None, 1, 3)]
    with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text("UPDATE paper SET form = 7"))


@contextmanager
def loose(connection: Connection) -> Iterator[None]:
    """Rows whose neighbours do not matter here need not have them."""
    raw = connection.connection.dbapi_connection
    sqlite = connection.dialect.name == "sqlite"
    off, on = (
        ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON")
        if sqlite
        else ("SET session_replication_role = replica", "SET session_replication_role = DEFAULT")
    )
    raw.execute(off)
    if not sqlite:
        raw.commit()
    yield
    raw.execute(on)
    if not sqlite:
        raw.commit()
