"""What one call costs: CPU of this process and of the database server, by the clock, statements."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.statements import count_statements

TICK = os.sysconf("SC_CLK_TCK")


class ServerClock:
    """CPU seconds that a PostgreSQL server has used; 0 for a database within this process."""

    def __init__(self, pid: int | None) -> None:
        self.pid = pid

    def seconds(self) -> float:
        """Of the server, its living backends and those that ended."""
        if self.pid is None:
            return 0.0
        total = sum(_stat(self.pid)[1])
        for path in Path("/proc").glob("[0-9]*"):
            try:
                parent, used = _stat(int(path.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
            total += sum(used[:2]) if parent == self.pid else 0
        return total / TICK


def _stat(pid: int) -> tuple[int, list[int]]:
    """Parent, and ticks: own user and system, those of ended children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[1]), [int(value) for value in fields[11:15]]


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one call. ``cpu`` is the median of this process with the server's mean."""

    cpu: float
    cpu_worst: float
    server: float
    wall: float
    wall_worst: float
    statements: int

    def line(self, name: str, bar: float | None) -> str:
        """As a line of the table."""
        met = "" if bar is None else f"bar {bar:6.0f} ms {'met' if self.cpu <= bar else 'NOT met'}"
        return (
            f"{name:36} CPU p50 {self.cpu:8.1f} p99 {self.cpu_worst:8.1f}"
            f" (server {self.server:7.1f})"
            f"  clock p50 {self.wall:8.1f} p99 {self.wall_worst:8.1f} ms"
            f"  {self.statements:3} statements  {met}"
        )


def cost_of(call: Callable[[], object], server: ServerClock, calls: int) -> Cost:
    """Ask ``calls`` times after two that warm up."""
    call()
    with count_statements() as sent:
        call()
    cpus, walls, served = [], [], server.seconds()
    for _ in range(calls):
        cpu, wall = time.process_time(), time.perf_counter()
        call()
        cpus.append((time.process_time() - cpu) * 1000)
        walls.append((time.perf_counter() - wall) * 1000)
    apart = (server.seconds() - served) * 1000 / calls
    return Cost(
        statistics.median(cpus) + apart, max(cpus) + apart, apart, statistics.median(walls),
        max(walls), len(sent),
    )  # fmt: skip
