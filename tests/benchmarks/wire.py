"""A load generator small enough not to be what is measured: raw HTTP/1.1 over asyncio.

Closed loop: each connection sends its next request when the answer to the last one is there.
Open loop: requests leave at their planned times whatever the answers do, and latency counts from
the planned time.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

#: What to send, and what a right answer contains (or a look at the answer: is it right?).
Request = tuple[bytes, bytes | Callable[[bytes], bool]]


@dataclass
class Outcome:
    """What a run came to; latencies in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds below which ``share`` of the answers came."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 if ordered else 0.0


class Connection(asyncio.Protocol):
    """One keep-alive connection; at most one request is under way on it."""

    transport: asyncio.Transport

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.left: Iterator[Request] = iter(())
        self.buffer = b""
        self.wanted: bytes | Callable[[bytes], bool] = b""
        self.since = 0.0
        self.busy = False
        self.stop_at = float("inf")
        self.idle: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def send(self, request: Request, since: float) -> None:
        """Send one request whose latency counts from ``since``."""
        self.since, self.busy, self.wanted = since, True, request[1]
        self.transport.write(request[0])

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        if len(self.buffer) < head + 4 + content_length(self.buffer[:head]):
            return
        answer, self.buffer, self.busy = self.buffer, b"", False
        now = time.perf_counter()
        if self.wanted in answer if isinstance(self.wanted, bytes) else self.wanted(answer):
            self.right(now)
        else:
            self.outcome.faults[answer[9:12].decode("latin-1")] += 1
        self.go_on(now)

    def right(self, now: float) -> None:
        """The answer is right: note how long it took."""
        self.outcome.latencies.append(now - self.since)

    def go_on(self, now: float) -> None:
        """Closed loop: send the next request."""
        request = next(self.left, None) if now < self.stop_at else None
        if request is not None:
            self.send(request, now)
        elif self.idle is not None and not self.idle.done():
            self.idle.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.busy:
            self.outcome.faults["lost"] += 1
        if self.idle is not None and not self.idle.done():
            self.idle.set_result(None)


def content_length(head: bytes) -> int:
    """The length of the body as the head says it."""
    place = head.lower().find(b"content-length:")
    if place < 0:
        return 0
    return int(head[place + 15 :].split(b"\r\n", 1)[0])


def request(
    path: str, cookies: str = "", token: str = "", body: bytes | None = None, form: bool = False
) -> bytes:
    """A request as it goes over the wire."""
    lines = [
        f"{'GET' if body is None else 'POST'} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "User-Agent: Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/120.0 Mobile",
        f"Accept: {'text/html' if form else 'application/json'}",
        "Accept-Language: zh-CN,zh;q=0.9",
        "Accept-Encoding: gzip, deflate",
    ]
    if cookies:
        lines.append(f"Cookie: {cookies}")
    if token:
        lines.append(f"X-CSRFToken: {token}")
    if body is not None:
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


async def _closed(port: int, queues: Sequence[Iterator[Request]], seconds: float) -> Outcome:
    loop, outcome = asyncio.get_running_loop(), Outcome()
    connections = []
    for queue in queues:
        _transport, made = await loop.create_connection(
            lambda: Connection(outcome), "127.0.0.1", port
        )
        made.left, made.idle = queue, loop.create_future()
        connections.append(made)
    begun = time.perf_counter()
    for connection in connections:
        connection.stop_at = begun + seconds
        connection.go_on(begun)
    waiting = [c.idle for c in connections if c.idle is not None]
    await asyncio.wait(waiting, timeout=seconds + 60)
    outcome.seconds = time.perf_counter() - begun
    for connection in connections:
        if connection.busy:
            outcome.faults["no answer"] += 1
        connection.transport.close()
    return outcome


def closed_loop(port: int, queues: Sequence[Iterator[Request]], seconds: float) -> Outcome:
    """Send each queue over a connection of its own, for at most so many seconds."""
    with quiet_memory():
        return asyncio.run(_closed(port, queues, seconds))


@contextlib.contextmanager
def quiet_memory() -> Iterator[None]:
    """No garbage collection while measuring: a pause here would look like one over there."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def share(requests: Iterable[Request], connections: int) -> list[list[Request]]:
    """Deal requests out over connections."""
    dealt: list[list[Request]] = [[] for _ in range(connections)]
    for number, item in enumerate(requests):
        dealt[number % connections].append(item)
    return dealt
