"""Sessions and what each asks for: where the statements of the express lanes begin.

On PostgreSQL many pairs of a session and an entry or sitting are asked for in one statement,
row by row along unique keys, so that it is not left to think of joining whole tables; SQLite is no
trip away and is asked for each pair.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Dialect,
    Integer,
    Select,
    Text,
    bindparam,
    column,
    func,
    select,
    true,
)

from lms.core.quick import Quick
from lms.people import api as people

Pair = tuple[str, int]  # a session's hash, and an entry or a sitting


def one_session() -> Any:
    """The living session whose hash is given as ``session``."""
    living = people.learner_sessions()
    token_hash = living.selected_columns.token_hash
    return living.where(token_hash == bindparam("session")).subquery("signed")


def sessions_asking(dialect: Dialect) -> tuple[Select[Any], Any, Any]:
    """A query to be joined on: the living sessions, their columns, and the number each asks for."""
    if dialect.name != "postgresql":
        signed = one_session()
        return select(signed).select_from(signed), signed, bindparam("number")
    living = people.learner_sessions()
    asked = (
        func.unnest(
            bindparam("sessions", type_=ARRAY(Text)), bindparam("numbers", type_=ARRAY(Integer))
        )
        .table_valued(column("token_hash"), column("number"))
        .render_derived("asked")
    )
    of_pair = living.where(living.selected_columns.token_hash == asked.c.token_hash)
    signed = of_pair.limit(1).lateral("signed")
    return select(signed).select_from(asked.join(signed, true())), signed, asked.c.number


class PairQuery:
    """A statement that began with ``sessions_asking``, compiled for one kind of database."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        self._quick = Quick(statement, dialect)
        self._at_once = dialect.name == "postgresql"

    def rows(self, cursor: Any, pairs: Iterable[Pair], now: datetime, **given: Any) -> list[Any]:
        """What it finds for these pairs, of which there must be one; ``given`` are its other
        values."""
        given |= {"now": now, "idle_since": now - people.IDLE}
        if self._at_once:
            sessions, numbers = zip(*pairs, strict=True)
            asked = given | {"sessions": list(sessions), "numbers": list(numbers)}
            return self._quick.rows(cursor, asked)
        return [
            row
            for session, number in pairs
            for row in self._quick.rows(cursor, given | {"session": session, "number": number})
        ]
