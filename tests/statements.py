"""Counting SQL statements, to show that a page needs as many for ten rows as for a thousand."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

from lms.core import quick


@contextmanager
def count_statements() -> Iterator[list[str]]:
    """Collect the statements sent to any database while the block runs."""
    seen: list[str] = []

    def note(_conn, _cursor, statement, _parameters, _context, _many):
        seen.append(statement)

    def counted(execute):
        def inside(cursor, statement, values):
            seen.append(statement)
            execute(cursor, statement, values)

        return inside

    send, send_many = quick.send, quick.send_many
    event.listen(Engine, "before_cursor_execute", note)
    quick.send, quick.send_many = counted(send), counted(send_many)
    try:
        yield seen
    finally:
        quick.send, quick.send_many = send, send_many
        event.remove(Engine, "before_cursor_execute", note)
