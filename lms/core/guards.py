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
