"""``lms backup`` and ``lms restore``: the database, its keys and its media in one private file.

The copy is taken while the site runs and is consistent: SQLite's online backup, or ``pg_dump``.
"""

import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import make_url

from lms.core import clock
from lms.core.config import Settings
from lms.core.db import db
from lms.core.errors import Conflict, Invalid
from lms.core.setup import installation_kind, revision

FORMAT = 1
#: Folders whose files the database names by digest and nothing can make anew.
FILES = ("media",)
#: What signing keys that lie apart from the others are called in a backup.
APART = "signing-keys"
SQLITE_NAME, POSTGRES_NAME = "database.sqlite3", "database.dump"


def back_up(app: Flask, target: Path) -> None:
    """Write a backup of the present app's installation to ``target`` (mode 0600).

    Raises:
        Invalid: ``target`` exists. Conflict: there is nothing to back up.
    """
    settings: Settings = app.extensions["settings"]
    if target.exists():
        raise Invalid(f"{target} exists already; choose another name")
    if installation_kind() is None:
        raise Conflict("there is no installation to back up")
    with tempfile.TemporaryDirectory(dir=settings.instance) as folder:
        copy = _copy_database(settings, Path(folder))
        manifest = {
            "format": FORMAT,
            "made_at": clock.now().isoformat(),
            "revision": revision(),
            "database": copy.name,
            "sha256": _digest(copy),
        }
        draft = Path(folder) / "backup.tar"
        handle = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out, tarfile.open(fileobj=out, mode="w") as archive:
            _add_text(archive, "manifest.json", json.dumps(manifest, indent=1))
            archive.add(copy, copy.name)
            archive.add(settings.instance / "keys", "keys")
            if _apart(settings):
                archive.add(settings.signing.keys, APART)
            for folder_name in FILES:  # after the database: what its rows name is there by now
                if (settings.instance / folder_name).is_dir():
                    archive.add(settings.instance / folder_name, folder_name)
        shutil.move(draft, target)


def restore(app: Flask, source: Path) -> None:
    """Put a backup into an empty instance.

    Raises:
        Invalid: the file is no backup, damaged, or of another kind of database.
        Conflict: the target holds an installation already.
    """
    settings: Settings = app.extensions["settings"]
    if installation_kind() is not None:
        raise Conflict("the target holds an installation already; restore into an empty one")
    with tempfile.TemporaryDirectory(dir=settings.instance) as folder:
        place = Path(folder)
        manifest = _unpack(source, place)
        copy = place / manifest["database"]
        if _digest(copy) != manifest["sha256"]:
            raise Invalid("the backup is damaged: its database does not match its digest")
        expected = SQLITE_NAME if settings.is_sqlite else POSTGRES_NAME
        if copy.name != expected:
            raise Invalid("the backup was made from another kind of database")
        db.session.remove()
        db.engine.dispose()
        _put_database(settings, copy)
        shutil.rmtree(settings.instance / "keys", ignore_errors=True)
        shutil.copytree(place / "keys", settings.instance / "keys")
        if (place / APART).is_dir():
            shutil.copytree(place / APART, settings.signing.keys, dirs_exist_ok=True)
        for folder_name in FILES:
            if (place / folder_name).is_dir():
                shutil.copytree(
                    place / folder_name, settings.instance / folder_name, dirs_exist_ok=True
                )


def _apart(settings: Settings) -> bool:
    """True if the signing keys lie in a folder of their own."""
    return settings.signing.keys != settings.instance / "keys"


def _copy_database(settings: Settings, folder: Path) -> Path:
    if settings.is_sqlite:
        target = folder / SQLITE_NAME
        with sqlite3.connect(_sqlite_file(settings)) as live, sqlite3.connect(target) as copy:
            live.backup(copy)
        return target
    target = folder / POSTGRES_NAME
    _run("pg_dump", "--format=custom", f"--file={target}", f"--dbname={_libpq(settings)}")
    return target


def _put_database(settings: Settings, copy: Path) -> None:
    if settings.is_sqlite:
        target = _sqlite_file(settings)
        for leftover in ("-wal", "-shm"):
            target.with_name(target.name + leftover).unlink(missing_ok=True)
        shutil.move(copy, target)
        return
    _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error",
         "--single-transaction", f"--dbname={_libpq(settings)}", str(copy))  # fmt: skip


def _run(program: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise Invalid(f"{program} is not installed; it comes with PostgreSQL's client tools")
    done = subprocess.run(  # noqa: S603 - fixed program, no shell
        [found, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Invalid(f"{program} failed: {done.stderr.strip()[-300:]}")


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    except (tarfile.TarError, OSError, ValueError) as error:
        raise Invalid(f"{source} is not a backup made by `lms backup`") from error
    if manifest.get("format") != FORMAT or manifest.get("database") not in {
        SQLITE_NAME,
        POSTGRES_NAME,
    }:
        raise Invalid(f"{source} is a backup of an unknown format")
    return manifest


def _sqlite_file(settings: Settings) -> Path:
    return Path(make_url(settings.database_url).database or "")


def _libpq(settings: Settings) -> str:
    return settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as handle:
        while block := handle.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))
