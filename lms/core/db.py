"""Database: declarative base, typed columns, append-only guard, SQLite pragmas."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import (
    DDL,
    JSON,
    Connection,
    Date,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    event,
)
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

Json = dict[str, Any]


class UtcDateTime(TypeDecorator[datetime]):
    """Aware instants only; kept in UTC, so SQLite and PostgreSQL give back the same value."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime given to the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table's parent."""

    # On the registry, not on Base: Flask-SQLAlchemy replaces what Base itself carries.
    registry = registry(
        metadata=MetaData(naming_convention=CONVENTION),
        type_annotation_map={datetime: UtcDateTime, date: Date, Json: JSON, list[str]: JSON},
    )


class AppendOnlyError(RuntimeError):
    """Something tried to change or delete a recorded fact."""


class AppendOnly:
    """Mixin: rows are inserted, never changed or deleted (ORM guard here, trigger in SQL)."""


# expire_on_commit off: a page may go on reading what it loaded after its unit of work ended.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


if TYPE_CHECKING:

    class Model(Base):
        """Parent of every table; subclasses say their invariant in one sentence."""

        __abstract__ = True

else:
    Model = db.Model


def session() -> Session:
    """Return the session of the present application context."""
    return db.session()


@event.listens_for(Session, "before_flush")
def _refuse_rewrites(sess: Session, *_: object) -> None:
    for row in sess.deleted:
        if isinstance(row, AppendOnly):
            raise AppendOnlyError(f"{type(row).__name__} rows are never deleted")
    for row in sess.dirty:
        if isinstance(row, AppendOnly) and sess.is_modified(row):
            raise AppendOnlyError(f"{type(row).__name__} rows are never changed")


def append_only_ddl(table: str, dialect: str) -> list[str]:
    """Return the statements that make ``table`` refuse UPDATE and DELETE in SQL itself."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("update", "delete")
        ]
    return [
        "CREATE OR REPLACE FUNCTION refuse_rewrite() RETURNS trigger AS $$ BEGIN "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite()",
    ]


def freeze_ddl(table: str, columns: Sequence[str], dialect: str) -> list[str]:
    """Statements that make ``table`` refuse DELETE, and UPDATE of ``columns``, in SQL itself.

    They need the function that ``append_only_ddl`` creates on PostgreSQL.
    """
    verbs = {"update": f"UPDATE OF {', '.join(columns)}", "delete": "DELETE"}
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_frozen_{verb} BEFORE {verbs[verb]} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is frozen'); END"
            for verb in verbs
        ]
    return [
        f"CREATE TRIGGER {table}_frozen_{verb} BEFORE {verbs[verb]} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_rewrite()"
        for verb in verbs
    ]


@event.listens_for(Table, "after_create")
def _guard_new_table(table: Table, connection: Connection, **_: object) -> None:
    if table.info.get("append_only"):
        for statement in append_only_ddl(table.name, connection.dialect.name):
            connection.execute(DDL(statement.replace("%", "%%")))


@event.listens_for(Base, "instrument_class", propagate=True)
def _mark_append_only(_mapper: object, cls: type) -> None:
    table = getattr(cls, "__table__", None)
    if issubclass(cls, AppendOnly) and table is not None:
        table.info["append_only"] = True


_write_intent: ContextVar[bool] = ContextVar("write_intent", default=False)


@contextmanager
def write_intent() -> Iterator[None]:
    """Within the block a new SQLite transaction takes the write lock at once.

    A deferred transaction that reads first and writes later can fail with "database is locked"
    whatever the timeout; taking the lock at the start makes writers queue instead.
    """
    token = _write_intent.set(True)
    try:
        yield
    finally:
        _write_intent.reset(token)


BUSY = 10_000  # ms that a writer waits for the database's lock

_pragmas = [
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    f"busy_timeout = {BUSY}",
    "cache_size = -32000",
]


def leave_checkpoints_to_scheduler() -> None:
    """Make connections of this process leave the WAL alone.

    SQLite before 3.51.3 can damage a database when two processes reset the WAL at the same
    moment; with the scheduler as the only one that does, the race cannot happen.
    """
    _pragmas.append("wal_autocheckpoint = 0")


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: object, _record: ConnectionPoolEntry) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we send BEGIN ourselves, below
    cursor = connection.cursor()
    for pragma in _pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _write_intent.get() else "BEGIN")


@contextmanager
def brief_write(patience: int = 100) -> Iterator[Connection]:
    """A transaction of its own for something that may be lost, such as a sign of life: it waits
    ``patience`` ms for a lock. Raises OperationalError when that was in vain; nobody who only
    reads should have to wait for such a note."""
    with db.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            _be_patient(connection, patience)
        try:
            with write_intent(), connection.begin():
                if not sqlite:
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {patience}")
                yield connection
        finally:
            if sqlite:
                _be_patient(connection, BUSY)


def _be_patient(connection: Connection, milliseconds: int) -> None:
    with connection.begin():
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
