"""For migrations: make tables append-only in the database itself."""

from alembic import op
from sqlalchemy import DDL

from lms.core.db import append_only_ddl, freeze_ddl


def guard(*tables: str) -> None:
    """Create the triggers that refuse UPDATE and DELETE on ``tables``."""
    connection = op.get_bind()
    for table in tables:
        for statement in append_only_ddl(table, connection.dialect.name):
            connection.execute(DDL(statement.replace("%", "%%")))


def freeze(table: str, *columns: str) -> None:
    """Create the triggers that refuse DELETE on ``table`` and UPDATE of ``columns``."""
    connection = op.get_bind()
    for statement in freeze_ddl(table, columns, connection.dialect.name):
        connection.execute(DDL(statement.replace("%", "%%")))


def reword_check(table: str, name: str, condition: str) -> None:
    """Give a named CHECK constraint another condition, without copying the table.

    SQLite has no statement for it; its manual's way is to rewrite the stored text, which is safe
    because only the condition changes.
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, condition)
        return
    stored = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).scalar_one()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?",
        (_reworded(stored, name, condition), table),
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")


def _reworded(stored: str, name: str, condition: str) -> str:
    """The table's text with the condition in the brackets after the constraint's name replaced."""
    start = stored.index("(", stored.index("CHECK", stored.index(f"CONSTRAINT {name} ")))
    depth = 0
    for end in range(start, len(stored)):
        depth += {"(": 1, ")": -1}.get(stored[end], 0)
        if depth == 0:
            return f"{stored[:start]}({condition}){stored[end + 1 :]}"
    raise ValueError(f"no end of {name}")
