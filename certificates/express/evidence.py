"""Everything stored that an answer to a check rests on, read by one statement.

An answer may be given again as long as this reads the same, byte for byte. Left out are the inner
hashes of the log's tree and its signed notes: they follow from what is here, and whether they
still do is looked at whenever an answer is drawn anew, every ten minutes (see ``memo``).
"""

from sqlalchemy import Dialect, Select, String, cast, func, literal_column, select
from sqlalchemy.sql.elements import ColumnElement

from certificates.log.models import LogCheckpoint, LogLeaf
from certificates.models import Certificate, CertificateEvent
from lms.core.doors import among
from lms.core.quick import Quick

_ROW = (
    "id", "code", "number", "source", "kind", "person_id", "holder_name", "issuer_id",
    "issuer_region", "rung", "title", "issued_on", "valid_to", "facts", "digest", "key_id", "seal",
)  # fmt: skip
# Written into the statement: sent along each time they cost more than the reading.
_NOTHING, _BETWEEN = literal_column("''", String), literal_column("'|'", String)
ID, CODE, DIGEST, KEY = (_ROW.index(name) for name in ("id", "code", "digest", "key_id"))


def statement(dialect: Dialect) -> Quick:
    """The reading, by ``keys`` (see ``lms.core.doors.Reader``); no row for a code that does not
    exist."""
    return Quick(_query().where(among(Certificate.__table__.c.code, dialect)), dialect)


def _query() -> Select[tuple[object, ...]]:
    happened = CertificateEvent.__table__.c
    events = _told(happened.id, happened.kind, happened.at, happened.actor_id, happened.reason)
    leaf = LogLeaf.__table__.c
    leaves = _told(leaf.place, leaf.event_id, leaf.data)
    successor = Certificate.__table__.alias("successor")
    return select(
        *(getattr(Certificate, name) for name in _ROW),
        select(events).where(happened.certificate_id == Certificate.id).label("events"),
        select(leaves).where(leaf.certificate_id == Certificate.id).label("leaves"),
        select(successor.c.number)
        .where(successor.c.supersedes_id == Certificate.id)
        .label("replaced_by"),
        select(func.max(LogCheckpoint.size)).label("checkpoint"),
    )


def _told(*columns: ColumnElement[object]) -> ColumnElement[str]:
    """Rows as one text. They are only ever added to, so no two states read the same."""
    first, *rest = (func.coalesce(cast(column, String), _NOTHING) for column in columns)
    told: ColumnElement[str] = first
    for part in rest:
        told = told + _BETWEEN + part
    return func.aggregate_strings(told, _BETWEEN)  # type: ignore[arg-type]
