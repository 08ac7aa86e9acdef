"""SIGKILLs of a batch at any moment between intent, number, seal, log, store and paper.

.venv/bin/python -m tests.faults.issuing_kills [--lines 1000] [--kills 100] \
    [--database sqlite|postgresql]
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from certificates.batches import running
from certificates.batches.models import Batch, BatchLine
from certificates.batches.operations import begin
from certificates.batches.running import run
from certificates.documents import paper_of
from certificates.log.audit import faults as log_faults
from certificates.models import Certificate
from certificates.pools.gaps import gaps_of
from certificates.verification import verify
from lms.core import clock
from lms.core.config import load_settings
from lms.core.db import db, session
from lms.core.setup import migrate_database
from lms.core.uow import unit_of_work
from lms.starter import load_starter
from tests.cast import Cast, build_cast
from tests.databases import open_empty
from tests.factories.issuing import examiner_of, kept, name_of, person_id, register_many, sheet_of
from tests.site import Site


def prepare(cast: Cast, lines: int) -> int:
    """A planned batch of so many entitlements."""
    with unit_of_work():
        register_many(lines)
    rows = ([name_of(n), person_id(n), "初级工"] for n in range(lines))
    return kept(cast, sheet_of(["姓名", "证件号码", "等级"], *rows)).id


def storm(app: Flask, cast: Cast, batch_id: int, kills: int, chance: random.Random) -> int:
    """Start a runner and kill it, so many times; how many kills hit a batch that was not done."""
    hits = 0
    for _ in range(kills):
        news, tell = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                _issue(app, cast, batch_id, tell)
            finally:
                os._exit(1)
        os.close(tell)
        # A moment after the start, after a chunk was stored, or after its paper was drawn.
        os.read(news, 1)
        for _step in range(chance.choice((0, 0, 1, 1, 2))):
            os.read(news, 1)
        time.sleep(chance.uniform(0, 0.12))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(news)
        with app.app_context():
            hits += _left(batch_id) > 0
            db.session.remove()
            db.engine.dispose()
    return hits


def storm_apart(cast: Cast, batch_id: int, kills: int, environment: dict[str, str]) -> int:
    """The same in a process of its own. Typst keeps threads, which do not survive a fork: whoever
    has drawn a paper must not fork somebody who is to draw one."""
    done = subprocess.run(
        [
            sys.executable, "-m", "tests.faults.issuing_kills", "--batch", str(batch_id),
            "--cast", json.dumps(asdict(cast)), "--kills", str(kills), "--chunk", "3",
        ],
        cwd=Path(__file__).parents[2], env={**os.environ, **environment},
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    return int(done.stdout)


def _issue(app: Flask, cast: Cast, batch_id: int, tell: int) -> None:
    """In the child: run what is left, drawing the newest paper after every chunk and telling of
    each step; then wait."""
    with app.app_context():
        db.engine.dispose(close=False)

        def report(_done: int, _total: int) -> None:
            os.write(tell, b".")
            newest = session().scalar(select(func.max(Certificate.id)))
            if newest is not None:
                paper_of(newest, "pdf")
                os.write(tell, b".")

        finish(cast, batch_id, report)
        os.write(tell, b"." * 9)
        time.sleep(60)


def finish(cast: Cast, batch_id: int, report: object = None) -> None:
    """Run what is left, as the button "go on" does."""
    with unit_of_work():
        session().get_one(Batch, batch_id, populate_existing=True).task = ""
    if _left(batch_id):
        with unit_of_work():
            begin(batch_id, examiner_of(cast), clock.now(), queue=False)
        run(batch_id, examiner_of(cast), report or (lambda _done, _total: None))  # type: ignore[arg-type]


def _left(batch_id: int) -> int:
    ready = (BatchLine.batch_id == batch_id) & (BatchLine.outcome == "ready")
    return session().scalar(select(func.count()).select_from(BatchLine).where(ready)) or 0


def faults_of(cast: Cast, batch_id: int, lines: int) -> list[str]:
    """What is wrong when all is over: each entitlement has exactly one certificate, every one
    verifies and can be printed, the log is consistent and no number is lost."""
    found = [f"log: {fault}" for fault in log_faults()]
    rows = session().execute(select(Certificate.id, Certificate.code, Certificate.source)).all()
    sources = [row.source for row in rows]
    if len(sources) != lines or len(set(sources)) != lines:
        found.append(f"{len(sources)} certificates, {len(set(sources))} sources, {lines} lines")
    wanted = set(session().scalars(select(BatchLine.source).where(BatchLine.batch_id == batch_id)))
    if wanted != set(sources):
        found.append("certificates and entitlements differ")
    for row in rows:
        if verify(row.code, clock.now()).status != "valid":
            found.append(f"{row.code} does not verify")
    found += [f"gap: {gap}" for gap in gaps_of(cast.base)]
    if rows and not paper_of(rows[-1].id, "pdf").startswith(b"%PDF"):
        found.append("no paper")
    return found


def main() -> None:
    """The long storm."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--chunk", type=int, default=7)  # the storm lasts longer than the batch
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--batch", type=int, help="of the installation in the environment")
    parser.add_argument("--cast", type=json.loads)
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    running.CHUNK = chosen.chunk
    if chosen.batch:
        with Site.open(load_settings()) as site:
            chance = random.Random(os.getpid())
            hits = storm(site.app, Cast(**chosen.cast), chosen.batch, chosen.kills, chance)
        print(hits)  # noqa: T201
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        open_empty(chosen.database, Path(folder)) as url,
        Site.open(
            load_settings({"LMS_INSTANCE": f"{folder}/instance", "LMS_DATABASE_URL": url})
        ) as site,
    ):
        with site.app.app_context():
            migrate_database()
            with unit_of_work():
                load_starter()
                cast = build_cast()
            batch_id = prepare(cast, chosen.lines)
            db.session.remove()
            db.engine.dispose()
        hits = storm(site.app, cast, batch_id, chosen.kills, random.Random(20261125))
        with site.app.app_context():
            before = chosen.lines - _left(batch_id)
            finish(cast, batch_id)
            found = faults_of(cast, batch_id, chosen.lines)
    told = f"{chosen.kills} kills, {hits} before the end, {before} issued between them"
    print(f"{chosen.database}: {told}")  # noqa: T201
    print("\n".join(found) or "nothing lost, nothing twice")  # noqa: T201
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
