"""Structured logs: one JSON object a line, without personal data."""

import json
import logging
import sys
import traceback
from typing import Any

from flask import g, has_request_context

from lms.core import clock

_EXTRA = ("event", "method", "route", "status", "ms", "action", "person", "persons", "request")
MOST_CAUSES = 5


class JsonLines(logging.Formatter):
    """Formats a record as JSON; requests are named by their route, never by their URL."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": clock.now().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "text": record.getMessage(),
        }
        if has_request_context():
            line["request"] = g.get("request_id", "")
        line |= {name: getattr(record, name) for name in _EXTRA if hasattr(record, name)}
        if record.exc_info:
            line["trace"] = _trace(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _trace(error: BaseException | None) -> str:
    """Where it happened and what kind of error it was. Its message stays out: a database quotes
    the row it refused, a parser the text it could not read."""
    told: list[str] = []
    while error is not None and len(told) < MOST_CAUSES:
        frames = "".join(traceback.format_tb(error.__traceback__))
        told.insert(0, f"{frames}{type(error).__module__}.{type(error).__qualname__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n--\n".join(told)


def init_logs(level: str) -> None:
    """Send the whole process's log to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("apscheduler", "alembic"):
        logging.getLogger(noisy).setLevel("WARNING")
