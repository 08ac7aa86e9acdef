"""Defects planted on purpose: a checker that does not find them is worth nothing."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask

from lms.core.db import write_intent


def acknowledge_first(app: Flask) -> None:
    """Acknowledge, and write a moment later: what a kill in between takes is lost."""
    group: Any = app.wsgi_app.lanes["answers"].group  # type: ignore[attr-defined]
    commit, one_at_a_time = group._commit, threading.Lock()

    def later(items: Sequence[Any]) -> None:
        with one_at_a_time:
            commit(items)

    def rashly(items: Sequence[Any]) -> Sequence[Any]:
        with group._engine.connect() as connection, write_intent():
            transaction = connection.begin()
            outcomes: Sequence[Any] = group._write(connection, items)
            transaction.rollback()
        threading.Timer(0.05, later, (items,)).start()
        return outcomes

    group._commit = rashly


def crossed_answers(app: Flask) -> None:
    """Now and then an answer lands on the question after the one it was given to."""
    group: Any = app.wsgi_app.lanes["answers"].group  # type: ignore[attr-defined]
    write = group._write

    def cross(connection: Any, items: Sequence[Any]) -> Any:
        for item in items:
            item.steps[:] = [
                dataclasses.replace(s, position=s.position % 100 + 1) if s.seq % 2 == 0 else s
                for s in item.steps
            ]
        return write(connection, items)

    group._write = cross


DEFECTS: dict[str, Callable[[Flask], None]] = {
    "acknowledge-first": acknowledge_first,
    "crossed-answers": crossed_answers,
}
