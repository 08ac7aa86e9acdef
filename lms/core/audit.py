"""Tamper-evident audit trail: who did what to which object, each line chained to the one before.

No personal data goes into ``details``: ids, codes and reasons typed by the actor only.
"""

from contextlib import closing
from datetime import datetime
from hashlib import sha256

from flask import g, has_request_context
from sqlalchemy import Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.access import Actor
from lms.core.db import AppendOnly, Json, Model, session
from lms.core.signing import canonical

_LOCK = 7_201_604  # any constant: names the advisory lock that orders the chain on PostgreSQL


class AuditEvent(AppendOnly, Model):
    """One line of the trail; ``chain`` is SHA-256 over the previous chain and this line."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_object", "object_kind", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(80), index=True)
    object_kind: Mapped[str] = mapped_column(String(40), default="")
    object_id: Mapped[str] = mapped_column(String(64), default="")
    request_id: Mapped[str] = mapped_column(String(32), default="")
    details: Mapped[Json]
    chain: Mapped[str] = mapped_column(String(64))


def record(
    actor: Actor, action: str, object_kind: str = "", object_id: object = "", **details: object
) -> None:
    """Append a line in the present unit of work."""
    sess = session()
    sess.flush()
    if sess.get_bind().dialect.name == "postgresql":
        sess.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
    newest = select(AuditEvent.chain).order_by(AuditEvent.id.desc()).limit(1)
    event = AuditEvent(
        at=clock.now(),
        actor_id=actor.person_id,
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        request_id=g.get("request_id", "") if has_request_context() else "",
        details=details,
    )
    event.chain = link(sess.scalar(newest) or "", event)
    sess.add(event)
    sess.flush()


def link(previous: str, event: AuditEvent) -> str:
    """Return the chain value of ``event`` after ``previous``."""
    line: Json = {
        "at": event.at.isoformat(),
        "actor": event.actor_id,
        "action": event.action,
        "kind": event.object_kind,
        "id": event.object_id,
        "request": event.request_id,
        "details": event.details,
    }
    return sha256(previous.encode() + canonical(line)).hexdigest()


def first_broken() -> int | None:
    """Return the id of the first line that does not fit its chain, or None if all fit."""
    previous = ""
    query = select(AuditEvent).order_by(AuditEvent.id).execution_options(yield_per=1000)
    with closing(session().scalars(query)) as lines:
        for event in lines:
            if event.chain != link(previous, event):
                return event.id
            previous = event.chain
    return None
