"""Statements of a hot path: written with SQLAlchemy, compiled once, given straight to the driver.

Executing a compiled statement through SQLAlchemy costs several times what the database needs for
it. What is written down here is the same statement with the same types; only the way to the
driver is shorter. Callers hold an open transaction and commit.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Column, Connection, Dialect, Executable, Select, Table
from sqlalchemy.types import JSON, TypeEngine

Rows = Sequence[Mapping[str, Any]]
Process = Callable[[Any], Any]


def cursor_of(connection: Connection) -> Any:
    """A cursor of the driver itself, inside the connection's transaction."""
    raw: Any = connection.connection.dbapi_connection
    return raw.cursor()


def send(cursor: Any, sql: str, values: Any) -> None:
    """Every single statement goes through here, so that tests can count them."""
    cursor.execute(sql, values)


def send_many(cursor: Any, sql: str, values: Sequence[Any]) -> None:
    """The same statement for many rows; counted as one."""
    cursor.executemany(sql, values)


@contextmanager
def gathered(connection: Connection) -> Iterator[None]:
    """Within the block PostgreSQL is not waited for until an answer is needed, so that the last
    writes and the commit make one trip; SQLite is no trip away."""
    if connection.dialect.name != "postgresql":
        yield
        return
    raw: Any = connection.connection.dbapi_connection
    with raw.pipeline():
        yield


class Quick:
    """One statement of a dialect, with the values' types applied both ways."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        self._sql = str(compiled)
        self._fixed = dict(compiled.params)
        self._ways = {
            name: way
            for name, bind in compiled.binds.items()
            if (way := _way_in(bind.type, dialect)) is not None
        }
        self._order: list[str] | None = compiled.positiontup
        columns = list(statement.selected_columns) if isinstance(statement, Select) else []
        self._row: Any = namedtuple("Found", [c.key for c in columns])  # type: ignore[misc]
        self._ways_out = [
            (place, way)
            for place, column in enumerate(columns)
            if (way := _way_out(column.type, dialect)) is not None
        ]

    def run(self, cursor: Any, values: Mapping[str, Any]) -> None:
        """Execute it."""
        ways = self._ways
        given = self._fixed | {
            name: ways[name](value) if name in ways else value for name, value in values.items()
        }
        order = self._order
        send(cursor, self._sql, given if order is None else [given[name] for name in order])

    def rows(self, cursor: Any, values: Mapping[str, Any]) -> list[Any]:
        """Execute it and return what it found, with the names of its columns."""
        self.run(cursor, values)
        return [self._made(found) for found in cursor.fetchall()]

    def _made(self, found: Sequence[Any]) -> Any:
        if not self._ways_out:
            return self._row._make(found)
        row = list(found)
        for place, way in self._ways_out:
            if row[place] is not None:
                row[place] = way(row[place])
        return self._row._make(row)


class QuickInsert:
    """Adds rows to a table by one statement; a row that clashes with another is an error."""

    def __init__(self, table: object, dialect: Dialect, names: Sequence[str] = ()) -> None:
        columns = _columns(cast(Table, table), names)
        self._names = [column.name for column in columns]
        self._ways = [_way_in(column.type, dialect) for column in columns]
        self._by_column = dialect.name == "postgresql"
        quote = dialect.identifier_preparer.quote
        into = f"INSERT INTO {cast(Table, table).name} ({', '.join(map(quote, self._names))})"
        if self._by_column:
            kinds = [column.type.compile(dialect=dialect) for column in columns]
            shown = ", ".join(f"unnest(%s::{kind}[])" for kind in kinds)
            self._sql = f"{into} SELECT {shown}"
            # The driver would wrap each value; here a whole column travels as an array of texts.
            self._ways = [
                _json_text() if isinstance(column.type, JSON) else way
                for column, way in zip(columns, self._ways, strict=True)
            ]
        else:
            self._sql = f"{into} VALUES ({', '.join('?' * len(columns))})"

    def run(self, cursor: Any, rows: Rows) -> None:
        """Add the rows."""
        if not rows:
            return
        made = self._made(rows)
        if self._by_column:
            send(cursor, self._sql, made)
        else:
            send_many(cursor, self._sql, list(zip(*made, strict=True)))

    def ids(self, cursor: Any, rows: Rows, name: str) -> dict[Any, int]:
        """Add the rows and return their ids, by the value of a column that tells them apart."""
        if not rows:
            return {}
        made = self._made(rows)
        if self._by_column:
            send(cursor, f"{self._sql} RETURNING {name}, id", made)
            return dict(cursor.fetchall())
        found = {}
        for row, values in zip(rows, zip(*made, strict=True), strict=True):
            send(cursor, self._sql, values)
            found[row[name]] = cursor.lastrowid
        return found

    def _made(self, rows: Rows) -> list[list[Any]]:
        """The values column by column, as the driver takes them."""
        return [
            [row[name] for row in rows] if way is None else _column(rows, name, way)
            for name, way in zip(self._names, self._ways, strict=True)
        ]


def _column(rows: Rows, name: str, way: Process) -> list[Any]:
    """A column's values; the same object in row after row, such as the moment of all marks of a
    sitting, is worked out once."""
    column: list[Any] = []
    last: Any = _column  # no value is this
    made: Any = None
    for row in rows:
        value = row[name]
        if value is not last:
            last, made = value, way(value)
        column.append(made)
    return column


def _columns(table: Table, names: Sequence[str]) -> list[Column[Any]]:
    if names:
        return [table.columns[name] for name in names]
    return [column for column in table.columns if not column.primary_key]


def _way_in(kind: TypeEngine[Any], dialect: Dialect) -> Process | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _way_out(kind: TypeEngine[Any], dialect: Dialect) -> Process | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _json_text() -> Process:
    return lambda value: None if value is None else json.dumps(value)
