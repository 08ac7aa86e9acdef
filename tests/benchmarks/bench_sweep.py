"""Ten thousand sittings whose time is up, a hundred answers each: closed, marked and given a result
as the scheduler does it.

    .venv/bin/python -m tests.benchmarks.bench_sweep [--database postgresql] [--sittings 10000]

Prints seconds, CPU of the process, and by how much its memory grew from the first to the last; ends
with an error if one of them was not closed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from datetime import timedelta

from sqlalchemy import func, select, update

from exams.results.models import Result
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.config import load_settings
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.benchmarks import serving
from tests.benchmarks.hall import furnish
from tests.journeys.conftest import ROOT
from tests.site import Site

SWEEP = """
import resource, time
from exams.jobs import close_overdue
from lms.app import create_app
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
with create_app().app_context():
    begun, cpu, before, closed = time.perf_counter(), time.process_time(), peak(), 0
    while done := close_overdue():
        closed += done
    print(closed, time.perf_counter() - begun, time.process_time() - cpu, before, peak())
"""


def main() -> None:
    """Build an installation, close what is overdue, print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--sittings", type=int, default=10_000)
    given = parser.parse_args()
    with serving.database(given.database) as (folder, database):
        furnish(folder, database, 0, given.sittings, 0)
        names = {"LMS_INSTANCE": str(folder), "LMS_DATABASE_URL": database}
        with Site.open(load_settings(names)) as site, site.app.app_context(), unit_of_work():
            session().execute(update(Attempt).values(deadline=clock.now() - timedelta(hours=1)))
        command = [sys.executable, "-c", SWEEP]
        told = subprocess.run(
            command, env=os.environ | names, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
        ).stdout.split()
        with Site.open(load_settings(names)) as site, site.app.app_context():
            still = session().scalar(select(func.count()).where(Attempt.state != "concluded"))
            results = session().scalar(select(func.count(Result.id)))
    if (still, results) != (0, int(told[0])):
        raise SystemExit(f"{still} were not closed, {results} results for {told[0]} sittings")
    seconds, cpu = float(told[1]), float(told[2])
    print(  # noqa: T201
        f"{told[0]} overdue sittings, {given.database}: {seconds:.0f} s, {cpu:.0f} s CPU "
        f"({cpu * 1000 / int(told[0]):.1f} ms each), memory {told[3]} to {told[4]} MB"
    )


if __name__ == "__main__":
    main()
