"""What never changes is read once a process: committed rows only, by one request for the others."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from flask import Flask

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Values by key, read where they are missing and kept up to ``most`` of them.

    They are read in an application context of their own, so that nothing is remembered that is
    not committed, and each app remembers those of its own database. Only for what is never
    changed: nothing here ever looks again.
    """

    def __init__(self, app: Flask, read: Callable[[Iterable[K]], Mapping[K, V]], most: int) -> None:
        self._app, self._read, self._most = app, read, most
        self._reading = threading.Lock()
        self._known: Mapping[K, V] = {}

    def __call__(self, wanted: Sequence[K]) -> dict[K, V]:
        """The values of these keys. Raises what reading raises, and KeyError for an unknown one."""
        known = self._known
        if any(key not in known for key in wanted):
            with self._reading:
                known = self._known if len(self._known) <= self._most else {}
                missing = [key for key in wanted if key not in known]
                with self._app.app_context():
                    known = self._known = {**known, **self._read(missing)}
        return {key: known[key] for key in wanted}
