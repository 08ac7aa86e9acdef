"""What the exam room costs, beside a bare Flask JSON route under the same server in the same run.

    .venv/bin/python -m tests.benchmarks.exam_room [--database sqlite|postgresql|both]

Both servers are Granian with two workers and the same threads; the generator is the same. Rounds
of the bare route and of the operation alternate, so that a noisy machine disturbs both alike. A
wrong answer ends the benchmark. Loopback only. ``--exam-day`` and ``--starts`` are told
in ``exam_day.py``.
"""

from __future__ import annotations

import argparse
import random
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from lms.core import clock
from tests.benchmarks import serving
from tests.benchmarks.exam_day import exam_day, starts
from tests.benchmarks.hall import Seat, furnish
from tests.benchmarks.wire import Outcome, Request, closed_loop, request, share

#: Of this run alone: Granian shares a port with whoever asks for the same one.
BARE_PORT = random.randrange(15_000, 30_000, 10)
PORT = BARE_PORT + 1
CONNECTIONS = 128
SAVERS = 1000
BARE: Request = (request("/"), b'"ok"')
Queues = list[Iterator[Request]]


@dataclass(frozen=True)
class Round:
    """One round: the bare route's rate, and what the operation came to."""

    bare: float
    cpu_ms: float
    outcome: Outcome
    requests: int  # that make one operation

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.outcome.rate / self.requests


def measure(
    product: serving.Server, bare: serving.Server, queues: Queues, seconds: float, requests: int
) -> Round:
    """Ask the bare route, then the operation."""
    plain = closed_loop(bare.port, [iter([BARE] * 40_000) for _ in queues], seconds / 2)
    before = product.cpu()
    outcome = closed_loop(product.port, queues, seconds)
    used = product.cpu() - before
    if outcome.faults:
        raise SystemExit(f"faults: {dict(outcome.faults)}")
    return Round(plain.rate, used * 1000 * requests / len(outcome.latencies), outcome, requests)


def tell(name: str, rounds: list[Round], bar: float) -> None:
    """Print one line of the table: medians over the rounds; p50 and p99 are of one request."""

    def middle(what: Callable[[Round], float]) -> float:
        return statistics.median(what(one) for one in rounds)

    print(  # noqa: T201
        f"  {name:24} {middle(lambda r: r.rate):7.0f}/s  bare {middle(lambda r: r.bare):6.0f}/s"
        f"  ratio {middle(lambda r: r.rate / r.bare):6.3f} (bar {bar:.2f})"
        f"  CPU {middle(lambda r: r.cpu_ms):6.2f} ms"
        f"  p50 {middle(lambda r: r.outcome.percentile(0.5)):6.1f}"
        f"  p99 {middle(lambda r: r.outcome.percentile(0.99)):6.1f} ms",
        flush=True,
    )


def saving(seats: list[Seat], seconds: float) -> Queues:
    """Single answers from candidates in random order."""
    posts = (random.choice(seats).save() for _ in range(int(12_000 * seconds)))
    return [iter(dealt) for dealt in share(posts, CONNECTIONS)]


def handing_in(seats: Iterator[Seat], count: int) -> Queues:
    """Sittings with a hundred answers each, handed in."""
    return [iter(d) for d in share((seat.hand_in() for seat in islice(seats, count)), CONNECTIONS)]


def starting(seats: Iterator[Seat], count: int) -> Queues:
    """Start, fetch the room's page, take the pen and the paper: three requests, one operation."""
    dealt: list[list[Seat]] = [[] for _ in range(CONNECTIONS)]
    for number, seat in enumerate(islice(seats, count)):
        dealt[number % CONNECTIONS].append(seat)
    return [_start_each(column) for column in dealt]


def _start_each(seats: list[Seat]) -> Iterator[Request]:
    for seat in seats:
        yield from seat.begin()


def bench(kind: str, rounds: int, seconds: float) -> None:
    """Print the table of one database."""
    each = int(400 * seconds)
    sqlite = kind == "sqlite"
    with serving.database(kind) as (folder, database):
        seats = furnish(folder, database, SAVERS, rounds * each, rounds * each)
        savers, rest = seats[:SAVERS], iter(seats[SAVERS:])
        with (
            serving.bare(BARE_PORT, folder) as bare,
            serving.product(PORT, folder, database) as product,
        ):

            def ask(make: Callable[[], Queues], requests: int = 1) -> list[Round]:
                return [measure(product, bare, make(), seconds, requests) for _ in range(rounds)]

            tell("save one answer", ask(lambda: saving(savers, seconds)), 0.40 if sqlite else 0.30)
            tell("hand in 100 answers", ask(lambda: handing_in(rest, each)), 0.05)
            tell("start, page and paper", ask(lambda: starting(rest, each), 3), 0.06)


def main() -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--exam-day", action="store_true")
    parser.add_argument("--starts", action="store_true")
    parser.add_argument("--connections", type=int, default=50_000)
    parser.add_argument("--rates", default="833,1200,1600,2000")
    given = parser.parse_args()
    kinds = ("sqlite", "postgresql") if given.database == "both" else (given.database,)
    rates = [float(rate) for rate in given.rates.split(",")]
    for kind in kinds if given.starts else ():
        starts(kind, rates, max(given.seconds, 20))
    for kind in kinds if given.exam_day else ():
        exam_day(kind, given.connections, rates, max(given.seconds, 20))
    if given.starts or given.exam_day:
        return
    for kind in kinds:
        print(f"{kind}, {clock.today()}", flush=True)  # noqa: T201
        bench(kind, given.rounds, given.seconds)


if __name__ == "__main__":
    main()
