"""The exam day on one machine: open loop, tens of thousands of live connections, through nginx.

    .venv/bin/python -m tests.benchmarks.exam_room --exam-day [--database sqlite|postgresql]
        [--connections 50000] [--rates 833,1200,1600,2000] [--seconds 60]
    .venv/bin/python -m tests.benchmarks.exam_room --starts [--rates 167,300] [--seconds 60]

Every candidate holds one keep-alive connection and saves in her turn; a save leaves at its planned
time whatever the answers do, and its latency counts from then. Four processes, each with a loopback
port of its own, hold the connections. Stops by itself; a rate is held if no answer was wrong or
missing. Needs nginx and, beyond the usual limit of open files, root.

With ``--starts`` nobody has begun: each candidate presses the button at her planned time, opens
the page and takes the pen and the paper as soon as she can; latency counts from the button to the
paper.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import pickle
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import serving
from tests.benchmarks.hall import Seat, furnish
from tests.benchmarks.wire import Connection, Outcome, Request, quiet_memory

PROCESSES = 4
#: Of this run alone: Granian shares a port with whoever asks for the same one.
FIRST_PORT = random.randrange(15_000, 30_000, 10)
PORT = FIRST_PORT + PROCESSES
GRACE = 20.0
NGINX = """
worker_processes 4; worker_rlimit_nofile 20000; daemon off; pid {folder}/nginx.pid;
error_log {folder}/nginx.log crit;
events {{ worker_connections 19000; multi_accept on; }}
http {{
  access_log off; client_header_timeout 600s; keepalive_timeout 600s; keepalive_requests 100000;
  client_header_buffer_size 1k; client_body_buffer_size 4k; connection_pool_size 256;
  request_pool_size 1k; proxy_buffers 4 4k; proxy_buffer_size 4k; proxy_busy_buffers_size 8k;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream app {{ server 127.0.0.1:{port}; keepalive 64; }}
  server {{
    {listens}
    location / {{ proxy_pass http://app; proxy_http_version 1.1;
      proxy_set_header Connection ""; proxy_set_header Host $http_host; }}
  }}
}}
"""


def many_files() -> None:
    """Ask for as many open files as the machine gives."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (200_000, 200_000))


@contextlib.contextmanager
def nginx(folder: Path, port: int) -> Iterator[None]:
    """nginx in front of the product, on the four ports."""
    listens = " ".join(
        f"listen 127.0.0.1:{FIRST_PORT + n} reuseport backlog=4096;" for n in range(PROCESSES)
    )
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port, listens=listens))
    with serving.run(
        ["nginx", "-c", str(config), "-p", str(folder)], FIRST_PORT, {}, folder / "nginx.out"
    ):
        yield


