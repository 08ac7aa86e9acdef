"""Appending to the log, in the unit of work of the event itself. Callers commit."""

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import Row, Select, func, insert, select, text

from certificates.log import notes, tree
from certificates.log.leaves import Happened, leaf_text
from certificates.log.models import LogCheckpoint, LogLeaf, LogNode
from certificates.log.queries import newest_checkpoint, nodes_at
from certificates.models import Certificate, CertificateEvent
from lms.core import clock
from lms.core.config import Settings
from lms.core.db import session
from lms.core.errors import Unavailable
from lms.core.keys.rings import RingKey
from lms.core.signing import log_ring, sign

BATCH = 500


def record(certificate_ids: Sequence[int], now: datetime) -> None:
    """Append the events of these certificates that are not in the log yet, and sign the new root,
    once for all of them."""
    _queue()
    _append(session().execute(_unlogged().where(Certificate.id.in_(certificate_ids))).all(), now)


def record_missing(now: datetime) -> int:
    """Append up to ``BATCH`` events that came in bulk; how many there were."""
    _queue()
    rows = session().execute(_unlogged().limit(BATCH)).all()
    _append(rows, now)
    return len(rows)


def _queue() -> None:
    """One writer at a time. SQLite's unit of work already holds the only write lock."""
    if session().get_bind().dialect.name == "postgresql":
        session().execute(text("SELECT pg_advisory_xact_lock(7201606)"))


def _unlogged() -> Select[tuple[int, int, str, datetime, int, str, str, int]]:
    earlier = CertificateEvent.__table__.alias("earlier")
    nth = (
        select(func.count())
        .where(
            earlier.c.certificate_id == CertificateEvent.certificate_id,
            earlier.c.id <= CertificateEvent.id,
        )
        .correlate(CertificateEvent)
        .scalar_subquery()
    )
    return (
        select(
            CertificateEvent.id,
            CertificateEvent.certificate_id,
            CertificateEvent.kind,
            CertificateEvent.at,
            CertificateEvent.actor_id,
            CertificateEvent.reason,
            Certificate.digest,
            nth.label("nth"),
        )
        .join(Certificate, Certificate.id == CertificateEvent.certificate_id)
        .outerjoin(LogLeaf, LogLeaf.event_id == CertificateEvent.id)
        .where(LogLeaf.event_id.is_(None))
        .order_by(CertificateEvent.id)
    )


def _append(
    rows: Sequence[Row[tuple[int, int, str, datetime, int, str, str, int]]], now: datetime
) -> None:
    if not rows:
        return
    newest = session().scalar(select(func.max(LogLeaf.place)))
    size = 0 if newest is None else newest + 1
    growing = tree.Growing.of(size, nodes_at(tree.places_of((0, size))))
    leaves, nodes = [], []
    for row in rows:
        said = leaf_text(Happened(row.digest, row.nth, row.kind, row.at, row.actor_id, row.reason))
        leaves.append(
            {
                "place": growing.size,
                "event_id": row.id,
                "certificate_id": row.certificate_id,
                "data": said,
            }
        )
        nodes += growing.append(tree.leaf_hash(said.encode()))
    session().execute(insert(LogLeaf), leaves)
    session().execute(
        insert(LogNode),
        [{"level": level, "place": place, "hash": made} for (level, place), made in nodes],
    )
    _sign(growing, now)


def _sign(growing: tree.Growing, now: datetime) -> None:
    checkpoint = notes.Checkpoint(origin(), growing.size, growing.root)
    session().add(
        LogCheckpoint(
            size=checkpoint.size,
            origin=checkpoint.origin,
            root=checkpoint.root,
            note=notes.signed_text(checkpoint.text, [_signer(key) for key in _signing()]),
            signed_at=now,
        )
    )
    session().flush()


def origin() -> str:
    """The log's name: what its first checkpoint said, else this site's host. It never changes,
    or witnesses would take the log for another."""
    known = newest_checkpoint()
    if known is not None:
        return known.origin
    settings: Settings = current_app.extensions["settings"]
    return f"{urlsplit(settings.base_url).netloc}/log"


def verifier() -> notes.Verifier:
    """The key that witnesses are given: the newest that signs."""
    return notes.Verifier(origin(), _signing()[-1].public)


def verifiers() -> list[notes.Verifier]:
    """Every key that has ever signed for the log."""
    name = origin()
    return [notes.Verifier(name, key.public) for key in log_ring().keys]


def _signer(key: RingKey) -> tuple[notes.Verifier, Callable[[bytes], bytes]]:
    return notes.Verifier(origin(), key.public), lambda text: sign("checkpoint", text, key.kid)[1]


def _signing() -> list[RingKey]:
    """The keys that sign now, oldest first: one, or two while one takes over from the other.
    Raises Unavailable before there is one."""
    now = clock.now()
    keys = [key for key in log_ring().keys if key.may_sign(now)]
    if not keys:
        raise Unavailable
    return keys
