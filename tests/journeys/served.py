"""The site of a test served by its own server, as an installation is: ``lms run``, two workers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lms.core import clock
from lms.core.config import Settings
from lms.core.db import session
from lms.core.setup import Installation
from lms.core.uow import unit_of_work
from tests.journeys.conftest import ROOT, free_port, wait_until_ready
from tests.site import Site


@contextmanager
def served(
    site: Site, settings: Settings, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Serve a test's installation, with more in the environment; yields its address."""
    with site.app.app_context(), unit_of_work():
        session().add(Installation(id=1, kind="production", created_at=clock.now()))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {k: v for k, v in os.environ.items() if not k.startswith("LMS_")} | {
        "LMS_INSTANCE": str(settings.instance),
        "LMS_DATABASE_URL": str(settings.database_url),
        "LMS_BASE_URL": url,
        "LMS_LOG_LEVEL": "WARNING",
        "LMS_SCHEDULER": "0",
        **(environment or {}),
    }
    command = [sys.executable, "-m", "lms", "run", "--port", str(port)]
    log = (settings.instance / "server.log").open("wb")
    process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_until_ready(process, url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()
