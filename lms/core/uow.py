"""The unit of work: the only place that commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from lms.core.db import session, write_intent

P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Commit what happens in the block, or nothing of it.

    The read transaction that came before (loading the actor, say) is ended first, so that the
    new one sees the latest facts and, on SQLite, holds the write lock from its first statement.
    """
    current = session()
    if current.new or current.dirty or current.deleted:
        raise RuntimeError("changes were made outside a unit of work")
    current.commit()
    with write_intent():
        try:
            yield
            current.commit()
        except BaseException:
            current.rollback()
            raise


def look_anew() -> None:
    """End the read transaction, so that the next read sees what was committed meanwhile."""
    session().commit()


def writes(view: Callable[P, R]) -> Callable[P, R]:
    """Make a view one unit of work: commit on return, roll back on raise."""

    @wraps(view)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with unit_of_work():
            return view(*args, **kwargs)

    return inside
