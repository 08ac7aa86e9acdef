"""Checks of certificates a second, beside a bare Flask JSON route under the same server.

    .venv/bin/python -m tests.benchmarks.checks [--database sqlite|postgresql|both]

As ``exam_room``: Granian with two workers for both, the same generator, rounds in turn. Each is
asked for one certificate again and again, and for a thousand in random order; as a program and as
a browser that has no cookie yet, both with compression. One answer in fifty is unpacked and read.
"""

from __future__ import annotations

import argparse
import gzip
import random
import socket
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

from certificates.issuing import Issued, issue_each
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.config import load_settings
from lms.core.db import session
from lms.core.setup import Installation, migrate_database
from lms.core.uow import unit_of_work
from lms.starter import load_starter
from tests.benchmarks import serving
from tests.benchmarks.exam_room import CONNECTIONS, Queues, measure, tell
from tests.benchmarks.wire import closed_loop, request, share
from tests.cast import build_cast
from tests.factories.certificates import NOW, skill_request
from tests.factories.issuing import register_many
from tests.site import Site

SPREAD, BAR, READ_EVERY = 1000, 0.50, 50


def issue_many(folder: Path, database: str) -> list[str]:
    """An installation with so many certificates; their codes."""
    given = {"LMS_INSTANCE": str(folder), "LMS_DATABASE_URL": database}
    with Site.open(load_settings(given)) as site, site.app.app_context():
        migrate_database()
        with unit_of_work():
            load_starter()
            session().add(Installation(id=1, kind="real", created_at=clock.now()))
            cast = build_cast()
            people = register_many(SPREAD)
        with unit_of_work():
            asked = [skill_request(who, cast.base) for who in people]
            made = issue_each(asked, SYSTEM, NOW)
        return [one.code for one in made if isinstance(one, Issued)]


def right(code: str) -> Callable[[bytes], bool]:
    """A look at an answer: every one has the status, one in fifty is read."""
    seen = next(_looked)

    def look(answer: bytes) -> bool:
        head, _gap, body = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            return False
        return seen % READ_EVERY != 0 or code.encode() in gzip.decompress(body)

    return look


_looked = count()


def asking(codes: Sequence[str], seconds: float, page: bool) -> Queues:
    """Checks of these certificates in random order."""
    chosen = random.choices(codes, k=int(9_000 * seconds))
    asked = ((request(f"/v/{code}", form=page), right(code)) for code in chosen)
    return [iter(dealt) for dealt in share(asked, CONNECTIONS)]


def warm(product: serving.Server, codes: Sequence[str], page: bool) -> None:
    """Let both workers draw every answer once; a connection stays with one of them."""
    queues = [
        iter([(request(f"/v/{code}", form=page), right(code)) for code in codes[start::8]])
        for start in range(8)
        for _again in range(8)
    ]
    outcome = closed_loop(product.port, queues, 120)
    if outcome.faults:
        raise SystemExit(f"faults: {dict(outcome.faults)}")


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


def bench(kind: str, rounds: int, seconds: float) -> None:
    """Print the table of one database."""
    with serving.database(kind) as (folder, database):
        codes = issue_many(folder, database)
        with (
            serving.bare(free_port(), folder) as bare,
            serving.product(free_port(), folder, database) as product,
        ):
            for some, named in ((codes[:1], "one"), (codes, f"{len(codes)}")):
                for page in (False, True):
                    warm(product, some, page)
                    done = [
                        measure(product, bare, asking(some, seconds, page), seconds, 1)
                        for _ in range(rounds)
                    ]
                    tell(f"{'page' if page else 'JSON'} of {named}", done, BAR)


def main() -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    given = parser.parse_args()
    kinds = ("sqlite", "postgresql") if given.database == "both" else (given.database,)
    for kind in kinds:
        print(f"{kind}, {clock.today()}", flush=True)  # noqa: T201
        bench(kind, given.rounds, given.seconds)


if __name__ == "__main__":
    main()