class Phone(Connection):
    """A candidate's connection: a save whose turn comes while one is under way waits here."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.waiting: deque[tuple[Request, float]] = deque()

    def save(self, request: Request, planned: float) -> None:
        """Send now, or when the answer under way is there."""
        if self.busy:
            self.waiting.append((request, planned))
        else:
            self.send(request, planned)

    def go_on(self, now: float) -> None:
        if self.waiting:
            self.send(*self.waiting.popleft())


class Starter(Phone):
    """A candidate who begins: the button, the page, the pen and the paper, one after another."""

    def save(self, request: Request, planned: float) -> None:
        raise NotImplementedError

    def begin(self, seat: Seat, planned: float) -> None:
        """Press the button now."""
        self.left = seat.begin()
        self.send(next(self.left), planned)

    def right(self, now: float) -> None:
        """Only the paper counts; what came before leads to it."""
        following = next(self.left, None)
        if following is None:
            super().right(now)
        else:
            self.send(following, self.since)


async def _hold(
    seats: list[Seat], port: int, rate: float, seconds: float, starting: bool
) -> Outcome:
    loop, outcome = asyncio.get_running_loop(), Outcome(seconds=seconds)
    kind = Starter if starting else Phone
    phones: list[Phone] = []
    for begin in range(0, len(seats), 100):
        made = await asyncio.gather(
            *(
                loop.create_connection(lambda: kind(outcome), "127.0.0.1", port)
                for _ in seats[begin : begin + 100]
            )
        )
        phones += [phone for _transport, phone in made]
    print("ready", flush=True)  # noqa: T201
    await loop.run_in_executor(None, sys.stdin.readline)
    begun, count = time.perf_counter(), int(rate * seconds)
    for number in range(count):
        planned = begun + number / rate
        if (ahead := planned - time.perf_counter()) > 0:
            await asyncio.sleep(ahead)
        place = number % len(phones)
        phone = phones[place]
        if isinstance(phone, Starter):
            phone.begin(seats[place], planned)
        else:
            phone.save(seats[place].save(), planned)
    until = time.perf_counter() + GRACE
    while any(p.busy for p in phones) and time.perf_counter() < until:
        await asyncio.sleep(0.1)
    unanswered = sum(p.busy + len(p.waiting) for p in phones)
    outcome.faults.update({"no answer": unanswered} if unanswered else {})
    for phone in phones:
        phone.busy = False
        phone.transport.abort()
    return outcome


def hold() -> None:
    """One of the four processes; told on the command line what to hold."""
    many_files()
    path, port, rate, seconds, starting = sys.argv[1:6]
    seats = pickle.loads(Path(path).read_bytes())  # noqa: S301 - our own file
    with quiet_memory():
        outcome = asyncio.run(
            _hold(seats, int(port), float(rate), float(seconds), bool(int(starting)))
        )
    print(json.dumps([outcome.latencies, outcome.faults]), flush=True)  # noqa: T201


def at_rate(
    folder: Path, seats: list[Seat], rate: float, seconds: float, starting: bool = False
) -> Outcome:
    """Hold all connections and save (or start) at a rate."""
    processes = []
    for n in range(PROCESSES):
        path = folder / f"seats-{n}"
        path.write_bytes(pickle.dumps(seats[n::PROCESSES]))
        command = [
            sys.executable, "-m", "tests.benchmarks.exam_day", str(path), str(FIRST_PORT + n),
            str(rate / PROCESSES), str(seconds), str(int(starting)),
        ]  # fmt: skip
        processes.append(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        )
    for process in processes:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise SystemExit("the connections could not be opened")
    total = Outcome(seconds=seconds)
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=seconds + GRACE + 60)[0] for process in processes]
    for text in told:
        latencies, faults = json.loads(text)
        total.latencies += latencies
        total.faults += Counter(faults)
    return total


def starts(kind: str, rates: list[float], seconds: float) -> None:
    """Print one line for each rate of candidates who begin, until one is not held."""
    many_files()
    counts = [int(rate * seconds) // PROCESSES * PROCESSES + PROCESSES for rate in rates]
    with serving.database(kind) as (folder, database), tempfile.TemporaryDirectory() as spare:
        waiting = furnish(folder, database, 0, 0, sum(counts))
        with (
            serving.product(PORT, folder, database, "WARNING") as product,
            nginx(Path(spare), PORT),
        ):
            for rate, count in zip(rates, counts, strict=True):
                seats, waiting = waiting[:count], waiting[count:]
                before = product.cpu()
                outcome = at_rate(folder, seats, rate, seconds, starting=True)
                _tell(kind, f"{rate:.0f} starts/s", seconds, outcome, product.cpu() - before)


def _tell(kind: str, what: str, seconds: float, outcome: Outcome, cpu: float) -> None:
    each = cpu * 1000 / max(len(outcome.latencies), 1)
    held = "held" if not outcome.faults else f"not held: {dict(outcome.faults)}"
    print(  # noqa: T201
        f"  {kind:10} {what} for {seconds:.0f} s: {len(outcome.latencies)},"
        f" p50 {outcome.percentile(0.5):.1f}  p99 {outcome.percentile(0.99):.0f}"
        f"  worst {outcome.percentile(1):.0f} ms  CPU {each:.2f} ms each  {held}",
        flush=True,
    )


def exam_day(kind: str, connections: int, rates: list[float], seconds: float) -> None:
    """Print one line for each rate, until one is not held."""
    many_files()
    with serving.database(kind) as (folder, database), tempfile.TemporaryDirectory() as spare:
        seats = furnish(folder, database, connections, 0, 0)
        with (
            serving.product(PORT, folder, database, "WARNING") as product,
            nginx(Path(spare), PORT),
        ):
            for rate in rates:
                before = product.cpu()
                outcome = at_rate(folder, seats, rate, seconds)
                what = f"{connections} connections, {rate:.0f} saves/s"
                _tell(kind, what, seconds, outcome, product.cpu() - before)
                for seat in seats:  # the children counted on copies
                    seat.seq += int(rate * seconds / connections) + 2


if __name__ == "__main__":
    hold()
