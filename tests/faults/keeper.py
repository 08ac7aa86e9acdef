"""A server whose workers may be killed: the app is loaded once, workers are forks of it.

    python -m tests.faults.keeper INSTANCE DATABASE_URL [DEFECT]

All workers accept from one listening socket, so that a dead one takes only the requests it was
answering with it; it is replaced by a fork in a few milliseconds. Prints ``port N``, then
``worker PID`` for every worker; ends when its standard input does.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import threading

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from exams.sittings.express import take
from lms.app import create_app
from lms.core.config import load_settings
from lms.core.db import db, leave_checkpoints_to_scheduler
from tests.faults.defects import DEFECTS

WORKERS = 2


class Quiet(WSGIRequestHandler):
    """No log line a request."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


def serve(app: Flask, listener: socket.socket) -> None:
    """Answer requests until killed."""
    server = make_server(
        "127.0.0.1", 0, app, threaded=True, fd=listener.fileno(), request_handler=Quiet
    )
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.serve_forever()


def fork(app: Flask, listener: socket.socket) -> int:
    """Start one worker and say its number."""
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        try:
            serve(app, listener)
        finally:
            os._exit(1)
    print(f"worker {pid}", flush=True)  # noqa: T201
    return pid


def warm_up(app: Flask) -> None:
    """Have the statements compiled once, not in each fork, and leave no connection open."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                take(connection, [])
        db.engine.dispose()
    gc.collect()
    gc.freeze()


def main() -> None:
    """Keep the workers alive until standard input ends."""
    instance, url, *defect = sys.argv[1:]
    if url.startswith("sqlite"):
        leave_checkpoints_to_scheduler()
    app = create_app(load_settings({"LMS_INSTANCE": instance, "LMS_DATABASE_URL": url}))
    for name in defect:
        DEFECTS[name](app)
    warm_up(app)
    if threading.active_count() != 1:
        raise SystemExit("a thread would not survive the fork")
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(f"port {listener.getsockname()[1]}", flush=True)  # noqa: T201
    waker, ringer = os.pipe()
    os.set_blocking(ringer, False)
    signal.set_wakeup_fd(ringer)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    alive = {fork(app, listener) for _ in range(WORKERS)}
    while True:
        ready, _, _ = select.select([waker, sys.stdin], [], [])
        if sys.stdin in ready:
            break
        os.read(waker, 4096)
        with contextlib.suppress(ChildProcessError):
            while (dead := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                alive.discard(dead)
                alive.add(fork(app, listener))
    for pid in alive:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
