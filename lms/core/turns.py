"""Turns at SQLite's write lock, in the order of asking.

SQLite itself lets a waiting writer look again after ever longer sleeps, so that a busy neighbour
passes it again and again. The group commits of a machine's processes queue at a file lock first,
which the kernel hands on in order. Other writers need not know of it: the database's own lock
still decides who writes.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

try:
    import fcntl
except ImportError:  # Windows: writers wait as SQLite has them wait
    fcntl = None  # type: ignore[assignment]


class Turns:
    """The queue of one database; does nothing for a server or where there are no file locks."""

    def __init__(self, engine: Engine) -> None:
        self._path: Path | None = None
        self._file: tuple[int, int] | None = None
        if engine.dialect.name == "sqlite" and engine.url.database and fcntl is not None:
            self._path = Path(f"{engine.url.database}-turn")

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Wait for one's turn and hold it; one thread of a process at a time."""
        if self._path is None:
            yield
            return
        handle = self._open()
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)

    def _open(self) -> int:
        """This process's own handle: one inherited by a fork would share its parent's lock."""
        if self._file is None or self._file[0] != os.getpid():
            self._file = os.getpid(), os.open(self._path or "", os.O_RDWR | os.O_CREAT, 0o600)
        return self._file[1]
