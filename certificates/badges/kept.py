"""Status lists as last signed: many ask for the same one, and it changes only with an event."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask, current_app
from sqlalchemy import func, select

from certificates.models import CertificateEvent
from lms.core.db import session

Asked = tuple[int, str, int, str]  # issuer, purpose, number, form
KEPT_FOR = timedelta(minutes=1)
_MOST = 256


@dataclass(slots=True)
class Shelf:
    """The lists of one process, each with the newest event it knows of and when it was made."""

    held: dict[Asked, tuple[int, datetime, bytes]] = field(default_factory=dict)

    def take(self, asked: Asked, newest: int, now: datetime) -> bytes | None:
        """The list, if nothing has happened since and it is less than a minute old."""
        event, made_at, body = self.held.get(asked, (-1, now, b""))
        return body if event == newest and now - made_at < KEPT_FOR else None

    def put(self, asked: Asked, newest: int, now: datetime, body: bytes) -> None:
        """Keep a list; when the shelf is full it is emptied first."""
        if len(self.held) >= _MOST:
            self.held.clear()
        self.held[asked] = (newest, now, body)


def init_shelf(app: Flask) -> None:
    """Give the app its shelf."""
    app.extensions["badge_lists"] = Shelf()


def shelf() -> Shelf:
    """The shelf of the present app."""
    held: Shelf = current_app.extensions["badge_lists"]
    return held


def newest_event() -> int:
    """The last thing that happened to any certificate; one statement."""
    return session().scalar(select(func.max(CertificateEvent.id))) or 0
