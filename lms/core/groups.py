"""Group commit: what several requests want to write becomes one transaction.

A durable commit waits for the disk, and on SQLite for every other writer. Whoever comes while one
transaction is being committed waits for the next one, and one of the waiting commits for all of
them. There is no thread of its own: the first to come leads, and hands the lead on when it is done.

When somebody else holds the database's lock for long, waiting for it would use up every thread of
the process and nothing could be read any more. So a leader waits two seconds at most; if that was
in vain everybody who waits is refused, and until the lock is got again one request at a time tries
it while all others are refused at once.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

from lms.core.db import write_intent
from lms.core.errors import Unavailable
from lms.core.quick import gathered
from lms.core.turns import Turns

T = TypeVar("T")
R = TypeVar("R")
MOST = 64
RETRY = 5  # s
PATIENCE = 2_000  # ms that a leader waits for the database's lock
_BE_PATIENT = {
    "sqlite": f"PRAGMA busy_timeout = {PATIENCE}",
    "postgresql": f"SET lock_timeout = {PATIENCE}",
}


class _Wish(Generic[T, R]):
    """What one request wants written; ``wake`` is released when it is done or is to lead."""

    __slots__ = ("error", "item", "leads", "outcome", "wake")

    def __init__(self, item: T) -> None:
        self.item = item
        self.leads = False
        self.outcome: R | None = None
        self.error: BaseException | None = None
        self.wake = threading.Lock()
        self.wake.acquire()


class GroupCommit(Generic[T, R]):
    """Writes what is submitted, several at a time; ``submit`` returns when it is on the disk.

    ``write(connection, items)`` gets an open write transaction and returns one outcome for each
    item. If it raises, nothing of the group is kept and everyone in the group gets the error.
    ``after(items, outcomes)`` is called once for each group when everyone has been woken.
    """

    def __init__(
        self,
        engine: Engine,
        write: Callable[[Connection, Sequence[T]], Sequence[R]],
        after: Callable[[Sequence[T], Sequence[R]], None] | None = None,
    ) -> None:
        self._engine, self._write, self._after = engine, write, after
        self._turns = Turns(engine)
        self._guard = threading.Lock()
        self._waiting: list[_Wish[T, R]] = []
        self._led = False
        self._stuck = False
        self._connection: Connection | None = None
        event.listen(engine, "engine_disposed", self._close)

    def submit(self, item: T) -> R:
        """Have an item written and return its outcome. Raises what the transaction raised;
        Unavailable while another request finds out whether the database can be written again."""
        wish: _Wish[T, R] = _Wish(item)
        with self._guard:
            if self._stuck and self._led:
                raise Unavailable(retry_after=RETRY)
            self._waiting.append(wish)
            wish.leads, self._led = not self._led, True
        if not wish.leads:
            wish.wake.acquire()
        if wish.leads:
            self._lead()
        if wish.error is not None:
            raise wish.error
        return wish.outcome  # type: ignore[return-value]

    def _lead(self) -> None:
        group: list[_Wish[T, R]] = []
        items: list[T] = []
        outcomes: Sequence[R] = ()
        try:
            with self._turns.mine():
                # Only now: whoever came while we waited for our turn is of the group.
                group = self._gather()
                items = [wish.item for wish in group]
                outcomes = self._commit(items)
            for wish, outcome in zip(group, outcomes, strict=True):
                wish.outcome = outcome
            self._stuck = False
        except BaseException as error:
            group = group or self._gather()
            self._stuck = isinstance(error, OperationalError)
            if self._stuck:
                group += self._gather_all()
            for wish in group:
                wish.error = error
        self._hand_on()
        for wish in group[1:]:
            wish.wake.release()
        if outcomes and self._after is not None:
            self._after(items, outcomes)

    def _gather(self) -> list[_Wish[T, R]]:
        with self._guard:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        return group

    def _gather_all(self) -> list[_Wish[T, R]]:
        with self._guard:
            group, self._waiting = self._waiting, []
        return group

    def _hand_on(self) -> None:
        """Let the first of those who came meanwhile lead."""
        with self._guard:
            heir = self._waiting[0] if self._waiting else None
            self._led = heir is not None
        if heir is not None:
            heir.leads = True
            heir.wake.release()

    def _commit(self, items: Sequence[T]) -> Sequence[R]:
        """One transaction on a connection that is kept; after any error a fresh one is taken."""
        connection = self._connection or self._connect()
        self._connection = None
        try:
            with write_intent(), gathered(connection), connection.begin():
                outcomes = self._write(connection, items)
        except BaseException as error:
            connection.invalidate()
            connection.close()
            known = self._engine.dialect.loaded_dbapi.Error
            if isinstance(error, known):  # straight from the driver
                raise DBAPIError.instance(None, None, error, known) from error
            raise
        self._connection = connection
        return outcomes

    def _connect(self) -> Connection:
        connection = self._engine.connect()
        with connection.begin():
            connection.exec_driver_sql(_BE_PATIENT[self._engine.dialect.name])
        return connection

    def _close(self, _engine: Engine) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
