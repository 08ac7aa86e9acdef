"""The list of statuses: what is not valid any more, signed with its moment, naming nobody."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from flask import Flask, current_app
from sqlalchemy import literal_column, select

from certificates import rules
from certificates.models import Certificate, CertificateEvent
from certificates.rules import EventFact, Status
from lms.core.db import session
from lms.core.errors import Unavailable
from lms.core.keys.signers import Signer
from lms.core.signing import ring, signer

MAGIC = b"LMSS\x01"
PURPOSE = "lms.statuses/1"
_MARK_DOMAIN = b"lms.status/1\n"
LISTED = (Status.REVOKED, Status.SUSPENDED, Status.CORRECTED)
MARK_BYTES = 6
NEW_EVERY = timedelta(minutes=1)


def mark(code: str) -> bytes:
    """What stands in the list for a code; tells nothing to who does not hold the code."""
    return sha256(_MARK_DOMAIN + code.encode()).digest()[:MARK_BYTES]


def written(
    marks: Mapping[Status, Iterable[bytes]], as_of: datetime, kid: str, signer: Signer
) -> bytes:
    """The signed list, as ``docs/offline-verification.md`` tells its bytes."""
    groups = [sorted(set(marks.get(status, ()))) for status in LISTED]
    body = b"".join(
        (
            MAGIC,
            int(as_of.timestamp()).to_bytes(8, "big"),
            *(len(group).to_bytes(4, "big") for group in groups),
            *(entry for group in groups for entry in group),
            bytes.fromhex(kid),
        )
    )
    return body + signer.sign(PURPOSE, body, kid)[1]


def marks_now() -> dict[Status, list[bytes]]:
    """The marks of everything revoked, suspended or corrected, from the events; one statement."""
    # A literal, so that the partial index of the events after issue serves.
    after_issue = CertificateEvent.kind != literal_column("'issued'")
    query = (
        select(Certificate.code, CertificateEvent.kind, CertificateEvent.at)
        .join(Certificate, Certificate.id == CertificateEvent.certificate_id)
        .where(after_issue)
        .order_by(CertificateEvent.id)
    )
    events: dict[str, list[EventFact]] = defaultdict(list)
    for code, kind, at in session().execute(query):
        events[code].append(EventFact(kind, at))
    marks: dict[Status, list[bytes]] = defaultdict(list)
    for code, happened in events.items():
        standing = rules.fold(happened, None, happened[-1].at.date())
        if standing.status in LISTED:
            marks[standing.status].append(mark(code))
    return marks


@dataclass(frozen=True, slots=True)
class Listed:
    """A list with the moment it was made and the key that signed it."""

    as_of: datetime
    key_id: str
    content: bytes


class StatusList:
    """The list as last made by this process; made anew at most once a minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: Listed | None = None

    def get(self, now: datetime, kid: str, signer: Signer) -> Listed:
        """The present list, at most a minute old; older while nobody signs, and it says so."""
        with self._lock:
            held = self._held
            if held is None or held.key_id != kid or not self._is_new(held, now):
                try:
                    held = Listed(now, kid, written(marks_now(), now, kid, signer))
                except Unavailable:
                    if held is None:
                        raise
                self._held = held
            return held

    @staticmethod
    def _is_new(held: Listed, now: datetime) -> bool:
        return held.as_of <= now < held.as_of + NEW_EVERY


def init_statuses(app: Flask) -> None:
    """Give the app its list."""
    app.extensions["status_list"] = StatusList()


def status_list(now: datetime) -> Listed:
    """The list of the present app."""
    held: StatusList = current_app.extensions["status_list"]
    return held.get(now, ring().current, signer())
