"""Serving: Granian's web workers, and the scheduler beside them as a process of its own."""

import gc
import ipaddress
import logging
import os
import subprocess
import sys
import time
from typing import Any

import click
from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from lms.app import create_app
from lms.core.config import Settings, load_settings
from lms.core.db import leave_checkpoints_to_scheduler
from lms.core.logs import init_logs
from lms.core.setup import installation_kind
from lms.starter import bring_up_to_date

log = logging.getLogger(__name__)
THREADS = 64
LIVES = 5
LONG = 60  # s after which a server that ends has served, and did not merely fail to start


def worker_app() -> Flask:
    """The app as a web worker runs it."""
    settings = load_settings()
    init_logs(settings.log_level)
    if settings.scheduler:
        leave_checkpoints_to_scheduler()
    app = create_app(settings)
    settle_memory()
    return app


def settle_memory() -> None:
    """Spare the collector what lives as long as the process: the loaded app is a few hundred
    thousand objects, which need not be looked through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def is_public(host: str) -> bool:
    """True unless ``host`` is a loopback address or ``localhost``."""
    if host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def prepare(app: Flask, settings: Settings) -> str:
    """Migrate, and say what the database is.

    Raises:
        ClickException: the database is empty, or a demo would be served on a public address.
    """
    with app.app_context():
        bring_up_to_date()
        kind = installation_kind()
    if kind is None:
        raise click.ClickException(
            "the database is empty: run `lms init` for a real installation or `lms demo`"
        )
    if kind == "demo" and is_public(settings.host) and not settings.demo_on_public_address:
        raise click.ClickException(
            f"this is a demo database with a known password; it is not served on {settings.host}. "
            "Use 127.0.0.1, or set LMS_DEMO_ON_PUBLIC_ADDRESS=1 if you know who can reach it."
        )
    return kind


def serve(settings: Settings) -> None:
    """Serve until stopped; the scheduler starts and stops with the web workers."""
    environment = {
        "LMS_HOST": settings.host,
        "LMS_PORT": str(settings.port),
        "LMS_INSTANCE": str(settings.instance),
        "LMS_SIGNER": settings.signing.mode,
        "LMS_SIGNER_KEYS": str(settings.signing.keys),
        "LMS_SIGNER_SOCKET": str(settings.signing.socket),
    }
    os.environ.update(environment)
    scheduler = _start_scheduler() if settings.scheduler else None
    try:
        _serve_on(settings)
    finally:
        if scheduler is not None:
            scheduler.terminate()
            scheduler.wait(timeout=15)


def _serve_on(settings: Settings) -> None:
    """Serve until told to stop. Granian gives up when a worker dies within seconds of its birth;
    in the middle of an exam that may be memory running short twice, so it is begun anew, and only
    what dies again and again is left to whoever looks after the machine.

    Raises:
        SystemExit: told to stop with an error, or it died ``LIVES`` times in a row.
    """
    died = 0
    while True:
        server, since = _server(settings), time.monotonic()
        try:
            server.serve()
        except SystemExit:
            died = died + 1 if time.monotonic() - since < LONG else 1
            if server.interrupt_signal or died >= LIVES:
                raise
        else:
            return
        log.error("the web workers died in a row; they are begun anew")
        time.sleep(died)


def _server(settings: Settings) -> Any:
    return Granian(
        "lms.serve:worker_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=THREADS,
        backpressure=256,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.error,
    )


def _start_scheduler() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "lms.jobs"])


def settings_at(host: str | None, port: int | None) -> Settings:
    """Settings with the address given on the command line, if any, as if it stood outside."""
    given = {"LMS_HOST": host, "LMS_PORT": str(port) if port else None}
    return load_settings({**os.environ, **{name: value for name, value in given.items() if value}})
