"""The real service, as an installation runs it: ``lms run`` with two web workers and its jobs."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from lms.core import clock
from lms.core.config import Settings
from lms.core.db import session
from lms.core.setup import Installation
from lms.core.uow import unit_of_work
from tests.journeys.conftest import ROOT, free_port, pause, wait_until_ready
from tests.site import Site


def install(site: Site) -> None:
    """Say that a test's database is a real installation's, so that it is served."""
    with site.app.app_context(), unit_of_work():
        session().add(Installation(id=1, kind="production", created_at=clock.now()))


class Service:
    """Starts, is killed in part or as a whole, and starts again at the same address."""

    def __init__(self, settings: Settings, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = settings.instance / "server.log"
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("LMS_")} | {
            "LMS_INSTANCE": str(settings.instance),
            "LMS_DATABASE_URL": settings.database_url,
            "LMS_BASE_URL": self.url,
            "LMS_LOG_LEVEL": "WARNING",
            **environment,
        }
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        """Start and return when requests are answered; its log is shown when it ends instead."""
        command = [sys.executable, "-m", "lms", "run", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        try:
            wait_until_ready(self.process, self.url)
        except AssertionError:
            raise AssertionError(self.log.read_text()[-2000:]) from None

    def __enter__(self) -> Service:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.kill()

    def workers(self) -> list[int]:
        """The web workers' numbers: children that are not the scheduler or the signer."""
        others = (b"lms.jobs", b"lms.signer", b"resource_tracker")
        return [
            pid
            for pid in _children(self.process.pid)
            if not any(name in _command(pid) for name in others)
        ]

    def kill_worker(self, chance: random.Random) -> None:
        """SIGKILL one web worker and wait until there are as many as before."""
        before = self.workers()
        os.kill(chance.choice(before), signal.SIGKILL)
        for _ in range(300):
            now = self.workers()
            if len(now) == len(before) and now != before:
                return
            pause()
        raise AssertionError("the worker was not replaced")

    def kill(self) -> None:
        """SIGKILL everything that this service started, as a power cut does."""
        family = [self.process.pid]
        for pid in family:
            family += _children(pid)
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(30)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b"lms.jobs"  # gone meanwhile


@contextlib.contextmanager
def foreign_writer(database_url: str, told: Path) -> Iterator[None]:
    """Another process holds the database's write lock while the block runs."""
    code = _SQLITE if database_url.startswith("sqlite") else _POSTGRES
    command = [sys.executable, "-c", code, database_url, str(told)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        for _ in range(600):
            if told.exists() or process.poll() is not None:
                break
            pause()
        assert told.exists(), "the lock was not got"
        try:
            yield
        finally:
            assert process.poll() is None, "the writer gave up"
            assert process.stdin is not None
            process.stdin.close()
            process.wait(30)
            told.unlink()


_SQLITE = """
import pathlib, sqlite3, sys
path = sys.argv[1].removeprefix("sqlite:///")
connection = sqlite3.connect(path, timeout=60, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
pathlib.Path(sys.argv[2]).touch()
sys.stdin.read()
"""
_POSTGRES = """
import pathlib, psycopg, sys
with psycopg.connect(sys.argv[1].replace("+psycopg", "")) as connection:
    connection.execute("LOCK TABLE attempt IN EXCLUSIVE MODE")
    pathlib.Path(sys.argv[2]).touch()
    sys.stdin.read()
"""
