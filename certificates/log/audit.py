"""The whole log worked out anew and compared with everything that was ever signed."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from sqlalchemy import select

from certificates.log import notes, tree
from certificates.log.leaves import Happened, leaf_text
from certificates.log.models import LogCheckpoint, LogLeaf
from certificates.log.operations import verifiers
from certificates.models import Certificate, CertificateEvent
from lms.core.db import session

BATCH = 2000


def faults() -> Iterator[str]:
    """What does not fit, in words; nothing when every leaf, root and event agrees."""
    yield from _tree_faults()
    yield from _event_faults()


def _tree_faults() -> Iterator[str]:
    known, growing = verifiers(), tree.Growing()
    signed = {row.size: row for row in session().scalars(select(LogCheckpoint))}
    rows = session().execute(
        select(LogLeaf.place, LogLeaf.data)
        .order_by(LogLeaf.place)
        .execution_options(yield_per=BATCH)
    )
    for row in rows:
        if row.place != growing.size:
            yield f"leaf {growing.size} is missing"
            return
        growing.append(tree.leaf_hash(row.data.encode()))
        checkpoint = signed.pop(growing.size, None)
        if checkpoint and not _is_signed(checkpoint, known, growing):
            yield f"the tree of {growing.size} leaves is not the one that was signed"
            return
    for size in sorted(signed):
        yield f"a tree of {size} leaves was signed; {growing.size} are there"


def _is_signed(row: LogCheckpoint, known: Sequence[notes.Verifier], growing: tree.Growing) -> bool:
    for key in known:
        with suppress(notes.BadNote):
            said = notes.opened(row.note, key)
            return (said.size, said.root) == (row.size, row.root) == (growing.size, growing.root)
    return False


def _event_faults() -> Iterator[str]:
    rows = session().execute(
        select(
            CertificateEvent.id,
            CertificateEvent.certificate_id,
            CertificateEvent.kind,
            CertificateEvent.at,
            CertificateEvent.actor_id,
            CertificateEvent.reason,
            Certificate.digest,
            LogLeaf.data,
        )
        .join(Certificate, Certificate.id == CertificateEvent.certificate_id)
        .outerjoin(LogLeaf, LogLeaf.event_id == CertificateEvent.id)
        .order_by(CertificateEvent.certificate_id, CertificateEvent.id)
        .execution_options(yield_per=BATCH)
    )
    certificate, nth = 0, 0
    for row in rows:
        nth = nth + 1 if row.certificate_id == certificate else 1
        certificate = row.certificate_id
        event = Happened(row.digest, nth, row.kind, row.at, row.actor_id, row.reason)
        if row.data is None:
            yield f"event {row.id} is not in the log yet"
        elif row.data != leaf_text(event):
            yield f"event {row.id} is not what the log says of it"
    orphans = (
        select(LogLeaf.place)
        .outerjoin(CertificateEvent, CertificateEvent.id == LogLeaf.event_id)
        .where(CertificateEvent.id.is_(None))
    )
    for place in session().scalars(orphans):
        yield f"the event of leaf {place} is gone"
