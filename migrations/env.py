"""Alembic's environment: runs inside an application context, on its engine."""

from alembic import context
from flask import current_app
from sqlalchemy import Engine

from lms.core.db import UtcDateTime, db


def render(kind: str, item: object, _context: object) -> str | bool:
    """Write our instants as plain columns: migrations must not change with the code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Run migrations on the app's database, batch mode for SQLite."""
    engine: Engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
