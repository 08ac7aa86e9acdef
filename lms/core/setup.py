"""Bringing a database up to date and telling a demo database from a real one."""

from datetime import datetime

from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import String, inspect
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import Model, db, session


class Installation(Model):
    """The one row that says what this database is: ``demo`` or ``production``."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime]


def migrate_database() -> None:
    """Upgrade the present app's database to the newest revision."""
    upgrade()
    db.session.remove()


def revision() -> str | None:
    """The revision the database is at, or None for an empty one."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def installation_kind() -> str | None:
    """``demo``, ``production``, or None before ``lms init`` or ``lms demo``."""
    if not inspect(db.engine).has_table("installation"):
        return None
    row = session().get(Installation, 1)
    return row.kind if row else None


def note_installation(app: Flask) -> None:
    """Let the pages know whether the data are a demo's."""
    with app.app_context():
        app.extensions["installation"] = installation_kind()
        app.extensions["is_demo"] = app.extensions["installation"] == "demo"
        db.session.remove()
        db.engine.dispose()  # workers are forked or started later with connections of their own
