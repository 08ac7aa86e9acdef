"""Tables that claim to be append-only are so in SQL, and models match their migrations."""

from sqlalchemy import text

from lms.core.db import AppendOnly, db, session
from tests.check_migrations import main as check_migrations


def append_only_tables() -> set[str]:
    return {
        mapper.local_table.name
        for mapper in db.Model.registry.mappers
        if issubclass(mapper.class_, AppendOnly)
    }


def test_every_append_only_table_has_its_trigger(app):
    if db.engine.dialect.name == "sqlite":
        query = "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT DISTINCT event_object_table FROM information_schema.triggers"
    guarded = set(session().scalars(text(query)))
    assert append_only_tables() <= guarded
    assert append_only_tables()


def test_an_empty_database_upgraded_matches_the_models():
    assert check_migrations() == 0
